//! The socket table with its owners.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, SocketInfo, TcpState};

use super::processes;
use crate::machine::{Gap, Protocol, Snapshot, Socket, SocketState};
use crate::platform::{PlatformError, Scope, SocketScope};

/// Looks at the sockets that `scope` asks for, and the processes that have them.
pub fn look(scope: &Scope, snapshot: &mut Snapshot) -> Result<(), PlatformError> {
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
    match processes::facts(&pids) {
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
