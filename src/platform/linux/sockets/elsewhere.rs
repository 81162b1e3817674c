//! Sockets on the same port in other network namespaces: containers and sandboxes. They do not block the port here, but people look for them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::proc_net;
use super::row::Row;
use crate::machine::{Family, Port, Protocol};
use crate::platform::linux::processes::network_namespace;

/// The most namespaces that are looked at; a host full of containers must not make one question slow.
const MAX_NAMESPACES: usize = 256;

/// The sockets on `port` in every other network namespace that one of the processes `pids` is in. A namespace without a process, and one
/// that may not be seen, stays unseen.
pub fn rows(pids: &[u32], own: Option<u64>, port: Port, protocols: &[Protocol]) -> Vec<Row> {
    let mut first_in: BTreeMap<u64, u32> = BTreeMap::new();
    for pid in pids {
        if let Some(namespace) = network_namespace(*pid).filter(|namespace| Some(*namespace) != own) {
            first_in.entry(namespace).or_insert(*pid);
        }
    }
    let mut rows = Vec::new();
    for pid in first_in.into_values().take(MAX_NAMESPACES) {
        let net = PathBuf::from(format!("/proc/{pid}/net"));
        for protocol in protocols {
            for family in Family::ALL {
                // The process may be gone by now, and its namespace with it.
                rows.extend(proc_net::read(&net, *protocol, family, Some(port)).unwrap_or_default());
            }
        }
    }
    rows
}
