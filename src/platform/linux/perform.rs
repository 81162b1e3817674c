//! What the helper does to a Linux computer.

use crate::platform::PlatformError;
use crate::remedy::{Operation, OperationState};

/// Reads the part of the computer that `operation` would change.
pub fn state_of(_operation: &Operation) -> Result<OperationState, PlatformError> {
    Ok(OperationState::Nothing)
}

/// Does it.
pub fn perform(operation: &Operation) -> Result<(), PlatformError> {
    Err(PlatformError::Refused(format!("{} is not available", operation.name())))
}

/// Takes it back.
pub fn restore(operation: &Operation, _before: &OperationState, _after: &OperationState) -> Result<(), PlatformError> {
    Err(PlatformError::Refused(format!("{} is not available", operation.name())))
}
