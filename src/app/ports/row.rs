//! One row of the table: a socket with its holder, and what became of it since the last look.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::holder::{Holder, Known};
use crate::machine::{Family, Port, Protocol, Socket, SocketState};

/// A socket beyond doubt, from look to look: a connection by its two ends, everything else by the kernel's number for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId {
    /// The protocol.
    pub protocol: Protocol,
    /// The end on this computer.
    pub local: SocketAddr,
    /// The far end.
    pub remote: Option<SocketAddr>,
    /// Tells sockets apart that have the same ends.
    pub which: u64,
}

impl SocketId {
    /// The identity of a socket. A connection keeps it when it closes, although the kernel then makes a new entry.
    pub fn of(socket: &Socket) -> Self {
        let number = || socket.cookie.or(socket.inode).or_else(|| socket.pids.first().copied().map(u64::from));
        let which = if socket.remote.is_some() { 0 } else { number().unwrap_or(0) };
        Self { protocol: socket.protocol, local: socket.local, remote: socket.remote, which }
    }
}

/// What became of a socket since the looks before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is as it was.
    Stays,
    /// It was not there before this moment.
    New(Timestamp),
    /// It is gone since this moment, and its row goes soon.
    Closed(Timestamp),
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortRow {
    /// The socket.
    pub id: SocketId,
    /// Its state, or the last one where it is gone.
    pub state: SocketState,
    /// For IPv6 listeners: whether IPv6 only is served.
    pub v6only: Option<bool>,
    /// The kernel's identity of the socket.
    pub cookie: Option<u64>,
    /// The inode that links it with processes.
    pub inode: Option<u64>,
    /// When a resting connection gives its port back.
    pub free_at: Option<Timestamp>,
    /// Who has it.
    pub holder: Arc<Holder>,
    /// What became of it.
    pub change: Change,
    /// Everything that a filter looks at, in lower case.
    pub(super) searched: Box<str>,
}

impl PortRow {
    /// A row for a socket.
    pub fn new(id: SocketId, socket: &Socket, looked: Timestamp, holder: Arc<Holder>, change: Change) -> Self {
        let rest = socket.expires_ms.map(|rest| jiff::SignedDuration::from_millis(i64::from(rest)));
        let mut row = Self {
            id,
            state: socket.state,
            v6only: socket.v6only,
            cookie: socket.cookie,
            inode: socket.inode,
            free_at: rest.and_then(|rest| looked.checked_add(rest).ok()),
            holder,
            change,
            searched: Box::default(),
        };
        row.searched = row.search_text();
        row
    }

    /// The same, gone.
    #[must_use]
    pub fn closed(&self, at: Timestamp) -> Self {
        let mut row = Self { change: Change::Closed(at), holder: Arc::new(self.holder.before()), ..self.clone() };
        row.searched = row.search_text();
        row
    }

    /// The local port.
    pub const fn port(&self) -> Port {
        self.id.local.port()
    }

    /// Protocol and family: `TCP4`, `UDP6`.
    pub const fn kind(&self) -> &'static str {
        kind(self.id.protocol, Family::of(self.id.local.ip()))
    }

    /// The state, in words.
    pub const fn state_in_words(&self) -> &'static str {
        if self.is_gone() { "Closed" } else { self.state.in_words() }
    }

    /// Whether the socket is gone.
    pub const fn is_gone(&self) -> bool {
        matches!(self.change, Change::Closed(_))
    }

    /// The local address without the port.
    pub fn local_address(&self) -> String {
        without_port(self.id.local)
    }

    /// The far end, empty where there is none.
    pub fn remote_address(&self) -> String {
        self.id.remote.map(|remote| remote.to_string()).unwrap_or_default()
    }

    /// The process number, where one is seen.
    pub fn pid(&self) -> Option<u32> {
        self.holder.pids.first().copied()
    }

    /// Who has it, in words.
    pub fn program_in_words(&self) -> String {
        self.holder.program_in_words(self.is_gone() || !self.state.is_connected())
    }

    /// Whether it is an ordinary row, and not one of a socket that closes or is gone.
    pub fn is_alive(&self) -> bool {
        !self.is_gone() && !self.state.is_closing() && self.holder.known != Known::Before
    }

    /// Everything about it in one line: for screen readers, and for the clipboard.
    pub fn sentence(&self) -> String {
        let remote = self.id.remote.map(|remote| format!(" to {remote}")).unwrap_or_default();
        let pid = self.pid().map(|pid| format!(", PID {pid}")).unwrap_or_default();
        let service = self.holder.service.as_ref().map(|service| format!(", {service}")).unwrap_or_default();
        let new = if matches!(self.change, Change::New(_)) { ", new" } else { "" };
        format!(
            "Port {}, {}, {}{new}, {}{remote}, {}{service}{pid}",
            self.port(),
            self.kind(),
            self.state_in_words(),
            self.id.local,
            self.program_in_words()
        )
    }

    /// Its cells, with tabs between: what a table or a ticket takes.
    pub fn cells(&self) -> String {
        let pids: Vec<String> = self.holder.pids.iter().map(u32::to_string).collect();
        [
            self.kind().to_owned(),
            self.id.local.to_string(),
            self.remote_address(),
            self.state_in_words().to_owned(),
            pids.join(" "),
            self.program_in_words(),
            self.holder.service.clone().unwrap_or_default(),
        ]
        .join("\t")
    }

    fn search_text(&self) -> Box<str> {
        format!(
            "{} {} {} {} {}",
            self.sentence(),
            self.id.protocol,
            self.state,
            self.holder.user.as_deref().unwrap_or_default(),
            self.holder.pids.iter().skip(1).map(u32::to_string).collect::<Vec<_>>().join(" ")
        )
        .to_lowercase()
        .into()
    }
}

/// Protocol and family in one word.
pub const fn kind(protocol: Protocol, family: Family) -> &'static str {
    match (protocol, family) {
        (Protocol::Tcp, Family::Ipv4) => "TCP4",
        (Protocol::Tcp, Family::Ipv6) => "TCP6",
        (Protocol::Udp, Family::Ipv4) => "UDP4",
        (Protocol::Udp, Family::Ipv6) => "UDP6",
    }
}

/// The address alone, with the interface of a link-local one.
fn without_port(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
        other => other.ip().to_string(),
    }
}
