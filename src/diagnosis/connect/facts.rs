//! Everything that was seen of one attempt to connect, and what was not looked at yet.

use std::net::{IpAddr, SocketAddr};

use crate::machine::connect::{BrowserAnswer, IpsecPolicy, NameLookup, Probe, Redirects, Ruleset, SqlClient, SqlServer};
use crate::machine::{Evidence, Gap, Snapshot, Socket, SocketState};

use super::Wanted;

/// The answer of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// Nobody has looked yet.
    Waiting,
    /// What was seen.
    Seen(T),
    /// Why nothing could be seen.
    NotSeen(Gap),
}

impl<T> Fact<T> {
    /// What was seen.
    pub const fn seen(&self) -> Option<&T> {
        match self {
            Self::Seen(seen) => Some(seen),
            Self::Waiting | Self::NotSeen(_) => None,
        }
    }

    /// Whether nobody has looked yet.
    pub const fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting)
    }
}

impl<T> From<Result<T, Gap>> for Fact<T> {
    fn from(look: Result<T, Gap>) -> Self {
        match look {
            Ok(seen) => Self::Seen(seen),
            Err(gap) => Self::NotSeen(gap),
        }
    }
}

/// The facts of one attempt. Each look fills one in.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What is to be reached.
    pub wanted: Wanted,
    /// This computer: its services, who listens, and every socket on the port. `sockets` may be empty while the port is not known.
    pub here: Fact<Snapshot>,
    /// The addresses of this computer.
    pub own_addresses: Fact<Vec<IpAddr>>,
    /// The hosts file and proxies of this computer.
    pub redirects: Fact<Redirects>,
    /// How clients of SQL Server on this computer connect.
    pub sql_client: Fact<SqlClient>,
    /// The instances of SQL Server on this computer.
    pub sql_servers: Fact<Vec<SqlServer>>,
    /// The addresses of the name.
    pub name: Fact<NameLookup>,
    /// The names of the addresses: `None` for an address that has none.
    pub back: Fact<Vec<(IpAddr, Option<String>)>>,
    /// What SQL Server Browser said.
    pub browser: Fact<BrowserAnswer>,
    /// The attempts to connect, one an address.
    pub probes: Fact<Vec<Probe>>,
    /// One more attempt, at another port of an address that did not answer: whether the computer answers at all.
    pub other_door: Fact<Probe>,
    /// The rules of the firewalls of this computer.
    pub firewalls: Fact<Vec<Ruleset>>,
    /// The policies of IPsec on this computer.
    pub ipsec: Fact<Vec<IpsecPolicy>>,
    /// What the service of this computer wrote around the attempt, the oldest line first. Nobody looks where it does not run.
    pub log: Fact<Vec<Evidence>>,
}

impl Facts {
    /// Nothing was looked at yet.
    pub const fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            here: Fact::Waiting,
            own_addresses: Fact::Waiting,
            redirects: Fact::Waiting,
            sql_client: Fact::Waiting,
            sql_servers: Fact::Waiting,
            name: Fact::Waiting,
            back: Fact::Waiting,
            browser: Fact::Waiting,
            probes: Fact::Waiting,
            other_door: Fact::Waiting,
            firewalls: Fact::Waiting,
            ipsec: Fact::Waiting,
            log: Fact::Waiting,
        }
    }

    /// The addresses that the name leads to; none while that is not known.
    pub fn addresses(&self) -> &[IpAddr] {
        self.name.seen().map_or(&[], |lookup| &lookup.addresses)
    }

    /// Whether this address is this computer's own; `None` where that is not known.
    pub fn is_own(&self, address: IpAddr) -> Option<bool> {
        let address = address.to_canonical();
        if address.is_loopback() {
            return Some(true);
        }
        let own = self.own_addresses.seen()?;
        Some(own.iter().any(|own| own.to_canonical() == address))
    }

    /// Whether the computer that is asked for is this one: all of its addresses are. `None` where that is not known.
    pub fn is_here(&self) -> Option<bool> {
        let addresses = self.addresses();
        if addresses.is_empty() {
            return None;
        }
        let own: Option<Vec<bool>> = addresses.iter().map(|address| self.is_own(*address)).collect();
        own.map(|own| own.iter().all(|own| *own))
    }

    /// This computer, where it is the one that is asked for.
    pub fn server(&self) -> Option<&Snapshot> {
        self.here.seen().filter(|_| self.is_here() == Some(true))
    }

    /// The attempts to connect; none while nobody has tried.
    pub fn probes(&self) -> &[Probe] {
        self.probes.seen().map_or(&[], Vec::as_slice)
    }

    /// The sockets of this computer that listen on the port that is asked for, on any address.
    pub fn listeners(&self) -> Vec<&Socket> {
        let (Some(here), Some(port)) = (self.server(), self.wanted.port) else { return Vec::new() };
        here.sockets.iter().filter(|own| own.state == SocketState::Listen && own.local.port() == port).collect()
    }
}

/// Whether the socket hears what is sent to this address.
pub fn hears(socket: &Socket, to: SocketAddr) -> bool {
    let (own, address) = (socket.local.ip().to_canonical(), to.ip().to_canonical());
    let every = own.is_unspecified() && (own.is_ipv4() == address.is_ipv4() || (own.is_ipv6() && socket.v6only != Some(true)));
    socket.local.port() == to.port() && (every || own == address)
}
