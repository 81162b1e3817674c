//! How the Exhaustion page changes.

use super::command::{ExhaustionCommand, ExhaustionEffect, ExhaustionEvent};
use super::sampling::Sampling;
use crate::app::state::AppState;
use crate::app::update::{check, export, report};
use crate::app::{Busy, Effect, Investigation, Page, is_changing};

/// Begins to look where the page shows now. Where it does not, looking ends, unless the user keeps it going.
pub fn page_changed(state: &mut AppState, before: Page) -> Vec<Effect> {
    let own = &state.exhaustion;
    match (before == Page::Exhaustion, state.page == Page::Exhaustion) {
        (false, true) if own.paused.is_none() && !own.sampling => look(state, true),
        (true, false) if !own.keep => stop(state),
        _ => Vec::new(),
    }
}

/// Looks now, and goes on where it is live.
pub fn look_again(state: &mut AppState) -> Vec<Effect> {
    let live = state.exhaustion.paused.is_none();
    look(state, live)
}

fn look(state: &mut AppState, live: bool) -> Vec<Effect> {
    let own = &mut state.exhaustion;
    own.number += 1;
    own.problem = None;
    own.sampling = live;
    own.busy = Some(Busy { since: state.now, doing: "Reading the socket table".to_owned() });
    let what = Sampling { number: own.number, monitor: own.monitor.clone(), every: own.every, live };
    vec![Effect::Exhaustion(ExhaustionEffect::Sample(what))]
}

fn stop(state: &mut AppState) -> Vec<Effect> {
    state.exhaustion.sampling = false;
    state.exhaustion.busy = None;
    vec![Effect::Exhaustion(ExhaustionEffect::Stop)]
}

/// Does what the user asks for.
pub fn given(state: &mut AppState, command: ExhaustionCommand) -> Vec<Effect> {
    let shows = state.page == Page::Exhaustion;
    let own = &mut state.exhaustion;
    match command {
        ExhaustionCommand::Live(true) => {
            own.paused = None;
            return look(state, true);
        }
        ExhaustionCommand::Live(false) => {
            own.paused = Some(state.now);
            return stop(state);
        }
        ExhaustionCommand::Every(every) => {
            own.every = every;
            if own.sampling {
                return look(state, true);
            }
        }
        ExhaustionCommand::Keep(keep) => own.keep = keep,
        ExhaustionCommand::Away(_) if own.keep || own.paused.is_some() || !shows => {}
        ExhaustionCommand::Away(true) => return stop(state),
        ExhaustionCommand::Away(false) => return look(state, true),
        ExhaustionCommand::Span(span) => own.span = span,
        ExhaustionCommand::Range(protocol, family) => own.chosen = Some((protocol, family)),
        ExhaustionCommand::SortBy(column) => own.sort = own.sort.pressed(column),
        ExhaustionCommand::Fix => fix(state),
        ExhaustionCommand::Save => return export::samples(state),
    }
    Vec::new()
}

/// Shows the answer on the pages of the wizard, in the place of what was checked before.
fn fix(state: &mut AppState) {
    let Some(latest) = state.exhaustion.latest.clone() else { return };
    if is_changing(state) || latest.case.plan.options.is_empty() {
        return;
    }
    check::forget(state);
    let case = latest.case.clone();
    let number = state.found.start(state.now, "");
    state.option = case.plan.options.iter().position(|option| option.recommended).unwrap_or(0);
    let snapshot = case.snapshot();
    state.found.finish(state.now, number, Ok(Investigation { case, snapshot }));
    report::fill(state);
    state.page = Page::Fix;
}

/// Takes an answer of a worker.
pub fn arrived(state: &mut AppState, event: ExhaustionEvent) {
    match event {
        ExhaustionEvent::Seen(number, answer) if number == state.exhaustion.number => {
            let own = &mut state.exhaustion;
            own.busy = None;
            match answer {
                Ok(latest) => (own.latest, own.problem) = (Some(latest), None),
                Err(problem) => own.problem = Some(problem),
            }
        }
        ExhaustionEvent::Seen(..) => {}
    }
}
