//! All facts of one look at a computer.

use std::collections::{BTreeMap, HashSet};
use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    BindTest, Boot, DynamicRange, Exclusion, Family, Gap, Host, Load, Port, PortRange, PortSet, Process, Protocol, Service,
    Sighting, Socket, SocketState, Store, System, WindowsFacts,
};

/// One look at a computer: facts with their sources, and what could not be seen.
///
/// A live computer, a practice machine and files from elsewhere all give this, so one diagnosis serves all three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When the look began.
    pub taken_at: Timestamp,
    /// The computer.
    pub host: Host,
    /// The socket table, as far as it was asked for.
    pub sockets: Vec<Socket>,
    /// Sockets on the port asked for that belong to another network namespace, and so do not block it here.
    pub sockets_elsewhere: Vec<Socket>,
    /// Whether every process that can be seen was searched for these sockets. Otherwise only those in the control groups of the sockets
    /// were, and more processes may share one.
    #[serde(default)]
    pub searched_everywhere: bool,
    /// The processes that matter for what was asked: holders, their ancestors, processes of services.
    pub processes: BTreeMap<u32, Process>,
    /// The services asked for.
    pub services: Vec<Service>,
    /// The dynamic port ranges of both stores.
    pub dynamic_ranges: Vec<DynamicRange>,
    /// The exclusions of both stores.
    pub exclusions: Vec<Exclusion>,
    /// The first port that needs no right to be listened on (Linux: `net.ipv4.ip_unprivileged_port_start`).
    pub unprivileged_port_start: Option<Port>,
    /// The addresses of this computer.
    pub addresses: Vec<IpAddr>,
    /// What the system answered when it was asked for the port.
    pub bind_tests: Vec<BindTest>,
    /// What only Windows has: read with the sockets of a port, and with the ranges.
    #[serde(default, skip_serializing_if = "WindowsFacts::is_empty")]
    pub windows: WindowsFacts,
    /// What tells of used up ports beside the socket table.
    #[serde(default, skip_serializing_if = "Load::is_empty")]
    pub load: Load,
    /// Who was seen on the port by the recorder, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sightings: Vec<Sighting>,
    /// The run of the computer in which it was looked at; `None` where that is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Boot>,
    /// Whole tables that files from another computer do not show: nothing can be concluded from what is not in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_shown: Vec<Table>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// A table of the system that files can lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// The sockets of TCP.
    TcpSockets,
    /// The sockets of UDP.
    UdpSockets,
    /// The exclusions from the dynamic ranges.
    Exclusions,
}

impl Table {
    /// The sockets of a protocol.
    pub const fn sockets(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Tcp => Self::TcpSockets,
            Protocol::Udp => Self::UdpSockets,
        }
    }
}

