//! Whether what an entry changed is still as it was left, so that it can be taken back exactly. The helper asks it, and whoever plans an undo.

use crate::platform::{Platform, PlatformError};
use crate::remedy::{Operation, OperationState, Standing, StepRecord, standing_of};

/// A step that somebody changed something after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its place in the steps.
    pub place: usize,
    /// What is different, in words.
    pub change: String,
    /// What there is.
    pub now: OperationState,
}

/// The steps (the last first) that cannot be taken back exactly, because somebody changed the same thing since.
///
/// # Errors
/// Where the computer could not be read.
pub fn changed_since(platform: &dyn Platform, steps: &[StepRecord]) -> Result<Vec<Changed>, PlatformError> {
    // Where two steps changed the same thing, the earlier one begins where taking back the later one ends.
    let mut reached: Vec<(&Operation, OperationState)> = Vec::new();
    let mut changed = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let operation = &step.operation;
        let Some(before) = step.before.as_ref().filter(|_| operation.can_be_taken_back()) else { continue };
        let by_us = reached.iter().rev().find(|(other, _)| other.subject() == operation.subject());
        let now = match by_us {
            Some((_, state)) => state.clone(),
            None => platform.state_of(operation)?,
        };
        match standing_of(&steps[place..], &now) {
            Ok(Standing::Before) => reached.push((operation, now)),
            Ok(Standing::Begun) => reached.push((operation, before.clone())),
            Err(change) => {
                reached.push((operation, before.clone()));
                changed.push(Changed { place, change, now });
            }
        }
    }
    Ok(changed)
}
