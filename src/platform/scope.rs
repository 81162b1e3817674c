//! What to look at. Nothing is read that nobody asked for.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::machine::{Port, Protocol};

/// Which services to look at. Except for `None`, every unit that listens for others (`.socket`) comes along: the service manager has its
/// port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ServiceScope {
    /// None.
    #[default]
    None,
    /// None but the units that listen for others.
    SocketUnits,
    /// One, by name or product, with its failure and ports. It comes first; other units of the product, and the units that start it or
    /// are started by it, follow.
    Named(String),
    /// Those that fail, with their failures and ports.
    Failing,
    /// All, with ports; failures only of those that fail.
    All,
}

/// Which sockets to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SocketScope {
    /// None.
    #[default]
    None,
    /// Those whose local port is this one, in every state.
    Port {
        /// The port.
        port: Port,
        /// The protocol; `None` for both.
        protocol: Option<Protocol>,
    },
    /// Those through which programs reach a server: TCP listeners and UDP sockets without a peer. Quick however many connections there are.
    Listeners,
    /// The whole table.
    All,
}

/// How far to look for the processes that have a socket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OwnerSearch {
    /// Not at all.
    None,
    /// In the socket's control group first, everywhere when nobody is found there: the fast answer.
    ControlGroup,
    /// Everywhere, for every sharer.
    #[default]
    All,
}

/// A question for the bind test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BindQuestion {
    /// The protocol.
    pub protocol: Protocol,
    /// The address; unspecified means every address.
    pub address: IpAddr,
    /// The port.
    pub port: Port,
    /// For IPv6: ask for IPv6 only.
    pub v6only: bool,
    /// Set `SO_REUSEADDR`, as most Linux servers do.
    pub reuse_address: bool,
}

/// What to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The services.
    pub services: ServiceScope,
    /// The sockets.
    pub sockets: SocketScope,
    /// How far to look for owners.
    pub owners: OwnerSearch,
    /// The inodes of sockets of the whole table whose owners are known from an earlier look: only those of others are searched for, in their
    /// control groups first. A system whose sockets have no inode tells every owner with every look.
    pub searched: Option<Arc<HashSet<u64>>>,
    /// Whether to read dynamic ranges, exclusions and the unprivileged start.
    pub ranges: bool,
    /// Whether to make the bind tests for the port of `sockets`; each family, every address, loopback, and `bind_address`.
    pub bind_tests: bool,
    /// Whether to read what tells of used up ports beside the sockets: handles of processes, events, counters. With the whole table only.
    pub load: bool,
    /// Whether to read what the recorder has seen on the port of `sockets`.
    pub sightings: bool,
    /// One more address for the bind tests: the one the service wants.
    pub bind_address: Option<IpAddr>,
}

/// What servers usually ask for, and the loopback addresses that programs on the computer itself use.
const USUAL_ADDRESSES: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];

impl Scope {
    /// The questions of the bind tests for the port of `sockets`: each protocol, with the usual addresses and the one that the service wants.
    pub fn bind_questions(&self) -> Vec<BindQuestion> {
        let SocketScope::Port { port, protocol } = self.sockets else { return Vec::new() };
        let more = self.bind_address.filter(|address| !USUAL_ADDRESSES.contains(address));
        let addresses = || USUAL_ADDRESSES.into_iter().chain(more);
        let protocols = Protocol::ALL.into_iter().filter(|own| protocol.is_none_or(|asked| asked == *own));
        let question = |protocol| move |address| BindQuestion { protocol, address, port, v6only: false, reuse_address: false };
        protocols.flat_map(|protocol| addresses().map(question(protocol))).collect()
    }

    /// The ranges alone.
    pub fn of_ranges() -> Self {
        Self { ranges: true, owners: OwnerSearch::None, ..Self::default() }
    }
}
