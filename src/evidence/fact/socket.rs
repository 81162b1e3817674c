//! Sockets and their processes, as files show them.

use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;

use serde::{Serialize, Serializer};

use super::{Name, Names, Place};
use crate::machine::{Port, Protocol, SocketState};

/// An address as printed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// `*`: every address, and the table does not tell of which family.
    Any,
    /// One address, or every one of its family.
    Ip(IpAddr),
    /// An address with the zone of an IPv6 address, or with the interface that a socket is bound to: `fe80::1%12`, `127.0.0.53%lo`.
    Zoned(Box<(IpAddr, Name)>),
    /// The name of a computer in place of its address, as `netstat -a` prints it.
    Name(Name),
}

/// `*`, `10.0.0.1`, `fe80::1%12`, `web01`: without brackets.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => f.write_str(name),
            Self::Zoned(both) => {
                let (ip, zone) = &**both;
                write!(f, "{ip}%{zone}")
            }
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A row of a socket table. What the table does not print is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SocketRow {
    /// The protocol.
    pub protocol: Protocol,
    /// The address here; `None` also where it is cut off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_addr: Option<Address>,
    /// The port here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_port: Option<Port>,
    /// The address at the far end; of a listener what the table prints, often `0.0.0.0`; `None` for `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_addr: Option<Address>,
    /// The port at the far end; of a listener often 0; `None` for `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_port: Option<Port>,
    /// The state; `None` for UDP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<SocketState>,
    /// The process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The file name of the process, as this or another table names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<Name>,
    /// The services in that process, as this or another table names them.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub services: Names,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

impl SocketRow {
    /// Where the row is from and goes to: what makes two rows show one socket.
    pub fn ends(&self) -> impl Eq + Hash {
        // One TCP socket can be open in several processes; UDP sockets of several processes can have the same ends.
        let owner = self.pid.filter(|_| self.protocol == Protocol::Udp);
        let local = (self.local_addr.as_ref(), self.local_port);
        (self.protocol, local, self.remote_addr.as_ref(), self.remote_port, self.state, owner)
    }
}

/// A process that a table names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessNamed {
    /// Its number.
    pub pid: u32,
    /// Its file name.
    pub name: Name,
    /// The services in it.
    pub services: Names,
    /// Where it stands.
    pub place: Place,
}

/// How many sockets one process has in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HolderCount {
    /// The process.
    pub pid: u32,
    /// Its name, where it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<Name>,
    /// The state; `None` for UDP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<SocketState>,
    /// How many.
    pub count: u32,
}

#[cfg(test)]
mod tests {
    use super::SocketRow;

    #[test]
    fn a_row_is_small_enough_for_tables_of_hundreds_of_thousands() {
        let bytes = size_of::<SocketRow>();
        assert!(bytes <= 104, "a row has {bytes} bytes");
    }
}
