//! The proof that a task is there or gone: the system's own answer, since no look at ports shows it.

use crate::platform::Platform;
use crate::remedy::{Check, CheckOutcome, Operation, Outcome, StepRecord, Verification, brought_about};

/// Asks the system for the task once more.
pub(super) fn prove(platform: &dyn Platform, operation: &Operation, done: Option<&StepRecord>) -> Verification {
    let before = done.and_then(|record| record.before.as_ref()).map_or_else(|| "not known".to_owned(), ToString::to_string);
    let (now, outcome) = match platform.state_of(operation) {
        Ok(state) if operation.is_reached_in(&state) => (state.to_string(), CheckOutcome::Passed),
        Ok(state) => (state.to_string(), CheckOutcome::Failed),
        Err(error) => (error.to_string(), CheckOutcome::CouldNotCheck),
    };
    let (outcome_of_all, words) = match outcome {
        CheckOutcome::Passed => (Outcome::Fixed, brought_about(operation).unwrap_or_else(|| operation.to_string())),
        CheckOutcome::Failed => (Outcome::NotFixed, now.clone()),
        CheckOutcome::CouldNotCheck | CheckOutcome::Remark => (Outcome::CouldNotCheck, now.clone()),
    };
    let check = Check { what: operation.to_string(), before, now, outcome, source: "the system's service manager".to_owned() };
    Verification { outcome: outcome_of_all, headline: format!("{outcome_of_all}: {words}"), checks: vec![check] }
}
