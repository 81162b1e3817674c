//! Closes one connection.

use std::net::SocketAddr;

use crate::machine::Protocol;
use crate::platform::PlatformError;
use crate::remedy::OperationState;

/// Refuses a connection that Windows has no call to close.
pub fn check(_protocol: Protocol, _local: SocketAddr) -> Result<(), PlatformError> {
    no_change()
}

/// Whether the connection is there.
pub fn state(_protocol: Protocol, _local: SocketAddr, _remote: SocketAddr) -> Result<OperationState, PlatformError> {
    no_change()
}

/// Closes it, and sees that it is gone.
pub fn close(_protocol: Protocol, _local: SocketAddr, _remote: SocketAddr) -> Result<(), PlatformError> {
    no_change()
}

fn no_change<T>() -> Result<T, PlatformError> {
    Err(PlatformError::Refused("this version closes no connection on Windows".to_owned()))
}
