//! From the wish for a change to its proof.

use super::{AskedChange, ChangeCommand, ChangeEffect, ChangeEvent, Wish};
use crate::app::ranges::update as ranges;
use crate::app::state::{AppState, Question, Toast, ToastAction};
use crate::app::{Effect, Page, RunProgress, ports, update};
use crate::machine::Port;
use crate::remedy::{FixOption, Operation};

/// The user did something.
pub fn command(state: &mut AppState, command: ChangeCommand) -> Vec<Effect> {
    match command {
        ChangeCommand::Ask(wish) => ask(state, wish),
        ChangeCommand::Make => make(state),
        ChangeCommand::Stop => stop(state),
        ChangeCommand::CopyCommands => copy_commands(state),
        ChangeCommand::CheckPort(port) => check_port(state, port),
    }
}

/// A worker answered.
pub fn arrived(state: &mut AppState, event: ChangeEvent) -> Vec<Effect> {
    let current = state.change.run.number;
    match event {
        ChangeEvent::Prepared(number, answer) => {
            state.change.asked.finish(state.now, number, answer.map(|asked| *asked));
        }
        ChangeEvent::Progress(number, progress) if number == current => progressed(state, progress),
        ChangeEvent::Checking(number) if number == current => state.change.checking = true,
        ChangeEvent::Ended(number, answer) if number == current => return ended(state, answer),
        ChangeEvent::Progress(..) | ChangeEvent::Checking(..) | ChangeEvent::Ended(..) => {}
    }
    Vec::new()
}

/// The user wants the dialog gone. While the step runs it stays: what happens to the computer must be seen.
pub fn close(state: &mut AppState) -> Vec<Effect> {
    if state.change.is_busy() {
        return stop(state);
    }
    state.question = None;
    state.change.forget();
    Vec::new()
}

fn ask(state: &mut AppState, wish: Wish) -> Vec<Effect> {
    if state.run.is_busy() || state.change.is_busy() {
        return Vec::new();
    }
    state.change.forget();
    state.toast = None;
    state.question = Some(Question::Change);
    let number = state.change.asked.start(state.now, "Looking at what this would change");
    vec![Effect::Change(ChangeEffect::Prepare(number, wish))]
}

fn make(state: &mut AppState) -> Vec<Effect> {
    let asks = state.change.will_ask();
    let Some(asked) = state.change.asked.value() else { return Vec::new() };
    if asked.refusal.is_some() || state.change.is_busy() || state.run.is_busy() {
        return Vec::new();
    }
    let mut asked = Box::new(asked.clone());
    // A second try begins like the first one.
    asked.case.outcome = None;
    asked.case.message = None;
    asked.case.steps.clear();
    let steps = asked.operations().count();
    let number = state.change.run.start(state.now, steps, asks);
    vec![Effect::Change(ChangeEffect::Make(number, asked))]
}

fn stop(state: &mut AppState) -> Vec<Effect> {
    if !state.change.run.is_busy() {
        return Vec::new();
    }
    state.change.run.stopping = true;
    vec![Effect::StopRun]
}

fn progressed(state: &mut AppState, progress: RunProgress) {
    let now = state.now;
    let run = &mut state.change.run;
    match progress {
        RunProgress::Approved { user } => run.approved(now, user),
        RunProgress::StepStarted(index) => run.step_started(now, index),
        RunProgress::StepFinished(index, record) => run.step_finished(now, index, *record),
    }
}

fn ended(state: &mut AppState, answer: Result<Box<AskedChange>, String>) -> Vec<Effect> {
    state.change.checking = false;
    match answer {
        Ok(asked) => {
            state.change.run.end(&asked.case);
            if let Some(own) = state.change.asked.value_mut() {
                *own = *asked;
            }
        }
        Err(problem) => state.change.run.broke(problem),
    }
    if !state.change.is_proven() {
        // Another question may have come over it: what became of the change must be seen.
        state.question = Some(Question::Change);
        return looked_at_again(state);
    }
    let text = state.change.asked.value().map_or_else(|| "Done".to_owned(), AskedChange::brought_about);
    let entry = state.change.case().and_then(|case| case.journal_entry.clone());
    let entry = entry.filter(|_| can_be_undone(state));
    state.toast = Some(Toast { good: true, text, action: entry.map(ToastAction::Undo), since: state.now });
    if state.question == Some(Question::Change) {
        state.question = None;
    }
    state.change.forget();
    looked_at_again(state)
}

fn can_be_undone(state: &AppState) -> bool {
    state.change.asked.value().is_some_and(|asked| asked.operations().any(Operation::can_be_taken_back))
}

/// Pages that show what may have changed look again.
fn looked_at_again(state: &mut AppState) -> Vec<Effect> {
    match state.page {
        Page::History => update::fix::read_history(state),
        Page::Home | Page::Verify => update::fix::read_outlook(state),
        Page::Ports => ports::look_again(state),
        Page::Port | Page::Owner => update::fix::read_recorded(state),
        _ => ranges::changed(state),
    }
}

fn copy_commands(state: &mut AppState) -> Vec<Effect> {
    let option = state.change.case().and_then(|case| case.plan.options.first());
    let text: String = option.into_iter().flat_map(FixOption::commands).flat_map(|command| [command, "\n"]).collect();
    if text.is_empty() { Vec::new() } else { update::copied(state, text) }
}

fn check_port(state: &mut AppState, port: Port) -> Vec<Effect> {
    state.question = None;
    state.change.forget();
    update::check::check_port_number(state, port)
}
