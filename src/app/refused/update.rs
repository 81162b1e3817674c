//! How the Refused page changes.

use super::command::{RefusedCommand, RefusedEffect, RefusedEvent};
use crate::app::state::AppState;
use crate::app::update::{check, copied, export};
use crate::app::{Effect, Page};
use crate::diagnosis::connect::{Wanted, WantedError};
use crate::report::{Format, report};

/// Does what the user asks for.
pub fn given(state: &mut AppState, command: RefusedCommand) -> Vec<Effect> {
    match command {
        RefusedCommand::Type(text) => typed(state, text),
        RefusedCommand::Ask(text) => {
            typed(state, text);
            state.page = Page::Refused;
        }
        RefusedCommand::Check => return check(state),
        RefusedCommand::Stop if state.refused.look.busy().is_some() => {
            state.refused.stopping = true;
            return vec![Effect::Refused(RefusedEffect::Stop)];
        }
        RefusedCommand::Stop => {}
        RefusedCommand::Diagnose => {
            let service = state.refused.look.value().and_then(|found| found.verdict.diagnose.clone());
            return service.map_or_else(Vec::new, |service| check::check_service(state, service));
        }
        RefusedCommand::Copy => {
            let text = state.refused.look.value().map(|found| report(&found.case(), Format::Markdown, &state.report.hide).text);
            return text.map_or_else(Vec::new, |text| copied(state, text));
        }
        RefusedCommand::Save => return export::checklist(state),
    }
    Vec::new()
}

/// A practice machine whose story is about a connection fills in the field.
pub fn opened(state: &mut AppState) {
    let story = state.practice.as_ref().and_then(|practice| practice.connect.clone());
    if let Some(story) = story.filter(|_| state.refused.typed.is_empty()) {
        typed(state, story);
    }
}

fn typed(state: &mut AppState, text: String) {
    state.refused.typed = text;
    state.refused.typed_problem = None;
}

/// Runs the checklist for what stands in the field.
pub fn check(state: &mut AppState) -> Vec<Effect> {
    if state.refused.look.busy().is_some() {
        return Vec::new();
    }
    match wanted(state) {
        Ok(wanted) => {
            let own = &mut state.refused;
            own.asked = own.typed.trim().to_owned();
            own.typed_problem = None;
            own.stopping = false;
            own.so_far = None;
            let number = own.look.start(state.now, "Looking at this computer");
            vec![Effect::Refused(RefusedEffect::Check(number, Box::new(wanted)))]
        }
        Err(error) => {
            state.refused.typed_problem = Some(error.to_string());
            Vec::new()
        }
    }
}

/// What was typed; a word alone may name a service of this computer.
fn wanted(state: &AppState) -> Result<Wanted, WantedError> {
    let typed = state.refused.typed.trim();
    let read = Wanted::read(typed);
    let Some(host) = state.host().filter(|_| matches!(read, Err(WantedError::NoPort(_)))) else { return read };
    let services = state.services.value().map(|services| services.list.as_slice()).unwrap_or_default();
    let is_called = |name: &str| name.eq_ignore_ascii_case(typed) || name.strip_suffix(".service") == Some(typed);
    match services.iter().find(|service| is_called(&service.name)) {
        Some(service) => Wanted::parse(&host.name, Some(&service.name)),
        None => read,
    }
}

/// Takes an answer of a worker.
pub fn arrived(state: &mut AppState, event: RefusedEvent) {
    let own = &mut state.refused;
    match event {
        RefusedEvent::Progress(number, so_far) => {
            if own.look.progress(number, so_far.checking.as_str().to_owned()) {
                own.so_far = Some(*so_far);
            }
        }
        RefusedEvent::Checked(number, answer) => {
            if own.look.finish(state.now, number, answer) {
                own.so_far = None;
                own.stopping = false;
            }
        }
    }
}
