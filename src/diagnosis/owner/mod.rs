//! Who has a port, told to the end: connection, process, service, container.

pub(crate) mod windows;

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::machine::{
    Container, ListenSpec, Port, Process, ProcessId, Protocol, ServiceKind, Snapshot, Socket, SocketState, System, container_of,
    unit_of, visible, why_windows_needs,
};

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
    /// Its command line, for the rules alone: it is not written down, as passwords stand in arguments.
    #[serde(skip)]
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

/// Everybody who has `port`: one entry for each process of each socket, the one that blocks first in front.
///
/// The order is protocol (TCP first), then listeners, connections, bound sockets and closing connections.
pub fn owners_of(snapshot: &Snapshot, port: Port, protocol: Option<Protocol>) -> Vec<Owner> {
    let mut sockets: Vec<&Socket> = Protocol::ALL
        .into_iter()
        .filter(|own| protocol.is_none_or(|asked| asked == *own))
        .flat_map(|own| snapshot.sockets_on(port, own))
        .collect();
    sockets.sort_by_key(|socket| (socket.protocol, blocking_order(socket.state)));
    sockets.into_iter().flat_map(|socket| owners_of_socket(snapshot, socket)).collect()
}

/// The rank of a state: what blocks a server most surely comes first.
pub const fn blocking_order(state: SocketState) -> u8 {
    if matches!(state, SocketState::Listen | SocketState::Unconnected) {
        0
    } else if state.is_connected() {
        1
    } else if matches!(state, SocketState::Bound) {
        2
    } else {
        3
    }
}

pub(super) fn owners_of_socket(snapshot: &Snapshot, socket: &Socket) -> Vec<Owner> {
    if windows::is_http_sys(snapshot, socket) {
        let pids = windows::behind_http_sys(snapshot, socket);
        return pids.into_iter().map(|pid| owner_with_process(snapshot, socket, pid)).collect();
    }
    let pids = match accepting_listener(snapshot, socket) {
        Some(listener) => &listener.pids,
        None => &socket.pids,
    };
    if pids.is_empty() {
        return vec![owner_without_process(snapshot, socket)];
    }
    pids.iter().map(|pid| owner_with_process(snapshot, socket, *pid)).collect()
}

/// A connection that nobody has accepted yet has no inode; it belongs to the listener in whose queue it waits.
fn accepting_listener<'a>(snapshot: &'a Snapshot, socket: &Socket) -> Option<&'a Socket> {
    if !socket.pids.is_empty() || socket.inode.is_some() || !socket.state.is_connected() {
        return None;
    }
    snapshot
        .sockets_on(socket.local.port(), socket.protocol)
        .find(|other| other.is_listener() && (other.local.ip().is_unspecified() || other.local.ip() == socket.local.ip()))
}

/// A holder about which only the socket itself tells.
fn owner_without_process(snapshot: &Snapshot, socket: &Socket) -> Owner {
    let listener = accepting_listener(snapshot, socket);
    let cgroup = listener.map_or(socket.cgroup.as_deref(), |listener| listener.cgroup.as_deref());
    let unit = cgroup.and_then(unit_of);
    let service = unit.map(|unit| unit.name.to_owned());
    let container = cgroup.and_then(container_of);
    let (kind, service) = if socket.state.is_closing() {
        (OwnerKind::Kernel, None)
    } else if cgroup.is_some_and(|path| path.ends_with("/init.scope")) && socket.is_listener() {
        (OwnerKind::SocketUnit, socket_unit(snapshot, socket))
    } else if container.is_some() {
        (OwnerKind::Container, service)
    } else if unit.is_some_and(|unit| unit.user_manager.is_none()) {
        (OwnerKind::Unit, service)
    } else {
        (OwnerKind::Unknown, service)
    };
    Owner { service, container, kind, ..Owner::of_socket(socket) }
}

