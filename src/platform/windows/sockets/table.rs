//! The tables of the live system.

use std::net::{IpAddr, SocketAddr};

use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, SocketInfo, TcpState};

use crate::machine::{Port, Protocol, SocketState};
use crate::platform::PlatformError;
use crate::platform::windows::ffi;
use crate::platform::windows_tables::search::{NoTable, Tables};
use crate::platform::windows_tables::sockets::{Row, Table};

/// Windows itself answers.
#[derive(Debug, Clone, Copy)]
pub struct LiveTables;

impl Tables for LiveTables {
    fn read(&self, table: Table) -> Result<Vec<u8>, NoTable> {
        ffi::socket_table(table)
    }
}

/// The whole table as netstat2 reads it.
///
/// # Errors
/// Where Windows refuses it.
pub fn whole() -> Result<Vec<Row>, PlatformError> {
    let could_not = |error: netstat2::error::Error| PlatformError::Failed {
        what: "could not read the socket table".to_owned(),
        why: error.to_string(),
    };
    let rows = netstat2::iterate_sockets_info(AddressFamilyFlags::all(), ProtocolFlags::all()).map_err(could_not)?;
    rows.map(|row| row.map(|row| bare(&row)).map_err(could_not)).collect()
}

fn bare(socket: &SocketInfo) -> Row {
    let end = |address: IpAddr, port: Port| SocketAddr::new(address, port);
    let (protocol, local, remote, state) = match &socket.protocol_socket_info {
        ProtocolSocketInfo::Tcp(tcp) => {
            let state = state_of(tcp.state);
            let has_peer = !matches!(state, SocketState::Listen | SocketState::Bound);
            let remote = has_peer.then(|| end(tcp.remote_addr, tcp.remote_port));
            (Protocol::Tcp, end(tcp.local_addr, tcp.local_port), remote, state)
        }
        ProtocolSocketInfo::Udp(udp) => (Protocol::Udp, end(udp.local_addr, udp.local_port), None, SocketState::Unconnected),
    };
    let pid = socket.associated_pids.first().copied().filter(|pid| *pid != 0);
    Row { protocol, local, remote, state, pid, created: None, tag: None }
}

const fn state_of(state: TcpState) -> SocketState {
    match state {
        TcpState::Listen => SocketState::Listen,
        TcpState::SynSent => SocketState::SynSent,
        TcpState::SynReceived => SocketState::SynReceived,
        TcpState::Established => SocketState::Established,
        TcpState::FinWait1 => SocketState::FinWait1,
        TcpState::FinWait2 => SocketState::FinWait2,
        TcpState::CloseWait => SocketState::CloseWait,
        TcpState::Closing => SocketState::Closing,
        TcpState::LastAck | TcpState::DeleteTcb => SocketState::LastAck,
        TcpState::TimeWait => SocketState::TimeWait,
        TcpState::Closed | TcpState::Unknown => SocketState::Bound,
    }
}