impl Snapshot {
    /// A look that has seen nothing yet.
    pub const fn new(taken_at: Timestamp, host: Host) -> Self {
        Self {
            taken_at,
            host,
            sockets: Vec::new(),
            sockets_elsewhere: Vec::new(),
            searched_everywhere: false,
            processes: BTreeMap::new(),
            services: Vec::new(),
            dynamic_ranges: Vec::new(),
            exclusions: Vec::new(),
            unprivileged_port_start: None,
            addresses: Vec::new(),
            bind_tests: Vec::new(),
            windows: WindowsFacts::new(),
            load: Load::new(),
            sightings: Vec::new(),
            boot: None,
            not_shown: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Whether the table was seen, with or without rows.
    pub fn shows(&self, table: Table) -> bool {
        !self.not_shown.contains(&table)
    }

    /// The sockets whose local port is `port`.
    pub fn sockets_on(&self, port: Port, protocol: Protocol) -> impl Iterator<Item = &Socket> {
        self.sockets.iter().filter(move |socket| socket.protocol == protocol && socket.local.port() == port)
    }

    /// The service with this name: Windows does not care for capital letters, and of a systemd unit `.service` may be left out.
    pub fn service(&self, name: &str) -> Option<&Service> {
        let is_it = |service: &&Service| match self.host.system {
            System::Windows => service.name.eq_ignore_ascii_case(name),
            System::Linux => service.name == name || service.name.strip_suffix(".service") == Some(name),
        };
        self.services.iter().find(is_it)
    }

    /// The ports that are excluded for `protocol` in `store`.
    pub fn excluded(&self, protocol: Protocol, store: Store) -> PortSet {
        self.exclusions
            .iter()
            .filter(|exclusion| exclusion.store == store && exclusion.protocol.is_none_or(|own| own == protocol))
            .map(|exclusion| exclusion.range)
            .collect()
    }

    /// The ports that an administrator keeps from clients for `protocol` in `store`: those of a list that can be changed. Windows has other
    /// exclusions beside them.
    pub fn administered(&self, protocol: Protocol, store: Store) -> PortSet {
        let rows = self.exclusions.iter().filter(|row| row.administered && row.store == store);
        rows.filter(|row| row.protocol.is_none_or(|own| own == protocol)).map(|row| row.range).collect()
    }

    /// The ports of a dynamic range that clients of `protocol` can get in the running system: those that are not excluded.
    pub fn open_to_clients(&self, range: PortRange, protocol: Protocol) -> PortSet {
        PortSet::from(range).difference(&self.excluded(protocol, Store::Active))
    }

    /// What reserves `port` for somebody else in the running system: an exclusion that is not administered (Windows).
    pub fn reservation_of(&self, port: Port, protocol: Protocol) -> Option<&Exclusion> {
        let mut rows = self.exclusions.iter().filter(|row| !row.administered && row.store == Store::Active);
        rows.find(|row| row.range.contains(port) && row.protocol.is_none_or(|own| own == protocol))
    }

    /// The dynamic range in force for `protocol`, the widest where the families differ.
    pub fn dynamic_range(&self, protocol: Protocol) -> Option<&DynamicRange> {
        self.dynamic_ranges
            .iter()
            .filter(|range| range.store == Store::Active && range.protocol.is_none_or(|own| own == protocol))
            // Of two alike the first one is named.
            .rev()
            .max_by_key(|range| range.range.count())
    }

    /// The dynamic range of one protocol and family in `store`; without them the first one there is.
    pub fn dynamic_range_of(&self, protocol: Option<Protocol>, family: Option<Family>, store: Store) -> Option<PortRange> {
        let fits = |row: &&DynamicRange| {
            row.store == store
                && (protocol.is_none() || row.protocol.is_none_or(|own| Some(own) == protocol))
                && (family.is_none() || row.family.is_none_or(|own| Some(own) == family))
        };
        self.dynamic_ranges.iter().find(fits).map(|row| row.range)
    }

    /// The program here that listens at the far end of a connection of this computer with itself; `None` where the far end is another
    /// computer, or nobody listens there.
    pub fn listener_at_far_end(&self, connection: &Socket) -> Option<&Socket> {
        let remote = connection.remote.filter(|remote| self.is_here(*remote, connection.local))?;
        let address = remote.ip().to_canonical();
        self.sockets.iter().find(|socket| {
            let own = socket.local.ip().to_canonical();
            let hears =
                own == address || (own.is_unspecified() && (own.is_ipv4() == address.is_ipv4() || socket.v6only == Some(false)));
            socket.state == SocketState::Listen
                && socket.protocol == connection.protocol
                && socket.local.port() == remote.port()
                && hears
        })
    }

    /// Whether the far end of a connection from `local` is this computer itself.
    pub fn is_here(&self, remote: SocketAddr, local: SocketAddr) -> bool {
        let address = remote.ip().to_canonical();
        address.is_loopback() || remote.ip() == local.ip() || self.addresses.contains(&address)
    }

    /// Takes over the services of an earlier look at the same computer, with their processes and gaps.
    pub fn add_services_of(&mut self, earlier: Self) {
        let known = |service: &Service| (service.name.clone(), service.user_manager);
        let mut own: HashSet<(String, bool)> = self.services.iter().map(known).collect();
        self.services.extend(earlier.services.into_iter().filter(|service| own.insert(known(service))));
        for (pid, process) in earlier.processes {
            self.processes.entry(pid).or_insert(process);
        }
        Gap::add(&mut self.gaps, earlier.gaps);
    }
}
