//! Whether a change was taken back: the computer is asked again.

use crate::case::Case;
use crate::helper::journal::Entry;
use crate::platform::Platform;
use crate::remedy::{Check, CheckOutcome, Operation, OperationState, Outcome, UndoMode, Verification};

/// Looks again and notes in the Case whether everything that can be taken back is what it was before or, where only PortMedic's own part was
/// wished back, whether none of it is left.
pub fn prove(platform: &dyn Platform, entry: &Entry, mode: UndoMode, case: &mut Case) {
    let mut checks: Vec<Check> = Vec::new();
    let mut seen: Vec<Operation> = Vec::new();
    // Where two steps changed the same thing, the state before the first one counts; of their own parts each.
    for step in entry.steps.iter().filter(|step| step.record.has_changed()) {
        let operation = step.record.taken_back_as();
        let known = mode != UndoMode::OwnOnly && seen.iter().any(|other| other.subject() == operation.subject());
        let (Some(before), None, false) = (&step.record.before, operation.irreversible_because(), known) else { continue };
        let then = step.record.after.as_ref().map_or_else(|| "not known".to_owned(), ToString::to_string);
        let is_back = |operation: &Operation, before: &OperationState, now: &OperationState| match mode {
            UndoMode::OwnOnly => operation.ways_back(mode, before, step.record.after.as_ref(), now).is_empty(),
            UndoMode::Exact | UndoMode::Everything => operation.drift(before, now).is_none(),
        };
        let (now, outcome) = match platform.state_of(&operation) {
            Ok(now) if is_back(&operation, before, &now) => (now.to_string(), CheckOutcome::Passed),
            Ok(now) => (now.to_string(), CheckOutcome::Failed),
            Err(error) => (error.to_string(), CheckOutcome::CouldNotCheck),
        };
        let what = format!("Taken back: {operation}");
        checks.push(Check { what, before: then, now, outcome, source: "the computer, read again".to_owned() });
        seen.push(operation);
    }
    let any = |outcome: CheckOutcome| checks.iter().any(|check| check.outcome == outcome);
    let (outcome, headline) = if any(CheckOutcome::Failed) {
        (Outcome::NotFixed, "Not taken back: the computer is not what it was before the change")
    } else if any(CheckOutcome::CouldNotCheck) || checks.is_empty() {
        (Outcome::CouldNotCheck, "Could not check whether the change was taken back")
    } else if mode == UndoMode::OwnOnly {
        (Outcome::Fixed, "Taken back: nothing of the change is left, and what others changed since stays")
    } else {
        (Outcome::Fixed, "Taken back: the computer is what it was before the change")
    };
    case.outcome = Some(outcome);
    case.verification = Some(Verification { outcome, headline: headline.to_owned(), checks });
}
