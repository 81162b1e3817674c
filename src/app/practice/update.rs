//! What follows from an action about practising.

use super::super::state::{AppState, Toast};
use super::super::update::is_changing;
use super::super::{Effect, Page};
use super::PracticeCommand;
use crate::platform::practice::Machine;

/// Reads the machines that come with the program when the page opens: small texts within the executable.
pub fn opened(state: &mut AppState) {
    let choice = &mut state.practising;
    match Machine::all() {
        Ok(machines) => (choice.machines, choice.problem) = (machines, None),
        Err(error) => choice.problem = Some(error.to_string()),
    }
    if choice.chosen_machine().is_none() {
        choice.chosen = choice.machines.first().map(|machine| machine.name.clone());
    }
}

pub fn given(state: &mut AppState, command: PracticeCommand) -> Vec<Effect> {
    match command {
        PracticeCommand::Choose(name) => state.practising.chosen = Some(name),
        PracticeCommand::Turn(turn) => state.practising.turn = turn,
        PracticeCommand::Step(step) => state.practising.set_step(step),
        PracticeCommand::Begin => return begin(state),
        PracticeCommand::Leave if is_changing(state) => {
            let text = "Steps still run. Wait until they have ended".to_owned();
            state.toast = Some(Toast { good: false, text, action: None, since: state.now });
        }
        PracticeCommand::Leave => return vec![Effect::UseLiveComputer],
    }
    Vec::new()
}

fn begin(state: &AppState) -> Vec<Effect> {
    let Some(machine) = state.practising.chosen_machine().filter(|_| !is_changing(state)) else { return Vec::new() };
    let behaviour = state.practising.turn.behaviour(machine, state.practising.step());
    vec![Effect::Practise(Box::new(machine.clone()), behaviour)]
}

/// The state of a window that turns to another computer: all that was found out about the one before is forgotten, what the user chose stays.
pub fn turned_to_another_computer(state: &AppState) -> AppState {
    let mut fresh = AppState::new(state.now, state.zone.clone(), state.settings.clone());
    fresh.practising = state.practising.clone();
    fresh.system_is_dark = state.system_is_dark;
    fresh.page = Page::Home;
    fresh
}
