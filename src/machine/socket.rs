//! One row of the socket table.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Family, Protocol};

/// The state of a socket, in the names of the TCP standard (RFC 9293) and two that it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SocketState {
    /// Waits for connections.
    Listen,
    /// Asked a peer for a connection.
    SynSent,
    /// Was asked for a connection.
    SynReceived,
    /// Connected.
    Established,
    /// Closed here; the peer has not answered yet.
    #[serde(rename = "FIN_WAIT_1")]
    FinWait1,
    /// Closed here; the peer knows but has not closed.
    #[serde(rename = "FIN_WAIT_2")]
    FinWait2,
    /// The peer closed; the program here has not.
    CloseWait,
    /// Both close at once.
    Closing,
    /// Closed here after the peer; the last answer is missing.
    LastAck,
    /// Over; the port rests so that late packets do not reach a new connection.
    TimeWait,
    /// Has the port by `bind`, but neither listens nor is connected. Most tools do not show it.
    Bound,
    /// A UDP socket without a peer: it receives, so it is what a listener is for TCP.
    Unconnected,
}

impl SocketState {
    /// Every state, in the order of a connection's life.
    pub const ALL: [Self; 12] = [
        Self::Listen,
        Self::SynSent,
        Self::SynReceived,
        Self::Established,
        Self::FinWait1,
        Self::FinWait2,
        Self::CloseWait,
        Self::Closing,
        Self::LastAck,
        Self::TimeWait,
        Self::Bound,
        Self::Unconnected,
    ];

    /// The word of the TCP standard.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listen => "LISTEN",
            Self::SynSent => "SYN_SENT",
            Self::SynReceived => "SYN_RECEIVED",
            Self::Established => "ESTABLISHED",
            Self::FinWait1 => "FIN_WAIT_1",
            Self::FinWait2 => "FIN_WAIT_2",
            Self::CloseWait => "CLOSE_WAIT",
            Self::Closing => "CLOSING",
            Self::LastAck => "LAST_ACK",
            Self::TimeWait => "TIME_WAIT",
            Self::Bound => "BOUND",
            Self::Unconnected => "UNCONNECTED",
        }
    }

    /// The word for people: on the Ports page and in `portmedic ports`.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Listen => "Listening",
            Self::Unconnected => "Receiving",
            Self::Bound => "Bound",
            Self::Established => "Connected",
            Self::SynSent | Self::SynReceived => "Connecting",
            Self::CloseWait => "Half closed",
            Self::TimeWait => "Resting",
            Self::FinWait1 | Self::FinWait2 | Self::Closing | Self::LastAck => "Closing",
        }
    }

    /// Whether the program has closed the socket already, so that no process has it any more.
    pub const fn is_closing(self) -> bool {
        matches!(self, Self::FinWait1 | Self::FinWait2 | Self::Closing | Self::LastAck | Self::TimeWait)
    }

    /// Whether programs reach a server through it: a TCP listener, or a UDP socket without a peer.
    pub const fn is_server(self) -> bool {
        matches!(self, Self::Listen | Self::Unconnected)
    }

    /// Whether it is one end of a connection that a program still has.
    pub const fn is_connected(self) -> bool {
        matches!(self, Self::SynSent | Self::SynReceived | Self::Established | Self::CloseWait)
    }
}

impl fmt::Display for SocketState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One socket and who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Socket {
    /// The protocol.
    pub protocol: Protocol,
    /// The local address and port.
    pub local: SocketAddr,
    /// The peer; `None` for a listener, a bound socket and an unconnected UDP socket.
    pub remote: Option<SocketAddr>,
    /// The state.
    pub state: SocketState,
    /// For IPv6: whether it serves IPv6 only (`Some(true)`) or IPv4 too (`Some(false)`); `None` where the system does not tell.
    pub v6only: Option<bool>,
    /// Whether it allows others of the same user to share the port (`SO_REUSEPORT`); `None` where the system does not tell.
    pub reuse_port: Option<bool>,
    /// The inode of the socket: what `/proc/PID/fd` links name. `None` where there is none (`TIME_WAIT`, accept queue) or on Windows.
    pub inode: Option<u64>,
    /// The kernel's identity of the socket, unique until the next boot; closing a connection names it.
    pub cookie: Option<u64>,
    /// The number of the user who made it.
    pub uid: Option<u32>,
    /// The control group in which it was made, as a path below the root of cgroup2. A process that got the socket later may be elsewhere.
    pub cgroup: Option<Arc<str>>,
    /// For a resting connection: the time until the port is free, in milliseconds.
    pub expires_ms: Option<u32>,
    /// For a listener: connections that wait to be accepted, and the most that may wait.
    pub backlog: Option<(u32, u32)>,
    /// The Windows service that made it, by its service tag: one `svchost.exe` runs several. `None` where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Arc<str>>,
    /// Every process that has it, in ascending order. Empty: nobody has it any more, or who has it could not be seen (then a Gap says so).
    pub pids: Arc<[u32]>,
}

impl Socket {
    /// A socket of which nothing is known but its protocol, its local end and its state.
    pub fn bare(protocol: Protocol, local: SocketAddr, state: SocketState) -> Self {
        Self {
            protocol,
            local,
            remote: None,
            state,
            v6only: None,
            reuse_port: None,
            inode: None,
            cookie: None,
            uid: None,
            cgroup: None,
            expires_ms: None,
            backlog: None,
            service: None,
            pids: Arc::default(),
        }
    }

    /// The family of the local address.
    pub const fn family(&self) -> Family {
        match self.local {
            SocketAddr::V4(_) => Family::Ipv4,
            SocketAddr::V6(_) => Family::Ipv6,
        }
    }

    /// Whether programs reach a server through it: a TCP listener, or a UDP socket without a peer.
    pub const fn is_listener(&self) -> bool {
        self.state.is_server()
    }
}
