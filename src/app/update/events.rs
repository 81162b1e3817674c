//! Answers of workers. One to a question that is no longer asked is dropped.

use super::super::event::Event;
use super::super::state::{AppState, Services, Toast};
use super::super::{Effect, Investigation, Page, RunProgress, change, exhaustion, ports, ranges, refused, saved};
use super::{check, export, fix, report};
use crate::case::Case;
use crate::machine::Snapshot;

pub fn arrived(state: &mut AppState, event: Event) -> Vec<Effect> {
    match event {
        Event::Services(number, answer) => services(state, number, answer),
        Event::Ranges(number, answer) => ranges::update::arrived(state, number, answer),
        Event::Audited(number, answer) => ranges::update::audited(state, number, answer),
        Event::Investigating(number, doing) => {
            state.found.progress(number, doing);
        }
        Event::Investigated(number, answer) => return investigated(state, number, answer),
        Event::RunProgress(number, progress) if number == state.run.number => run_progress(state, progress),
        Event::RunEnded(number, answer) if number == state.run.number => run_ended(state, answer),
        Event::RunProgress(..) | Event::RunEnded(..) => {}
        Event::Change(event) => return change::update::arrived(state, event),
        Event::Verifying(number, doing) => {
            state.verifying.progress(number, doing);
        }
        Event::Verified(number, answer) => {
            verified(state, number, answer);
            return fix::read_outlook(state);
        }
        Event::PathChosen(chosen) => report::path_chosen(state, chosen),
        Event::ReportSaved(answer) => report::saved(state, answer),
        Event::Saved(event) => return saved::arrived(state, event),
        Event::NotKept(why) => {
            state.toast = Some(Toast { good: false, text: why, action: None, since: state.now });
        }
        Event::SystemTheme(dark) => state.system_is_dark = dark,
        Event::SettingsSaved(saved) => {
            if let Err(why) = saved {
                let text = format!("The settings are not kept: {why}");
                state.toast = Some(Toast { good: false, text, action: None, since: state.now });
            }
        }
        Event::Ports(number, answer) => return ports::arrived(state, number, answer),
        Event::PortsArranged(number, answer) => ports::arrangement_arrived(state, number, answer),
        Event::Exhaustion(event) => exhaustion::update::arrived(state, event),
        Event::Refused(event) => refused::update::arrived(state, event),
        Event::History(number, answer) => {
            state.history.finish(state.now, number, answer);
        }
        Event::Outlook(number, answer) => {
            state.outlook.finish(state.now, number, answer);
        }
        Event::Recorded(number, answer) => {
            state.recorded.finish(state.now, number, answer);
        }
        Event::TablesSaved(name, answer) => export::saved(state, name, answer),
        Event::UndoPlanned(number, answer) => {
            state.way_back.finish(state.now, number, answer.map(|way| *way));
        }
        Event::Undone(number, answer) => return undone(state, number, answer),
    }
    Vec::new()
}

fn services(state: &mut AppState, number: u64, answer: Result<Box<Snapshot>, String>) {
    let answer = answer.map(|snapshot| {
        let mut list = snapshot.services;
        list.sort_by_cached_key(|service| {
            (!service.is_failing(), service.failure.is_none(), service.display_name().to_lowercase())
        });
        Services { list, gaps: snapshot.gaps, host: snapshot.host }
    });
    if state.services.finish(state.now, number, answer) {
        check::keep_choice_visible(state);
        ranges::update::refresh(state);
    }
}

/// What the recorder has seen of the port is shown beside the finding.
fn investigated(state: &mut AppState, number: u64, answer: Result<Box<Investigation>, String>) -> Vec<Effect> {
    if state.found.finish(state.now, number, answer.map(|found| *found)) {
        let options = state.case().map(|case| case.plan.options.as_slice()).unwrap_or_default();
        state.option = options.iter().position(|option| option.recommended).unwrap_or(0);
        report::fill(state);
        return fix::read_recorded(state);
    }
    Vec::new()
}

fn run_progress(state: &mut AppState, progress: RunProgress) {
    let now = state.now;
    match progress {
        RunProgress::Approved { user } => state.run.approved(now, user),
        RunProgress::StepStarted(index) => state.run.step_started(now, index),
        RunProgress::StepFinished(index, record) => state.run.step_finished(now, index, *record),
    }
}

fn run_ended(state: &mut AppState, answer: Result<Box<Case>, String>) {
    match answer {
        Ok(case) => {
            keep(state, *case);
            fix::ended(state);
        }
        Err(problem) => state.run.broke(problem),
    }
}

fn verified(state: &mut AppState, number: u64, answer: Result<Box<Investigation>, String>) {
    match answer {
        Ok(found) => {
            if state.verifying.finish(state.now, number, Ok(())) {
                keep(state, found.case);
                report::fill(state);
            }
        }
        Err(problem) => {
            state.verifying.finish(state.now, number, Err(problem));
        }
    }
}

fn keep(state: &mut AppState, case: Case) {
    if let Some(found) = state.found.value_mut() {
        found.case = case;
    }
}

fn undone(state: &mut AppState, number: u64, answer: Result<String, String>) -> Vec<Effect> {
    let (good, text) = match &answer {
        Ok(text) => (true, text.clone()),
        Err(text) => (false, text.clone()),
    };
    if !state.undoing.finish(state.now, number, answer) {
        return Vec::new();
    }
    state.toast = Some(Toast { good, text, action: None, since: state.now });
    if state.page == Page::History { fix::read_history(state) } else { ranges::update::changed(state) }
}
