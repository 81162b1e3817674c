//! Who has a port, told to the end: connection, process, service, container.

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::machine::{Container, ProcessId, Protocol, SocketState};

/// What kind of thing has the port: it decides the remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerKind {
    /// A process that no service manager looks after.
    Process,
    /// A Windows service.
    Service,
    /// A systemd service unit.
    Unit,
    /// A systemd socket unit.
    SocketUnit,
    /// A container.
    Container,
    /// A request queue of HTTP.sys.
    HttpSys,
    /// A portproxy rule.
    Portproxy,
    /// The kernel: a connection that no process has any more.
    Kernel,
    /// A reserved range.
    Reservation,
    /// It could not be seen.
    Unknown,
}

/// One holder of a port. A socket that several processes share gives one entry a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The number of the process.
    pub pid: Option<u32>,
    /// The process beyond doubt, for a step that ends it.
    pub process_id: Option<ProcessId>,
    /// The process's short name.
    pub process: Option<String>,
    /// Its executable.
    pub exe: Option<String>,
    /// Whether the executable's file is no longer there.
    pub exe_deleted: bool,
    /// Its command line.
    pub command_line: Option<Vec<String>>,
    /// Its user.
    pub user: Option<String>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// The processes that started it, the nearest first, as `name (pid)`.
    pub parents: Vec<String>,
    /// The unit or service it belongs to.
    pub service: Option<String>,
    /// The container it runs in.
    pub container: Option<Container>,
    /// What kind of thing it is.
    pub kind: OwnerKind,
    /// The protocol of its socket.
    pub protocol: Protocol,
    /// The local end of its socket.
    pub local: SocketAddr,
    /// The far end.
    pub remote: Option<SocketAddr>,
    /// The state of its socket; `UNCONNECTED` for a UDP socket.
    pub state: SocketState,
    /// Why it must never be ended, in words.
    pub protected: Option<String>,
}
