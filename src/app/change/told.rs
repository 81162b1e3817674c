//! The proof of a change that no look at ports shows: the system's own answer.

use crate::platform::{Platform, PlatformError};
use crate::remedy::{
    Check, CheckOutcome, Operation, OperationState, Outcome, StepRecord, TraceState, Verification, brought_about,
};

const NOT_TOLD: OperationState = OperationState::Trace { now: TraceState::NotTold };

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
    let (now, outcome) = answer(operation, platform.state_of(operation), seen_by_helper);
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

/// What there is now, in words, and whether it is what was wished.
fn answer(
    operation: &Operation,
    now: Result<OperationState, PlatformError>,
    seen_by_helper: Option<OperationState>,
) -> (String, CheckOutcome) {
    match now.map(|state| if state == NOT_TOLD { seen_by_helper.unwrap_or(state) } else { state }) {
        Ok(NOT_TOLD) => (NOT_TOLD.to_string(), CheckOutcome::CouldNotCheck),
        Ok(state) if operation.is_reached_in(&state) => (state.to_string(), CheckOutcome::Passed),
        Ok(state) => (state.to_string(), CheckOutcome::Failed),
        Err(error) => (error.to_string(), CheckOutcome::CouldNotCheck),
    }
}

#[cfg(test)]
mod tests {
    use super::{NOT_TOLD, answer};
    use crate::remedy::{CheckOutcome, Operation, OperationState, TraceState};

    const RUNS: OperationState = OperationState::Trace { now: TraceState::Running };
    const OFF: OperationState = OperationState::Trace { now: TraceState::Off };

    #[test]
    fn what_only_administrators_are_told_the_helper_has_read_or_nobody_knows() {
        let of = |now: &OperationState, seen: Option<OperationState>| answer(&Operation::StartTrace, Ok(now.clone()), seen).1;
        assert_eq!(of(&NOT_TOLD, Some(RUNS)), CheckOutcome::Passed);
        assert_eq!(of(&NOT_TOLD, Some(OFF)), CheckOutcome::Failed);
        assert_eq!(of(&NOT_TOLD, None), CheckOutcome::CouldNotCheck);
        assert_eq!(of(&OFF, Some(RUNS)), CheckOutcome::Failed, "what is told now counts");
    }

    #[test]
    fn what_was_not_told_has_not_changed() {
        let drift = |then: &OperationState, now: &OperationState| Operation::StartTrace.drift(then, now);
        assert_eq!([drift(&NOT_TOLD, &OFF), drift(&RUNS, &NOT_TOLD)], [None, None]);
        assert!(drift(&OFF, &RUNS).is_some());
    }
}
