//! What the recorder noted: who took a port, and when.

use std::fmt;
use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Boot, Container, Port, ProcessId, Protocol, SocketState, visible};

/// A port that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WatchedPort {
    /// The port.
    pub port: Port,
    /// The protocol.
    pub protocol: Protocol,
}

impl fmt::Display for WatchedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.port, self.protocol.as_str())
    }
}

/// Somebody who was seen on a port that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The local end: address and port.
    pub local: SocketAddr,
    /// The protocol.
    pub protocol: Protocol,
    /// The far end of a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<SocketAddr>,
    /// What it was on the port: a listener, a connection, bound without either. A resting connection came and went between two looks.
    pub state: SocketState,
    /// The last look before, at which it was not there; `None` where it was there when the recorder began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// The look that found it.
    pub first_seen: Timestamp,
    /// The last time that it is known to have been there.
    pub last_seen: Timestamp,
    /// The first look at which it was not there any more; `None` while it is, or where the recorder ended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Timestamp>,
    /// Whether the recorder ended at `last_seen` and so does not tell of any time after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unwatched: bool,
    /// Who had it; `None` where no process could be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<SeenProcess>,
    /// The process that started that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<SeenParent>,
    /// The systemd unit or Windows service that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The container that it runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
    /// The run of the computer in which it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Boot>,
}

/// A process as it was when it was seen: it may be over by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenProcess {
    /// Its identity.
    #[serde(flatten)]
    pub id: ProcessId,
    /// Its short name.
    pub name: String,
    /// The executable's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exe: Option<String>,
    /// The command line, one entry an argument; it may hold secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_line: Option<Vec<String>>,
    /// The name of its user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// The process that started another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenParent {
    /// Its number.
    pub pid: u32,
    /// Its short name.
    pub name: String,
}

impl Sighting {
    /// The port.
    pub const fn port(&self) -> Port {
        self.local.port()
    }

    /// The port with its protocol.
    pub const fn place(&self) -> WatchedPort {
        WatchedPort { port: self.port(), protocol: self.protocol }
    }

    /// Whether it came and went between two looks: only the rest of a connection was seen.
    pub const fn was_missed(&self) -> bool {
        self.state.is_closing()
    }

    /// Who it was: the process with its number, or what else is known.
    pub fn who(&self) -> String {
        match (&self.process, &self.service) {
            (Some(process), _) => format!("{} (PID {})", visible(&process.name), process.id.pid),
            (None, Some(service)) => visible(service),
            (None, None) => "a process that could not be seen".to_owned(),
        }
    }

    /// Where it comes from, to stand behind the name: who started it, and as what. Nothing where that is not known.
    pub fn origin(&self) -> String {
        let parent = self.parent.as_ref().map(|parent| format!("started by {} (PID {})", visible(&parent.name), parent.pid));
        let unit = self.service.as_ref().filter(|_| self.process.is_some()).map(|service| format!("in {}", visible(service)));
        let container = self.container.as_ref();
        let container =
            container.map(|container| format!("in the {} container {}", visible(&container.runtime), visible(&container.id)));
        [parent, unit, container].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What it did with the port, to stand behind the name.
    pub fn deed(&self) -> String {
        let port = match self.protocol {
            Protocol::Tcp => format!("port {}", self.port()),
            Protocol::Udp => format!("UDP port {}", self.port()),
        };
        match (self.state, self.remote) {
            (SocketState::Listen, _) => format!("listened on {port}"),
            (SocketState::Unconnected, _) => format!("received on {port}"),
            (SocketState::Bound, _) => format!("bound {port} without listening"),
            (_, Some(remote)) if self.was_missed() => {
                format!("had {port} for a connection to {remote}, which was over when it was seen")
            }
            (_, Some(remote)) => format!("took {port} for a connection to {remote}"),
            (_, None) => format!("had {port}"),
        }
    }
}
