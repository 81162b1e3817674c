//! What the system answers when it is asked for the addresses of a name.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The answer for one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameLookup {
    /// The name that was asked for.
    pub name: String,
    /// Its addresses, in the order in which programs try them; none where there is a problem.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    /// Why there are none.
    #[serde(default)]
    pub problem: Option<NameProblem>,
}

/// Why a name has no address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameProblem {
    /// The servers that know names say that there is none like it.
    Unknown,
    /// No server that knows names answered.
    NoAnswer,
    /// It is an address, and this computer has no such network interface as stands behind it (`fe80::1%eth0`).
    NoInterface,
    /// Something else, in the system's own words.
    Other(String),
}
