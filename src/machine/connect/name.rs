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
    /// The numbers of the network interfaces that lead to those of them which every network has (`fe80::`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<(IpAddr, u32)>,
    /// Why there are none.
    #[serde(default)]
    pub problem: Option<NameProblem>,
}

impl NameLookup {
    /// A name that has addresses.
    pub fn found(name: &str, addresses: Vec<IpAddr>) -> Self {
        Self { name: name.to_owned(), addresses, interfaces: Vec::new(), problem: None }
    }

    /// A name that has none.
    pub fn failed(name: &str, problem: NameProblem) -> Self {
        Self { problem: Some(problem), ..Self::found(name, Vec::new()) }
    }

    /// The number of the network interface that leads to this address; 0 where the system finds the way by itself.
    pub fn interface_to(&self, address: IpAddr) -> u32 {
        self.interfaces.iter().find(|(own, _)| *own == address).map_or(0, |(_, interface)| *interface)
    }
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
