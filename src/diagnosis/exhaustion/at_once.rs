//! One look without a watch: what the rules ask where a log says that no port was left.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::facts::Facts;
use super::judge::{NEARLY_FULL, Scene, Standing};
use super::leak::leak;
use super::text::none_left;
use super::{History, Lack, Memory, Probes, Sample, Usage, with_lost_handles};
use crate::diagnosis::Owner;
use crate::machine::{Evidence, Family, Protocol, Snapshot};

/// How the dynamic range of one protocol is used at one look.
pub(in crate::diagnosis) struct AtOnce {
    usage: Usage,
    /// The far end that lacks a port, where it is known.
    remote: Option<SocketAddr>,
    /// Different local ports in the whole table: where there are several, more was read than one port.
    ports_seen: usize,
    /// Those with the most ports, each with one of its sockets.
    pub(in crate::diagnosis) owners: Vec<Owner>,
    /// Who alone uses the ports up.
    pub(in crate::diagnosis) lack: Lack,
    /// Who has the most and what it does wrong: a sentence behind another one, or nothing.
    pub(in crate::diagnosis) top: String,
    /// How far the range is used, and by whom.
    pub(in crate::diagnosis) facts: Vec<Evidence>,
}

impl AtOnce {
    /// Looks at the range for `remote`; without one, at the fuller one of the families. `None` where the range or the table was not seen.
    pub(in crate::diagnosis) fn of(snapshot: &Snapshot, protocol: Protocol, remote: Option<SocketAddr>) -> Option<Self> {
        let (mut memory, mut history) = (Memory::default(), History::default());
        memory.learn(snapshot);
        history.push(Sample::of(snapshot, &memory));
        let family = remote.map(|remote| if remote.ip().to_canonical().is_ipv4() { Family::Ipv4 } else { Family::Ipv6 });
        let is_meant = |own: &&Usage| own.protocol == protocol && family.is_none_or(|family| own.family == family);
        // Of two alike the first one is named.
        let ranges = history.last()?.ranges.iter().filter(is_meant).rev();
        let usage = ranges.max_by_key(|own| (share(own, remote), own.percent()))?.clone();
        let (leak, probes) = (leak(&history), Probes::default());
        let lost = with_lost_handles(snapshot);
        let scene = Scene { snapshot, history: &history, probes: &probes, leak: leak.as_ref(), lost: &lost };
        let owners = scene.owners(Standing::Exhausted, Some(&usage));
        let lack = scene.lack(Standing::Exhausted, Some(&usage), &owners);
        let top = scene.top(&usage, owners.first());
        let facts = Facts { snapshot, history: &history, probes: &probes }.of_use(&usage);
        let own = snapshot.sockets.iter().filter(|socket| socket.protocol == protocol);
        let ports_seen = own.map(|socket| socket.local.port()).collect::<BTreeSet<_>>().len();
        Some(Self { usage, remote, ports_seen, owners, lack, top, facts })
    }

    /// Whether more than the one port asked for was looked at.
    pub(in crate::diagnosis) const fn is_whole(&self) -> bool {
        self.ports_seen > 1
    }

    /// Whether every port of the range is excluded, so that there is none to give.
    pub(in crate::diagnosis) const fn is_empty(&self) -> bool {
        self.usage.capacity == 0
    }

    /// Whether no port is left: for the far end that is known, else for one at least.
    pub(in crate::diagnosis) fn is_full(&self) -> bool {
        self.is_empty() || (self.is_whole() && self.usage.taken(self.remote) >= self.usage.capacity)
    }

    /// The same of nearly every port.
    pub(in crate::diagnosis) fn is_nearly_full(&self) -> bool {
        self.is_whole() && share(&self.usage, self.remote) >= NEARLY_FULL
    }

    /// Whether every port has a socket, and connections still get one.
    pub(in crate::diagnosis) fn is_given_again(&self) -> bool {
        self.is_whole() && self.usage.is_full() && !self.is_full()
    }

    /// The headline where no port is left, and a sentence on who may still get one.
    pub(in crate::diagnosis) fn none_left(&self) -> (String, &'static str) {
        let is_meant = |own: &&super::Destination| self.remote.is_none_or(|remote| own.remote == remote);
        none_left(&self.usage, self.usage.destinations.iter().filter(is_meant).find(|own| self.usage.is_full_for(own)))
    }
}

/// How many of the ports a connection to `remote` cannot get, in percent.
fn share(usage: &Usage, remote: Option<SocketAddr>) -> u32 {
    (usage.taken(remote) * 100).checked_div(usage.capacity).unwrap_or(100)
}
