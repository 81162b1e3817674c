//! The live Windows computer, as far as this version looks at it: sockets, processes, nothing else. It changes nothing.
//!
//! What is missing is said as a Gap or a refusal, never left out. The README lists what works where.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use jiff::Timestamp;
use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, SocketInfo, TcpState};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, UpdateKind};

use super::{BindQuestion, Platform, PlatformError, Scope, ServiceScope, SocketScope};
use crate::machine::{
    BindResult, BindTest, Gap, Host, Port, Process, ProcessId, Protocol, Snapshot, Socket, SocketState, System, visible,
};
use crate::remedy::{Operation, OperationState};

/// The live Windows computer.
#[derive(Debug, Default)]
pub struct WindowsPlatform;

impl Platform for WindowsPlatform {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        let mut snapshot = Snapshot::new(Timestamp::now(), host());
        match &scope.services {
            // Windows has no such units.
            ServiceScope::None | ServiceScope::SocketUnits => {}
            ServiceScope::Named(name) => {
                return Err(PlatformError::Refused(format!("{}: \"{}\"", NO_SERVICES, visible(name))));
            }
            ServiceScope::Failing | ServiceScope::All => {
                snapshot.gaps.push(Gap::new("Services", NO_SERVICES, "`sc queryex` in a command prompt"));
            }
        }
        look_at_sockets(scope, &mut snapshot)?;
        if scope.ranges {
            snapshot.gaps.push(Gap::new(
                "Dynamic and excluded port ranges",
                "this version does not read them on Windows",
                "`netsh int ipv4 show excludedportrange tcp`",
            ));
        }
        if scope.bind_tests {
            snapshot.gaps.push(Gap::new("The bind test", "this version does not make it on Windows", "starting the service"));
        }
        Ok(snapshot)
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        BindTest {
            protocol: question.protocol,
            address: question.address,
            port: question.port,
            v6only: question.v6only,
            reuse_address: question.reuse_address,
            result: BindResult::Other,
            error: Some("this version does not make the bind test on Windows".to_owned()),
        }
    }

    fn sample_dynamic_ports(&self, _protocol: Protocol, _count: usize) -> Result<Vec<Port>, PlatformError> {
        Err(PlatformError::Refused("this version does not sample dynamic ports on Windows".to_owned()))
    }

    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError> {
        Err(no_change(operation))
    }

    fn perform(&self, operation: &Operation) -> Result<(), PlatformError> {
        Err(no_change(operation))
    }

    fn restore(&self, operation: &Operation, _before: &OperationState, _after: &OperationState) -> Result<(), PlatformError> {
        Err(no_change(operation))
    }
}

const NO_SERVICES: &str = "this version does not look at Windows services; name the port instead";

fn no_change(operation: &Operation) -> PlatformError {
    PlatformError::Refused(format!("this version changes nothing on Windows, so this was not done: {operation}"))
}

fn host() -> Host {
    Host {
        name: sysinfo::System::host_name().unwrap_or_default(),
        system: System::Windows,
        version: sysinfo::System::long_os_version().unwrap_or_default(),
        user: std::env::var("USERNAME").unwrap_or_default(),
        elevated: false,
        wsl: false,
        service_manager: false,
        network_namespace: None,
        practice: None,
    }
}

fn look_at_sockets(scope: &Scope, snapshot: &mut Snapshot) -> Result<(), PlatformError> {
    let (port, protocol) = match scope.sockets {
        SocketScope::None => return Ok(()),
        SocketScope::Port { port, protocol } => (Some(port), protocol),
        SocketScope::All => (None, None),
    };
    let failed = |why: String| PlatformError::Failed { what: "could not read the socket table".to_owned(), why };
    let rows = netstat2::iterate_sockets_info(AddressFamilyFlags::all(), ProtocolFlags::all())
        .map_err(|error| failed(error.to_string()))?;
    for row in rows {
        let socket = socket(&row.map_err(|error| failed(error.to_string()))?);
        let wanted = port.is_none_or(|port| socket.local.port() == port) && protocol.is_none_or(|own| socket.protocol == own);
        if wanted {
            snapshot.sockets.push(socket);
        }
    }
    let pids: BTreeSet<u32> = snapshot.sockets.iter().flat_map(|socket| socket.pids.iter().copied()).collect();
    match processes(&pids) {
        Ok(processes) => snapshot.processes = processes,
        Err(error) => snapshot.gaps.push(Gap::new("The names of the processes", error.to_string(), "looking again")),
    }
    Ok(())
}

fn socket(row: &SocketInfo) -> Socket {
    let (protocol, local, remote, state) = match &row.protocol_socket_info {
        ProtocolSocketInfo::Tcp(tcp) => {
            let state = state(tcp.state);
            let remote = SocketAddr::new(tcp.remote_addr, tcp.remote_port);
            let remote = (state != SocketState::Listen && state != SocketState::Bound).then_some(remote);
            (Protocol::Tcp, SocketAddr::new(tcp.local_addr, tcp.local_port), remote, state)
        }
        ProtocolSocketInfo::Udp(udp) => {
            (Protocol::Udp, SocketAddr::new(udp.local_addr, udp.local_port), None, SocketState::Unconnected)
        }
    };
    Socket {
        protocol,
        local,
        remote,
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
        pids: row.associated_pids.clone(),
    }
}

const fn state(state: TcpState) -> SocketState {
    match state {
        TcpState::Listen => SocketState::Listen,
        TcpState::SynSent => SocketState::SynSent,
        TcpState::SynReceived => SocketState::SynReceived,
        TcpState::Established => SocketState::Established,
        TcpState::FinWait1 => SocketState::FinWait1,
        TcpState::FinWait2 => SocketState::FinWait2,
        TcpState::CloseWait => SocketState::CloseWait,
        TcpState::Closing => SocketState::Closing,
        TcpState::LastAck => SocketState::LastAck,
        TcpState::TimeWait => SocketState::TimeWait,
        TcpState::Closed | TcpState::DeleteTcb | TcpState::Unknown => SocketState::Bound,
    }
}

fn processes(pids: &BTreeSet<u32>) -> Result<BTreeMap<u32, Process>, sysinfo::Error> {
    let wanted: Vec<Pid> = pids.iter().map(|pid| Pid::from_u32(*pid)).collect();
    let mut system = sysinfo::System::new()?;
    let kind = ProcessRefreshKind::nothing().with_exe(UpdateKind::OnlyIfNotSet);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&wanted), true, kind);
    let facts = |(pid, process): (&Pid, &sysinfo::Process)| {
        let started = process.start_time();
        let facts = Process {
            id: ProcessId { pid: pid.as_u32(), started },
            name: visible(&process.name().to_string_lossy()),
            exe: process.exe().map(|path| visible(&path.to_string_lossy())),
            exe_deleted: false,
            command_line: None,
            uid: None,
            user: None,
            started: i64::try_from(started).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()),
            parent: process.parent().map(Pid::as_u32),
            cgroup: None,
            service: None,
            container: None,
            kernel_thread: false,
            network_namespace: None,
            protected: (pid.as_u32() <= 4).then(|| "it is Windows itself".to_owned()),
        };
        (pid.as_u32(), facts)
    };
    Ok(system.processes().iter().map(facts).collect())
}
