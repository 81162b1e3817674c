//! The tables of `GetExtendedTcpTable`, `GetExtendedUdpTable` and `InternalGetBoundTcpEndpointTable`.

use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};

use super::bytes::{ipv4_at, ipv6_at, port_at, scope_at, u32_at, u64_at};
use crate::machine::{Family, Port, Protocol, SocketState};

/// Which part of the TCP table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TcpPart {
    /// Listeners.
    Listeners,
    /// Everything that is no listener.
    Connections,
    /// Both.
    All,
}

/// A table that Windows can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// TCP with owner and creation time (`TCP_TABLE_OWNER_MODULE_…`).
    Tcp(Family, TcpPart),
    /// UDP with owner and creation time (`UDP_TABLE_OWNER_MODULE`).
    Udp(Family),
    /// TCP sockets that have a port and neither listen nor are connected: Windows 10 version 1809 and later.
    Bound(Family),
}

impl Table {
    /// The protocol of its sockets.
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Tcp(..) | Self::Bound(_) => Protocol::Tcp,
            Self::Udp(_) => Protocol::Udp,
        }
    }

    /// Its name for people.
    pub fn in_words(self) -> String {
        match self {
            Self::Tcp(family, _) => format!("TCP sockets over {family}"),
            Self::Udp(family) => format!("UDP sockets over {family}"),
            Self::Bound(family) => format!("TCP sockets over {family} that are bound without listening"),
        }
    }
}

/// One socket as a table tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The protocol.
    pub protocol: Protocol,
    /// The local end, with the interface of a link-local address.
    pub local: SocketAddr,
    /// The far end; `None` where it has none.
    pub remote: Option<SocketAddr>,
    /// The state.
    pub state: SocketState,
    /// The process that made it; `None` where nobody has it any more, as with a connection that rests.
    pub pid: Option<u32>,
    /// When it was made, in 100 ns since 1601; `None` where the table does not tell.
    pub created: Option<u64>,
    /// The tag of the service that made it; `None` where no service did.
    pub tag: Option<u32>,
}

/// Where the fields of a row stand, in bytes.
struct Layout {
    /// The first row.
    first: usize,
    /// A row.
    size: usize,
    local: usize,
    local_port: usize,
    remote: Option<usize>,
    remote_port: usize,
    state: usize,
    pid: usize,
    created: Option<usize>,
}

/// The scope stands behind an IPv6 address.
const SCOPE: usize = 16;
/// The owner's data stands behind the creation time, in UDP rows with flags in between.
const TAG_BEHIND_CREATED: usize = 8;
const TAG_BEHIND_CREATED_UDP: usize = 16;

/// `MIB_TCPROW_OWNER_MODULE`.
const TCP4: Layout = Layout {
    first: 8,
    size: 160,
    state: 0,
    local: 4,
    local_port: 8,
    remote: Some(12),
    remote_port: 16,
    pid: 20,
    created: Some(24),
};
/// `MIB_TCP6ROW_OWNER_MODULE`.
const TCP6: Layout = Layout {
    first: 8,
    size: 192,
    local: 0,
    local_port: 20,
    remote: Some(24),
    remote_port: 44,
    state: 48,
    pid: 52,
    created: Some(56),
};
/// `MIB_UDPROW_OWNER_MODULE`.
const UDP4: Layout =
    Layout { first: 8, size: 160, local: 0, local_port: 4, pid: 8, created: Some(16), remote: None, remote_port: 0, state: 0 };
/// `MIB_UDP6ROW_OWNER_MODULE`.
const UDP6: Layout =
    Layout { first: 8, size: 176, local: 0, local_port: 20, pid: 24, created: Some(32), remote: None, remote_port: 0, state: 0 };
/// `MIB_TCPROW2`.
const BOUND4: Layout =
    Layout { first: 4, size: 28, state: 0, local: 4, local_port: 8, remote: Some(12), remote_port: 16, pid: 20, created: None };
