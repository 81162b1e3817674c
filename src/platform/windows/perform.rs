//! What the helper does to a Windows computer: one kind of operation a file.

use crate::platform::PlatformError;
use crate::remedy::{Operation, OperationState};

/// Reads the part of the computer that `operation` would change.
pub fn state_of(operation: &Operation) -> Result<OperationState, PlatformError> {
    Err(no_change(operation))
}

/// Does it, and returns when the system says that it is done.
pub fn perform(operation: &Operation) -> Result<(), PlatformError> {
    Err(no_change(operation))
}

/// Puts back what `operation` changed.
pub fn restore(operation: &Operation, _before: &OperationState, _after: &OperationState) -> Result<(), PlatformError> {
    Err(no_change(operation))
}

fn no_change(operation: &Operation) -> PlatformError {
    PlatformError::Refused(format!("this version changes nothing on Windows, so this was not done: {operation}"))
}
