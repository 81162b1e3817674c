//! Ends one process.

use crate::machine::ProcessId;
use crate::platform::PlatformError;
use crate::remedy::OperationState;

/// Refuses what must never be ended.
pub fn check(_process: ProcessId) -> Result<(), PlatformError> {
    no_change()
}

/// Whether the process is there, with the same start time.
pub fn state(_process: ProcessId) -> Result<OperationState, PlatformError> {
    no_change()
}

/// Ends the process, and waits until it is gone. A process that is gone already is no error.
pub fn end(_process: ProcessId, _name: &str) -> Result<(), PlatformError> {
    no_change()
}

fn no_change<T>() -> Result<T, PlatformError> {
    Err(PlatformError::Refused("this version ends no process on Windows".to_owned()))
}
