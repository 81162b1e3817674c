//! The steps of the wizard as the side bar shows them: how far each is, its answer, and whether one can go there.

use super::run::Stage;
use super::state::AppState;
use super::{Opened, Page};
use crate::case::Case;
use crate::diagnosis::Cause;
use crate::machine::visible;
use crate::remedy::{CheckOutcome, Outcome};

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Not reached.
    ToDo,
    /// The page that shows.
    Now,
    /// Works.
    Busy,
    /// Answered.
    Done,
    /// Answered, and no longer open because something was applied.
    Locked,
    /// Could not be answered.
    CouldNot,
}

impl Mark {
    /// The word for screen readers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ToDo => "to do",
            Self::Now => "current",
            Self::Busy => "working",
            Self::Done => "done",
            Self::Locked => "locked, changes were applied",
            Self::CouldNot => "could not",
        }
    }
}

/// A step of the side bar.
#[derive(Debug, Clone)]
pub struct StepView {
    /// The page.
    pub page: Page,
    /// How far it is.
    pub mark: Mark,
    /// Whether it is the page that shows.
    pub current: bool,
    /// Its answer, where it has one.
    pub answer: Option<String>,
    /// Whether one can go there now.
    pub open: bool,
}

/// All steps.
pub fn steps(state: &AppState) -> Vec<StepView> {
    Page::STEPS.into_iter().map(|page| step(state, page)).collect()
}

fn step(state: &AppState, page: Page) -> StepView {
    let current = state.page == page;
    let answer = answer(state, page).filter(|_| page.step().is_some_and(|step| step <= state.reached));
    let done = answer.is_some();
    let mark = if busy(state, page) {
        Mark::Busy
    } else if could_not(state, page) {
        Mark::CouldNot
    } else if is_shut(state, page) && done {
        Mark::Locked
    } else if current {
        Mark::Now
    } else if done {
        Mark::Done
    } else {
        Mark::ToDo
    };
    StepView {
        page,
        mark,
        current,
        answer: if current && !could_not(state, page) { None } else { answer },
        open: is_open(state, page),
    }
}

/// Whether something was applied since this step was answered.
pub fn is_shut(state: &AppState, page: Page) -> bool {
    state.is_locked() && matches!(page, Page::Service | Page::Port | Page::Owner | Page::Fix)
}

/// Whether one can go to a page now.
pub fn is_open(state: &AppState, page: Page) -> bool {
    if state.run.is_busy() {
        return page == Page::Apply;
    }
    if is_shut(state, page) {
        return false;
    }
    match page {
        Page::Home
        | Page::Service
        | Page::Ports
        | Page::Ranges
        | Page::Exhaustion
        | Page::Refused
        | Page::History
        | Page::Practice => true,
        Page::Evidence => matches!(state.opened, Some(Opened::Evidence(_))),
        Page::Port => state.target.is_some() || state.opened.is_some(),
        Page::Owner => state.found.value().is_some() || (state.found.problem().is_some() && state.target.is_some()),
        Page::Fix => state.case().is_some_and(|case| !case.plan.options.is_empty()),
        Page::Apply => state.run.stage != Stage::Idle,
        Page::Verify => {
            state.case().is_some_and(|case| case.verification.is_some())
                || state.verifying.busy().is_some()
                || state.verifying.problem().is_some()
        }
        Page::Report => state.case().is_some(),
    }
}

const fn busy(state: &AppState, page: Page) -> bool {
    match page {
        Page::Port => state.found.busy().is_some(),
        Page::Apply => state.run.is_busy(),
        Page::Verify => state.verifying.busy().is_some(),
        _ => false,
    }
}

fn could_not(state: &AppState, page: Page) -> bool {
    match page {
        Page::Port => state.found.problem().is_some(),
        Page::Owner => state.case().is_some_and(|case| case.verdict.cause == Cause::Unknown),
        Page::Apply => matches!(state.run.stage, Stage::Stopped | Stage::Declined | Stage::CouldNotBegin),
        Page::Verify => {
            state.verifying.problem().is_some()
                || verification(state).is_some_and(|outcome| matches!(outcome, Outcome::NotFixed | Outcome::CouldNotCheck))
        }
        _ => false,
    }
}

fn verification(state: &AppState) -> Option<Outcome> {
    Some(state.case()?.verification.as_ref()?.outcome)
}

fn answer(state: &AppState, page: Page) -> Option<String> {
    if page == Page::Port && state.found.problem().is_some() {
        return Some("Could not look".to_owned());
    }
    let case = state.case()?;
    let answer = match page {
        Page::Service => {
            case.target.product.clone().or_else(|| case.target.service.clone()).unwrap_or_else(|| "No service named".to_owned())
        }
        Page::Port => port_answer(case),
        Page::Owner => owner_answer(case),
        Page::Fix if state.run.stage != Stage::Idle => state.chosen_option()?.title.clone(),
        Page::Apply => apply_answer(state)?,
        Page::Verify => verify_answer(case)?,
        Page::Fix
        | Page::Report
        | Page::Home
        | Page::Ports
        | Page::Ranges
        | Page::Exhaustion
        | Page::Refused
        | Page::History
        | Page::Practice
        | Page::Evidence => return None,
    };
    Some(visible(&answer))
}

fn port_answer(case: &Case) -> String {
    let Some(port) = case.target.port else { return "No port known".to_owned() };
    let protocol = case.target.protocol.map(|protocol| format!(" {protocol}")).unwrap_or_default();
    let from = case.target.port_known_from.map(|from| format!(", from {}", from.as_str())).unwrap_or_default();
    format!("{port}{protocol}{from}")
}

fn owner_answer(case: &Case) -> String {
    match case.owners.first() {
        _ if case.verdict.cause == Cause::Unknown => "Could not tell".to_owned(),
        Some(owner) => owner.service.clone().or_else(|| owner.process.clone()).unwrap_or_else(|| "Not seen".to_owned()),
        None => "Nobody".to_owned(),
    }
}

fn apply_answer(state: &AppState) -> Option<String> {
    let done = state.run.done();
    Some(match state.run.stage {
        Stage::Idle | Stage::Waiting | Stage::Running => return None,
        Stage::Done if done == 1 => "1 step done".to_owned(),
        Stage::Done => format!("{done} steps done"),
        Stage::Stopped => format!("{done} of {} steps done", state.run.steps.len()),
        Stage::Declined => "Declined".to_owned(),
        Stage::CouldNotBegin => "Could not begin".to_owned(),
    })
}

fn verify_answer(case: &Case) -> Option<String> {
    let proof = case.verification.as_ref()?;
    let passed = proof.checks.iter().filter(|check| check.outcome == CheckOutcome::Passed).count();
    let counted = proof.checks.iter().filter(|check| check.outcome != CheckOutcome::Remark).count();
    Some(match proof.outcome {
        Outcome::Fixed => format!("{}, {passed} of {counted} checks", Outcome::Fixed),
        outcome => outcome.to_string(),
    })
}
