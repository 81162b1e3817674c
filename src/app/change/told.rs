//! The proof of a change that no look at ports shows: the system's own answer.

use crate::platform::Platform;
use crate::remedy::{
    Check, CheckOutcome, Operation, OperationState, Outcome, StepRecord, TraceState, Verification, brought_about,
};

/// Whether only an answer of the system tells that this was done.
pub(super) const fn is_told(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::InstallTask { .. } | Operation::RemoveTask { .. } | Operation::StartTrace | Operation::StopTrace
    )
}

/// Asks the system once more. What it tells to administrators only, the helper has read.
pub(super) fn prove(platform: &dyn Platform, operation: &Operation, done: Option<&StepRecord>) -> Verification {
    let before = done.and_then(|record| record.before.as_ref()).map_or_else(|| "not known".to_owned(), ToString::to_string);
    let seen_by_helper = done.and_then(|record| record.after.clone());
    let now = platform.state_of(operation).map(|state| match (state, seen_by_helper) {
        (OperationState::Trace { now: TraceState::NotTold }, Some(seen)) => seen,
        (state, _) => state,
    });
    let (now, outcome) = match now {
        Ok(state) if operation.is_reached_in(&state) => (state.to_string(), CheckOutcome::Passed),
        Ok(state) => (state.to_string(), CheckOutcome::Failed),
        Err(error) => (error.to_string(), CheckOutcome::CouldNotCheck),
    };
    let (outcome_of_all, words) = match outcome {
        CheckOutcome::Passed => (Outcome::Fixed, brought_about(operation).unwrap_or_else(|| operation.to_string())),
        CheckOutcome::Failed => (Outcome::NotFixed, now.clone()),
        CheckOutcome::CouldNotCheck | CheckOutcome::Remark => (Outcome::CouldNotCheck, now.clone()),
    };
    let source = match operation {
        Operation::StartTrace | Operation::StopTrace => "netsh trace show status",
        _ => "the system's service manager",
    };
    let check = Check { what: operation.to_string(), before, now, outcome, source: source.to_owned() };
    Verification { outcome: outcome_of_all, headline: format!("{outcome_of_all}: {words}"), checks: vec![check] }
}
