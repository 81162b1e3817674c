//! How far each dynamic range is used at one moment.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::holders::holders;
use super::memory::Memory;
use super::states::weight;
use super::{Holder, StateCounts};
use crate::machine::{
    DynamicRange, Family, PortRange, Protocol, Snapshot, Socket, SocketState, Store, System, Table, TimeWaitReuse,
};

/// How many destinations are told.
const MOST_DESTINATIONS: usize = 5;

/// How far the dynamic range of one protocol and family is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The protocol.
    pub protocol: Protocol,
    /// The family.
    pub family: Family,
    /// The dynamic range. Linux has one for all protocols and families.
    pub range: PortRange,
    /// Where the range was read.
    pub source: String,
    /// The ports of the range that the system may hand out: all but the excluded ones.
    pub capacity: u32,
    /// Those that a socket has, in whatever state.
    pub in_use: u32,
    /// The same by state.
    pub states: StateCounts,
    /// Those that no connection gets whatever its destination: a program bound them or listens there.
    pub kept: u32,
    /// Who has the most.
    pub holders: Vec<Holder>,
    /// How many holders there are.
    pub holder_count: usize,
    /// Where most connections go to.
    pub destinations: Vec<Destination>,
    /// Whether the system counts each destination by itself (Linux).
    pub counts_by_destination: bool,
}

/// The connections of one local address to one far end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The address here.
    pub local: IpAddr,
    /// The far end.
    pub remote: SocketAddr,
    /// How many ports they have.
    pub ports: u32,
    /// Those of them that rest in `TIME_WAIT`.
    pub resting: u32,
    /// Those of the resting ones that the system gives to a new connection (Linux: `net.ipv4.tcp_tw_reuse`).
    pub reusable: u32,
}

impl Usage {
    /// Whether every port that may be handed out has a socket.
    pub const fn is_full(&self) -> bool {
        self.in_use >= self.capacity
    }

    /// How much of it is in use, in percent; a range without ports is full.
    pub fn percent(&self) -> u32 {
        (self.in_use * 100).checked_div(self.capacity).unwrap_or(100)
    }

    /// Whether the ports that connections to this destination may get are all taken.
    pub const fn is_full_for(&self, destination: &Destination) -> bool {
        self.counts_by_destination && self.taken_for(destination) >= self.capacity
    }

    const fn taken_for(&self, destination: &Destination) -> u32 {
        self.kept + destination.ports - destination.reusable
    }

    /// Whether no port is left whatever the destination. Where each destination is counted by itself, only ports that no connection has
    /// are taken for all of them.
    pub const fn is_full_for_all(&self) -> bool {
        if self.counts_by_destination { self.kept >= self.capacity } else { self.is_full() }
    }

    /// How many ports a connection to `remote` cannot get; without one, a connection to where it has the fewest.
    pub fn taken(&self, remote: Option<SocketAddr>) -> u32 {
        if !self.counts_by_destination {
            return self.in_use;
        }
        let meant = self.destinations.iter().filter(|own| remote.is_none_or(|remote| own.remote == remote));
        meant.map(|own| self.taken_for(own)).max().unwrap_or(self.kept)
    }

    /// A destination for which no port is left.
    pub fn full_destination(&self) -> Option<&Destination> {
        self.destinations.iter().find(|own| self.is_full_for(own))
    }
}

/// How far each dynamic range is used. Empty where the ranges or the whole table were not seen.
pub fn usages(snapshot: &Snapshot, memory: &Memory) -> Vec<Usage> {
    let mut all = Vec::new();
    for protocol in Protocol::ALL.into_iter().filter(|own| snapshot.shows(Table::sockets(*own))) {
        for family in [Family::Ipv4, Family::Ipv6] {
            all.extend(range_of(snapshot, protocol, family).map(|range| usage(snapshot, memory, protocol, family, range)));
        }
    }
    all
}

fn range_of(snapshot: &Snapshot, protocol: Protocol, family: Family) -> Option<&DynamicRange> {
    snapshot.dynamic_ranges.iter().find(|row| {
        row.store == Store::Active && row.protocol.is_none_or(|own| own == protocol) && row.family.is_none_or(|own| own == family)
    })
}

fn usage(snapshot: &Snapshot, memory: &Memory, protocol: Protocol, family: Family, dynamic: &DynamicRange) -> Usage {
    let range = dynamic.range;
    let available = snapshot.open_to_clients(range, protocol);
    let sockets: Vec<&Socket> = snapshot
        .sockets
        .iter()
        .filter(|own| own.protocol == protocol && range.contains(own.local.port()) && is_of(own, family))
        .filter(|own| available.contains(own.local.port()))
        .collect();
    let mut ports: Vec<Option<SocketState>> = vec![None; usize::from(range.end() - range.start()) + 1];
    for socket in &sockets {
        let port = &mut ports[usize::from(socket.local.port() - range.start())];
        if port.is_none_or(|state| weight(state) < weight(socket.state)) {
            *port = Some(socket.state);
        }
    }
    let mut states = StateCounts::default();
    ports.iter().flatten().for_each(|state| states.add(*state));
    let is_kept = |socket: &Socket| {
        let state = ports[usize::from(socket.local.port() - range.start())];
        state.is_some_and(|state| !state.is_connected() && !state.is_closing())
    };
    let destinations = destinations(sockets.iter().copied().filter(|own| !is_kept(own)), snapshot.load.time_wait_reuse);
    let (holders, holder_count) = holders(&sockets, snapshot, memory);
    Usage {
        protocol,
        family,
        range,
        source: dynamic.source.clone(),
        capacity: available.count(),
        in_use: states.total(),
        kept: states.bound(),
        states,
        holders,
        holder_count,
        destinations,
        counts_by_destination: snapshot.host.system == System::Linux && protocol == Protocol::Tcp,
    }
}

/// Whether the socket takes a port of this family. One for every address of both does so in both.
fn is_of(socket: &Socket, family: Family) -> bool {
    let address = socket.local.ip();
    let own = if address.to_canonical().is_ipv4() { Family::Ipv4 } else { Family::Ipv6 };
    own == family || (address.is_unspecified() && address.is_ipv6() && socket.v6only == Some(false))
}

fn destinations<'a>(sockets: impl Iterator<Item = &'a Socket>, reuse: Option<TimeWaitReuse>) -> Vec<Destination> {
    let mut counts: HashMap<(IpAddr, SocketAddr), (u32, u32)> = HashMap::new();
    for socket in sockets {
        let Some(remote) = socket.remote else { continue };
        let (ports, resting) = counts.entry((socket.local.ip(), remote)).or_default();
        *ports += 1;
        *resting += u32::from(socket.state == SocketState::TimeWait);
    }
    let mut all: Vec<Destination> = counts
        .into_iter()
        .map(|((local, remote), (ports, resting))| {
            let reused = match reuse {
                Some(TimeWaitReuse::Always) => true,
                Some(TimeWaitReuse::Loopback) => remote.ip().to_canonical().is_loopback(),
                Some(TimeWaitReuse::Never) | None => false,
            };
            Destination { local, remote, ports, resting, reusable: if reused { resting } else { 0 } }
        })
        .collect();
    all.sort_by_key(|own| (Reverse(own.ports), own.remote, own.local));
    all.truncate(MOST_DESTINATIONS);
    all
}
