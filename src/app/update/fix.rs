//! From the plan to the proof, and back: apply, verify, undo.

use super::super::state::{AppState, Question};
use super::super::{Effect, Page};
use super::report;
use crate::remedy::{Risk, UndoMode};

pub fn apply(state: &mut AppState) -> Vec<Effect> {
    let Some(option) = state.chosen_option() else { return Vec::new() };
    if state.run.is_busy() || state.is_locked() {
        return Vec::new();
    }
    if option.is_by_hand() {
        return verify(state);
    }
    if option.risk == Risk::High {
        state.question = Some(Question::HighRisk);
        return Vec::new();
    }
    apply_now(state)
}

pub fn apply_now(state: &mut AppState) -> Vec<Effect> {
    state.question = None;
    let (Some(case), Some(option)) = (state.case(), state.chosen_option()) else { return Vec::new() };
    if state.run.is_busy() || state.is_locked() {
        return Vec::new();
    }
    let mut case = Box::new(case.clone());
    let steps = option.steps.len();
    let asks = state.will_ask();
    case.chosen = Some(state.option);
    let number = state.run.start(state.now, steps, asks);
    state.page = Page::Apply;
    vec![Effect::Apply(number, case, state.option)]
}

pub fn stop(state: &mut AppState) -> Vec<Effect> {
    if !state.run.is_busy() {
        return Vec::new();
    }
    state.run.stopping = true;
    vec![Effect::StopRun]
}

pub fn verify(state: &mut AppState) -> Vec<Effect> {
    if state.run.is_busy() || state.verifying.busy().is_some() {
        return Vec::new();
    }
    let option = state.option;
    let Some(found) = state.found.value_mut() else { return Vec::new() };
    if found.case.chosen.is_none() {
        found.case.chosen = Some(option);
    }
    let found = Box::new(found.clone());
    let number = state.verifying.start(state.now, "Looking again");
    state.page = Page::Verify;
    vec![Effect::Verify(number, found)]
}

/// Waits no longer for the service.
pub fn stop_waiting(state: &AppState) -> Vec<Effect> {
    if state.verifying.busy().is_some() { vec![Effect::StopWaiting] } else { Vec::new() }
}

pub fn read_history(state: &mut AppState) -> Vec<Effect> {
    let number = state.history.start(state.now, "Reading the journal");
    let mut effects = read_outlook(state);
    effects.push(Effect::ReadHistory(number));
    effects.extend(read_recorded(state));
    effects
}

/// Reads what the recorder has seen.
pub fn read_recorded(state: &mut AppState) -> Vec<Effect> {
    let number = state.recorded.start(state.now, "Reading what the recorder has seen");
    vec![Effect::ReadRecorded(number)]
}

/// Looks how the changes stand that shall outlive a restart.
pub fn read_outlook(state: &mut AppState) -> Vec<Effect> {
    let number = state.outlook.start(state.now, "Looking at what shall outlive a restart");
    vec![Effect::ReadOutlook(number)]
}

/// Asks whether a change shall be taken back, once it is known what that would do.
pub fn ask_undo(state: &mut AppState, entry: String) -> Vec<Effect> {
    state.question = Some(Question::Undo(entry.clone()));
    state.way_back.forget();
    let number = state.way_back.start(state.now, "Working out the way back");
    vec![Effect::PlanUndo(number, entry)]
}

pub fn undo(state: &mut AppState, entry: String, mode: UndoMode) -> Vec<Effect> {
    state.question = None;
    let Some(seen) = state.way_back.value().map(|way| way.seen.clone()) else { return Vec::new() };
    if state.run.is_busy() || state.undoing.busy().is_some() {
        return Vec::new();
    }
    let number = state.undoing.start(state.now, "Taking it back");
    vec![Effect::Undo { number, entry, mode, seen }]
}

/// Notes how the run ended, from what the Case says of it.
pub fn ended(state: &mut AppState) {
    let Some(found) = state.found.value() else { return };
    state.run.end(&found.case);
    report::fill(state);
}
