//! From the symptom to the finding: services, targets, investigations.

use super::super::investigate::complaint_of;
use super::super::state::{AppState, Picker, Question, ReportState, ServiceView};
use super::super::{Effect, ExhaustionCommand, Page, exhaustion};
use crate::diagnosis::Target;
use crate::machine::Port;

/// Looks at the services.
pub fn look_at_services(state: &mut AppState) -> Vec<Effect> {
    let number = state.services.start(state.now, "Looking at the services");
    vec![Effect::LookAtServices(number)]
}

/// Forgets this check and begins a new one.
pub fn new_check(state: &mut AppState) -> Vec<Effect> {
    if state.run.is_busy() {
        return Vec::new();
    }
    forget(state);
    state.page = Page::Home;
    state.typed.clear();
    state.typed_problem = None;
    state.picker = Picker::default();
    state.toast = None;
    look_at_services(state)
}

/// Forgets what was found, done and reported.
pub fn forget(state: &mut AppState) {
    state.reached = 0;
    state.target = None;
    state.found.forget();
    state.opened = None;
    state.option = 0;
    state.run.forget();
    state.verifying.forget();
    state.report = ReportState::hiding(&state.settings.hide);
    state.question = None;
}

pub fn typed(state: &mut AppState, text: String) -> Vec<Effect> {
    state.typed = text;
    state.typed_problem = None;
    Vec::new()
}

pub fn check_typed(state: &mut AppState) -> Vec<Effect> {
    match Target::parse(&state.typed) {
        // Who names no port but only what does not work asks whether any port is left.
        Ok(Target::ErrorText(text)) if let Some(complaint) = complaint_of(&text) => {
            exhaustion::update::given(state, ExhaustionCommand::Ask(complaint))
        }
        Ok(target) => investigate(state, target),
        Err(error) => {
            state.typed_problem = Some(error.to_string());
            Vec::new()
        }
    }
}

pub fn check_service(state: &mut AppState, name: String) -> Vec<Effect> {
    state.picker.chosen = Some(name.clone());
    investigate(state, Target::Name(name))
}

pub fn check_chosen(state: &mut AppState) -> Vec<Effect> {
    match state.picker.chosen.clone() {
        Some(name) => check_service(state, name),
        None => Vec::new(),
    }
}

pub fn filter(state: &mut AppState, text: String) -> Vec<Effect> {
    state.picker.filter = text;
    keep_choice_visible(state);
    Vec::new()
}

pub fn view(state: &mut AppState, view: ServiceView) -> Vec<Effect> {
    state.picker.view = view;
    keep_choice_visible(state);
    Vec::new()
}

/// A service that the list no longer shows is no longer chosen; the first one that fails is, where none is.
pub fn keep_choice_visible(state: &mut AppState) {
    let shown = state.shown_services();
    let still = state.picker.chosen.as_ref().filter(|chosen| shown.iter().any(|service| &service.name == *chosen)).cloned();
    let first = shown.first().filter(|service| service.is_failing()).map(|service| service.name.clone());
    state.picker.chosen = still.or(first);
}

pub fn check_port(state: &mut AppState) -> Vec<Effect> {
    let Some(Question::OtherPort { text, .. }) = &state.question else { return Vec::new() };
    if let Ok(target @ Target::Port { .. }) = Target::parse(text) {
        state.question = None;
        return investigate(state, target);
    }
    let problem = Some("A port is a number from 1 to 65535, alone or with /tcp or /udp".to_owned());
    state.question = Some(Question::OtherPort { text: text.clone(), problem });
    Vec::new()
}

/// Looks into a port.
pub fn check_port_number(state: &mut AppState, port: Port) -> Vec<Effect> {
    investigate(state, Target::Port { port, protocol: None })
}

pub fn investigate_again(state: &mut AppState) -> Vec<Effect> {
    match state.target.clone() {
        Some(target) => {
            let page = state.page;
            let effects = investigate(state, target);
            state.page = if matches!(page, Page::Fix | Page::Apply) { Page::Owner } else { page };
            state.reached = 0;
            effects
        }
        None => Vec::new(),
    }
}

/// Begins a check of `target`.
pub fn investigate(state: &mut AppState, target: Target) -> Vec<Effect> {
    if state.run.is_busy() {
        return Vec::new();
    }
    state.run.forget();
    state.verifying.forget();
    state.report = ReportState::hiding(&state.settings.hide);
    state.option = 0;
    state.opened = None;
    if state.target.as_ref() != Some(&target) {
        state.found.forget();
    }
    state.page = Page::Port;
    state.reached = 0;
    let number = state.found.start(state.now, "Asking the system");
    state.target = Some(target.clone());
    vec![Effect::Investigate(number, target)]
}
