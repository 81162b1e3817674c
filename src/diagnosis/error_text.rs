//! What one error text or log line says about a port, read by its numbers, addresses and error names.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::machine::{FailureKind, Port, Protocol};

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorText {
    /// What went wrong.
    pub kind: FailureKind,
    /// The port it names.
    pub port: Option<Port>,
    /// The protocol it names.
    pub protocol: Option<Protocol>,
    /// The address it names.
    pub address: Option<IpAddr>,
    /// The product it comes from, where its form tells.
    pub product: Option<String>,
}

/// Reads one line. `None` where it has nothing to do with ports.
pub fn read_error_text(_line: &str) -> Option<ErrorText> {
    None
}