/// `MIB_TCP6ROW2`.
const BOUND6: Layout =
    Layout { first: 4, size: 60, local: 0, local_port: 20, remote: Some(24), remote_port: 44, state: 48, pid: 52, created: None };

const fn layout(table: Table) -> (&'static Layout, Family) {
    match table {
        Table::Tcp(Family::Ipv4, _) => (&TCP4, Family::Ipv4),
        Table::Tcp(Family::Ipv6, _) => (&TCP6, Family::Ipv6),
        Table::Udp(Family::Ipv4) => (&UDP4, Family::Ipv4),
        Table::Udp(Family::Ipv6) => (&UDP6, Family::Ipv6),
        Table::Bound(Family::Ipv4) => (&BOUND4, Family::Ipv4),
        Table::Bound(Family::Ipv6) => (&BOUND6, Family::Ipv6),
    }
}

/// The rows of a table, or those on one port. `None` where the bytes are fewer than the table says that it has.
pub fn rows(table: Table, bytes: &[u8], port: Option<Port>) -> Option<Vec<Row>> {
    let (layout, family) = layout(table);
    let count = usize::try_from(u32_at(bytes, 0)?).ok()?;
    if count == 0 {
        return Some(Vec::new());
    }
    let all = bytes.get(layout.first..layout.first.checked_add(count.checked_mul(layout.size)?)?)?;
    let wanted = |row: &&[u8]| port.is_none() || port_at(row, layout.local_port) == port;
    all.chunks_exact(layout.size).filter(wanted).map(|bytes| row(table, layout, family, bytes)).collect()
}

fn row(table: Table, layout: &Layout, family: Family, bytes: &[u8]) -> Option<Row> {
    let end = |address: usize, port: usize| -> Option<SocketAddr> {
        let port = port_at(bytes, port)?;
        Some(match family {
            Family::Ipv4 => SocketAddrV4::new(ipv4_at(bytes, address)?, port).into(),
            Family::Ipv6 => {
                let address_itself = ipv6_at(bytes, address)?;
                let scope = if address_itself.is_unicast_link_local() { scope_at(bytes, address + SCOPE)? } else { 0 };
                SocketAddrV6::new(address_itself, port, 0, scope).into()
            }
        })
    };
    let state = match table {
        Table::Tcp(..) => state_of(u32_at(bytes, layout.state)?),
        Table::Udp(_) => SocketState::Unconnected,
        Table::Bound(_) => SocketState::Bound,
    };
    let remote = match layout.remote {
        Some(remote) if !matches!(state, SocketState::Listen | SocketState::Bound) => Some(end(remote, layout.remote_port)?),
        _ => None,
    };
    let behind = if matches!(table, Table::Udp(_)) { TAG_BEHIND_CREATED_UDP } else { TAG_BEHIND_CREATED };
    let (created, tag) = match layout.created {
        // The first of the owner's sixteen numbers is the service tag, which has 32 bits.
        Some(created) => (Some(u64_at(bytes, created)?), Some(u32_at(bytes, created + behind)?)),
        None => (None, None),
    };
    Some(Row {
        protocol: table.protocol(),
        local: end(layout.local, layout.local_port)?,
        remote,
        state,
        pid: Some(u32_at(bytes, layout.pid)?).filter(|pid| *pid != 0),
        created: created.filter(|created| *created != 0),
        tag: tag.filter(|tag| *tag != 0),
    })
}

/// `MIB_TCP_STATE`. Closed, reserved and unknown ones have a port and no peer that could be told.
const fn state_of(number: u32) -> SocketState {
    match number {
        2 => SocketState::Listen,
        3 => SocketState::SynSent,
        4 => SocketState::SynReceived,
        5 => SocketState::Established,
        6 => SocketState::FinWait1,
        7 => SocketState::FinWait2,
        8 => SocketState::CloseWait,
        9 => SocketState::Closing,
        // Windows is about to forget the connection (`DELETE_TCB`).
        10 | 12 => SocketState::LastAck,
        11 => SocketState::TimeWait,
        _ => SocketState::Bound,
    }
}

