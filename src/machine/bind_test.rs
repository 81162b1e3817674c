//! The bind test: what the system answers a program that asks for the port. It is the judge.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Port, Protocol};

/// What the system answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BindResult {
    /// The port was given, and closed again at once.
    Free,
    /// Somebody has it (`EADDRINUSE`, 10048).
    InUse,
    /// Asking for it is not allowed (`EACCES`, 10013).
    Denied,
    /// This computer does not have the address (`EADDRNOTAVAIL`, 10049).
    NotLocal,
    /// The system has no room for one more socket (`ENOBUFS`, `EMFILE`, 10055).
    Exhausted,
    /// This computer does not speak the family (`EAFNOSUPPORT`).
    Unsupported,
    /// Something else; the error text says what.
    Other,
}

/// One question to the system and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindTest {
    /// The protocol asked for.
    pub protocol: Protocol,
    /// The address asked for; unspecified means every address.
    pub address: IpAddr,
    /// The port asked for.
    pub port: Port,
    /// For IPv6: whether IPv6 only was asked for; `false` asks for both families at once, as most servers do.
    pub v6only: bool,
    /// Whether `SO_REUSEADDR` was set, as most Linux servers do.
    pub reuse_address: bool,
    /// The answer.
    pub result: BindResult,
    /// The system's error number and text; `None` when the port was given.
    pub error: Option<String>,
}