pub(super) fn owner_with_process(snapshot: &Snapshot, socket: &Socket, pid: u32) -> Owner {
    let bare = Owner { pid: Some(pid), ..Owner::of_socket(socket) };
    let Some(process) = snapshot.processes.get(&pid) else {
        if windows::is_http_sys(snapshot, socket) {
            let service = windows::service_behind_http_sys(snapshot, socket, pid, None);
            return Owner { kind: OwnerKind::HttpSys, service, ..bare };
        }
        return Owner { kind: OwnerKind::Process, ..bare };
    };
    let by_name = || (snapshot.host.system == System::Windows).then(|| why_windows_needs(&process.name)).flatten();
    let protected = process.protected.clone().or_else(|| by_name().map(str::to_owned));
    let process = &Process { protected, ..process.clone() };
    let (kind, service) = kind_of_process(snapshot, socket, process);
    Owner {
        process_id: Some(process.id),
        process: Some(process.name.clone()),
        exe: process.exe.clone(),
        exe_deleted: process.exe_deleted,
        command_line: process.command_line.clone(),
        user: process.user.clone(),
        started: process.started,
        parents: parents_of(snapshot, process),
        service,
        container: process.container.clone(),
        kind,
        protected: process.protected.clone(),
        ..bare
    }
}

/// What a process is, and the unit or service it acts for.
fn kind_of_process(snapshot: &Snapshot, socket: &Socket, process: &Process) -> (OwnerKind, Option<String>) {
    let own = process.service.clone().or_else(|| {
        let service = snapshot.services.iter().find(|service| service.pids.contains(&process.id.pid));
        service.map(|service| service.name.clone())
    });
    if process.kernel_thread && snapshot.host.system == System::Linux {
        return (OwnerKind::Kernel, None);
    }
    if process.container.is_some() || publishes_ports(&process.name) {
        return (OwnerKind::Container, own);
    }
    if snapshot.host.system == System::Windows {
        return windows::kind(snapshot, socket, process, own);
    }
    // systemd opens ports for socket units only, so what it listens on is one even where its name was not seen.
    if process.name == "systemd" && socket.is_listener() {
        return (OwnerKind::SocketUnit, socket_unit(snapshot, socket));
    }
    match own {
        Some(unit) if unit.ends_with(".service") && !is_user_manager(&unit) && !is_users_own(process) => {
            (OwnerKind::Unit, Some(unit))
        }
        // A session or application scope groups processes, but nothing starts them again and stopping it ends more than one wants. A user's
        // own unit is out of reach for the service manager of the computer.
        other => (OwnerKind::Process, other),
    }
}

/// Whether a program of this name holds ports on behalf of containers and never for itself.
pub(super) fn publishes_ports(process: &str) -> bool {
    matches!(process, "docker-proxy" | "rootlesskit" | "rootlessport" | "slirp4netns" | "com.docker.backend.exe")
}

/// Whether the unit is the manager of a user's own units: its processes are the user's, not one service's.
fn is_user_manager(unit: &str) -> bool {
    unit.starts_with("user@")
}

/// Whether a user's own service manager looks after the process.
fn is_users_own(process: &Process) -> bool {
    process.cgroup.as_deref().and_then(unit_of).is_some_and(|unit| unit.user_manager.is_some())
}

/// The socket unit that listens where `socket` does.
fn socket_unit(snapshot: &Snapshot, socket: &Socket) -> Option<String> {
    let matches = |listen: &ListenSpec| {
        listen.protocol == socket.protocol
            && listen.port == socket.local.port()
            && match listen.address {
                None => socket.local.ip().is_unspecified(),
                Some(address) => address == socket.local.ip(),
            }
    };
    let mut units = snapshot.services.iter().filter(|service| service.kind == ServiceKind::SocketUnit);
    units.find(|unit| unit.listens.iter().any(matches)).map(|unit| unit.name.clone())
}

/// The chain of those who started a process, the nearest first.
fn parents_of(snapshot: &Snapshot, process: &Process) -> Vec<String> {
    let mut chain = Vec::new();
    let mut seen = vec![process.id.pid];
    let mut next = process.parent;
    while let Some(parent) = next.and_then(|pid| snapshot.processes.get(&pid)) {
        if seen.contains(&parent.id.pid) {
            break;
        }
        seen.push(parent.id.pid);
        chain.push(format!("{} ({})", visible(&parent.name), parent.id.pid));
        next = parent.parent;
    }
    chain
}

impl Owner {
    /// What the socket alone tells.
    fn of_socket(socket: &Socket) -> Self {
        Self {
            pid: None,
            process_id: None,
            process: None,
            exe: None,
            exe_deleted: false,
            command_line: None,
            user: None,
            started: None,
            parents: Vec::new(),
            service: None,
            container: None,
            kind: OwnerKind::Unknown,
            protocol: socket.protocol,
            local: socket.local,
            remote: socket.remote,
            state: socket.state,
            protected: None,
        }
    }
}