/// Tables as Windows writes them.
#[cfg(test)]
pub(super) mod testing {
    use std::net::{IpAddr, SocketAddr};

    /// 2026-11-21, 10:00, in 100 ns since 1601.
    pub const CREATED: u64 = 134_079_984_000_000_000;
    pub const TAG: u32 = 42;

    /// A table: the number of rows, and from `first` on the rows.
    pub fn table<const N: usize>(first: usize, rows: [Vec<u8>; N]) -> Vec<u8> {
        let mut bytes = u32::try_from(N).unwrap().to_le_bytes().to_vec();
        bytes.resize(first, 0);
        bytes.extend(rows.into_iter().flatten());
        bytes
    }

    pub fn tcp4(state: u32, local: &str, remote: &str, pid: u32) -> Vec<u8> {
        let mut row = [state.to_le_bytes().to_vec(), end(local), end(remote), pid.to_le_bytes().to_vec()].concat();
        own(&mut row, &[]);
        row
    }

    pub fn tcp6(state: u32, local: &str, remote: &str, pid: u32) -> Vec<u8> {
        let mut row = [end(local), end(remote), state.to_le_bytes().to_vec(), pid.to_le_bytes().to_vec()].concat();
        own(&mut row, &[]);
        row
    }

    /// Four bytes fill the row up to the creation time, and eight are flags.
    pub fn udp4(local: &str, pid: u32) -> Vec<u8> {
        let mut row = [end(local), pid.to_le_bytes().to_vec(), vec![0xCC; 4]].concat();
        own(&mut row, &[1, 0, 0, 0, 0xCC, 0xCC, 0xCC, 0xCC]);
        row
    }

    pub fn udp6(local: &str, pid: u32) -> Vec<u8> {
        udp4(local, pid)
    }

    pub fn bound4(local: &str, pid: u32) -> Vec<u8> {
        [100_u32.to_le_bytes().to_vec(), end(local), end("0.0.0.0:0"), pid.to_le_bytes().to_vec(), vec![0; 4]].concat()
    }

    pub fn bound6(local: &str, pid: u32) -> Vec<u8> {
        [end(local), end("[::]:0"), 100_u32.to_le_bytes().to_vec(), pid.to_le_bytes().to_vec(), vec![0; 4]].concat()
    }

    /// The creation time and the sixteen numbers of the owner, with `flags` in between.
    fn own(row: &mut Vec<u8>, flags: &[u8]) {
        row.extend(CREATED.to_le_bytes());
        row.extend(flags);
        row.extend(u64::from(TAG).to_le_bytes());
        row.extend([0; 15 * 8]);
    }

