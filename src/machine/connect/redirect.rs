//! What leads a client elsewhere before it connects: the hosts file and the settings of a proxy.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// What leads clients of this computer elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Redirects {
    /// The lines of the hosts file.
    pub hosts: Vec<HostsEntry>,
    /// The settings of a proxy.
    pub proxies: Vec<ProxySetting>,
}

/// A line of the hosts file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostsEntry {
    /// The address.
    pub address: IpAddr,
    /// The names that have it.
    pub names: Vec<String>,
    /// The file and line: `/etc/hosts, line 3`.
    pub source: String,
}

impl HostsEntry {
    /// Whether it is for this name. Names do not tell upper from lower case.
    pub fn is_for(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.');
        self.names.iter().any(|own| own.trim_end_matches('.').eq_ignore_ascii_case(name))
    }
}

/// A setting that sends programs to a proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxySetting {
    /// Its name: `https_proxy`, `WinHTTP`.
    pub name: String,
    /// Its value, without a password.
    pub value: String,
    /// The hosts that it leaves out, as they are written; empty where it leaves out none.
    #[serde(default)]
    pub except: Vec<String>,
    /// Where it is set.
    pub source: String,
}
