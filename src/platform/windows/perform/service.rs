//! Stops, starts and restarts services, with those that depend on them.

use crate::platform::PlatformError;
use crate::remedy::OperationState;

/// Refuses a service that must not be stopped.
pub fn check_stop(_service: &str) -> Result<(), PlatformError> {
    no_change()
}

/// Refuses what is no name of a service.
pub fn check_name(_service: &str) -> Result<(), PlatformError> {
    no_change()
}

/// Its state and its process.
pub fn state(_service: &str) -> Result<OperationState, PlatformError> {
    no_change()
}

/// Stops it, and waits until it has stopped.
pub fn stop(_service: &str) -> Result<(), PlatformError> {
    no_change()
}

/// Starts it, and waits until it runs.
pub fn start(_service: &str) -> Result<(), PlatformError> {
    no_change()
}

/// Stops it where it runs, and starts it.
pub fn restart(_service: &str) -> Result<(), PlatformError> {
    no_change()
}

/// Brings it back to what it was `before`: running or stopped.
pub fn restore(_service: &str, _before: &OperationState) -> Result<(), PlatformError> {
    no_change()
}

fn no_change<T>() -> Result<T, PlatformError> {
    Err(PlatformError::Refused("this version changes no service on Windows".to_owned()))
}