    /// Address, scope of an IPv6 address, and port in a `DWORD` whose upper half is rubbish.
    fn end(text: &str) -> Vec<u8> {
        let end: SocketAddr = text.parse().unwrap();
        let mut bytes = match end.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        if let SocketAddr::V6(v6) = end {
            bytes.extend(v6.scope_id().to_le_bytes());
        }
        bytes.extend(end.port().to_be_bytes());
        bytes.extend([0xAB, 0xCD]);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{CREATED, TAG, bound4, bound6, table, tcp4, tcp6, udp4, udp6};
    use super::{Row, Table, TcpPart, rows};
    use crate::machine::{Family, Protocol, SocketState};

    const TCP4: Table = Table::Tcp(Family::Ipv4, TcpPart::All);
    const TCP6: Table = Table::Tcp(Family::Ipv6, TcpPart::All);

    fn row(protocol: Protocol, local: &str, remote: Option<&str>, state: SocketState, pid: u32) -> Row {
        Row {
            protocol,
            local: local.parse().unwrap(),
            remote: remote.map(|remote| remote.parse().unwrap()),
            state,
            pid: Some(pid),
            created: Some(CREATED),
            tag: Some(TAG),
        }
    }

    #[test]
    fn every_field_of_every_table_is_found() {
        let one = |kind, first, bytes| rows(kind, &table(first, [bytes]), None).unwrap().remove(0);
        assert_eq!(
            one(TCP4, 8, tcp4(5, "10.0.0.1:1433", "10.0.0.2:50000", 700)),
            row(Protocol::Tcp, "10.0.0.1:1433", Some("10.0.0.2:50000"), SocketState::Established, 700)
        );
        assert_eq!(
            one(TCP6, 8, tcp6(5, "[fe80::1%7]:80", "[fe80::2%7]:81", 700)),
            row(Protocol::Tcp, "[fe80::1%7]:80", Some("[fe80::2%7]:81"), SocketState::Established, 700)
        );
        let udp = |local| row(Protocol::Udp, local, None, SocketState::Unconnected, 8);
        assert_eq!(one(Table::Udp(Family::Ipv4), 8, udp4("0.0.0.0:53", 8)), udp("0.0.0.0:53"));
        assert_eq!(one(Table::Udp(Family::Ipv6), 8, udp6("[fe80::1%7]:53", 8)), udp("[fe80::1%7]:53"));
        let bound = |local| Row { created: None, tag: None, ..row(Protocol::Tcp, local, None, SocketState::Bound, 9) };
        assert_eq!(one(Table::Bound(Family::Ipv4), 4, bound4("0.0.0.0:5000", 9)), bound("0.0.0.0:5000"));
        assert_eq!(one(Table::Bound(Family::Ipv6), 4, bound6("[::]:5000", 9)), bound("[::]:5000"));
    }

    #[test]
    fn a_listener_has_no_far_end_whatever_stands_there() {
        let listener = rows(TCP4, &table(8, [tcp4(2, "0.0.0.0:80", "1.2.3.4:99", 4)]), None).unwrap().remove(0);
        assert_eq!((listener.state, listener.remote), (SocketState::Listen, None));
    }

    #[test]
    fn a_resting_connection_is_nobodys() {
        let resting = rows(TCP4, &table(8, [tcp4(11, "10.0.0.1:80", "10.0.0.2:99", 0)]), None).unwrap().remove(0);
        assert_eq!((resting.state, resting.pid), (SocketState::TimeWait, None));
    }

    #[test]
    fn the_interface_is_read_in_either_byte_order_and_only_where_it_means_something() {
        let mut bytes = tcp6(2, "[fe80::1%7]:80", "[::]:0", 4);
        bytes[16..20].copy_from_slice(&7_u32.to_be_bytes());
        let swapped = rows(TCP6, &table(8, [bytes]), None).unwrap().remove(0);
        assert_eq!(swapped.local, "[fe80::1%7]:80".parse().unwrap());
        let global = rows(TCP6, &table(8, [tcp6(2, "[2001:db8::1%7]:80", "[::]:0", 4)]), None).unwrap().remove(0);
        assert_eq!(global.local, "[2001:db8::1]:80".parse().unwrap());
    }

    #[test]
    fn only_the_port_that_was_asked_for_is_read() {
        let bytes = table(8, [tcp4(2, "0.0.0.0:80", "0.0.0.0:0", 4), tcp4(2, "0.0.0.0:81", "0.0.0.0:0", 5)]);
        let found = rows(TCP4, &bytes, Some(81)).unwrap();
        assert_eq!(found.iter().map(|row| row.pid).collect::<Vec<_>>(), [Some(5)]);
    }

    #[test]
    fn an_empty_table_has_no_rows_and_one_that_is_cut_is_not_read() {
        assert_eq!(rows(TCP4, &[0; 4], None), Some(Vec::new()));
        let mut cut = table(8, [tcp4(2, "0.0.0.0:80", "0.0.0.0:0", 4)]);
        cut.pop();
        assert_eq!(rows(TCP4, &cut, None), None);
        assert_eq!(rows(TCP4, &[], None), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>, port: Option<u16>) {
            for family in [Family::Ipv4, Family::Ipv6] {
                for kind in [Table::Tcp(family, TcpPart::All), Table::Udp(family), Table::Bound(family)] {
                    let _rows = rows(kind, &bytes, port);
                }
            }
        }
    }
}
