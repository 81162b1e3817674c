//! `sock_diag`: asks the kernel for sockets by protocol, family, state and local port (sock_diag(7), `linux/inet_diag.h`).

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};

use super::port_filter;
use super::row::Row;
use crate::machine::{Family, Port, Protocol, SocketState};
use crate::platform::linux::netlink::{Netlink, array_at, attributes, u8_at, u16_be_at, u32_at};

const TCPDIAG_GETSOCK: u16 = 18;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const SOCK_DESTROY: u16 = 21;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
const IPPROTO_UDP: u8 = 17;

/// A program that chooses sockets in the kernel.
const INET_DIAG_REQ_BYTECODE: u16 = 1;
/// Whether an IPv6 listener serves IPv6 only; one byte.
const INET_DIAG_SKV6ONLY: u16 = 11;
/// The inode of the control group that made the socket; eight bytes. Always sent since Linux 5.9.
const INET_DIAG_CGROUP_ID: u16 = 21;
/// The timer of a connection that rests.
const TIMER_TIME_WAIT: u8 = 3;
/// `struct inet_diag_msg`; attributes follow it.
const ROW: usize = 72;

/// Which states to ask for: one bit for each number in `net/tcp_states.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct States(u32);

impl States {
    /// Listeners. The kernel keeps them in a table of their own, so this is quick however many connections there are.
    pub const LISTEN: Self = Self(1 << 10);
    /// Connections in every state, from the first packet to the rest in `TIME_WAIT`.
    pub const CONNECTIONS: Self = Self(0x1FFE & !Self::LISTEN.0);
    /// Sockets that are bound and nothing else. Linux before 6.8 knows no such question and gives no rows.
    pub const BOUND: Self = Self(1 << 13);
    /// Everything that is no listener.
    pub const NO_LISTENERS: Self = Self(Self::CONNECTIONS.0 | Self::BOUND.0);
    /// Everything. UDP sockets are either in `CLOSE` (no peer) or in `ESTABLISHED`, so it is the mask for UDP too.
    pub const ALL: Self = Self(Self::LISTEN.0 | Self::CONNECTIONS.0 | Self::BOUND.0);
}

/// A question: sockets of one protocol and family, in some states, perhaps of one local port.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// The protocol.
    pub protocol: Protocol,
    /// The family of the socket. An IPv6 socket may serve IPv4 as well.
    pub family: Family,
    /// The states.
    pub states: States,
    /// The local port; `None` for all.
    pub port: Option<Port>,
}

/// A socket for questions.
#[derive(Debug)]
pub struct SockDiag(Netlink);

impl SockDiag {
    /// Opens it. Needs no rights, but a seccomp filter may refuse.
    pub fn open() -> io::Result<Self> {
        Netlink::open(Some(rustix::net::netlink::SOCK_DIAG)).map(Self)
    }

    /// Asks. The kernel does not compare the port where it lists bound sockets, so we do.
    pub fn query(&mut self, query: Query) -> io::Result<Vec<Row>> {
        let mut rows = Vec::new();
        self.add(query, &mut rows)?;
        Ok(rows)
    }

    /// Asks, and adds the answer to `rows`; whether some may be missing or double.
    pub fn add(&mut self, query: Query, rows: &mut Vec<Row>) -> io::Result<bool> {
        let meant = |row: &Row| query.port.is_none_or(|port| row.local_port == port);
        self.0.dump_into(rows, SOCK_DIAG_BY_FAMILY, &request(query), |bytes| parse(bytes, query.protocol).filter(meant))
    }

    /// Adds the TCP sockets of both families in these states to `rows`, those on some ports or all; whether some may be missing or double.
    pub fn add_tcp(&mut self, states: States, ports: Option<&BTreeSet<Port>>, rows: &mut Vec<Row>) -> io::Result<bool> {
        let mut request = request_of_tcp(states);
        if let Some(ports) = ports {
            add_filter(&mut request, &port_filter::program(ports));
        }
        // The kernel does not run the filter over bound sockets.
        let meant = |row: &Row| ports.is_none_or(|ports| ports.contains(&row.local_port));
        self.0.dump_into(rows, TCPDIAG_GETSOCK, &request, |bytes| parse(bytes, Protocol::Tcp).filter(meant))
    }

    /// Asks for the UDP sockets of a family on these ports.
    pub fn udp_on(&mut self, family: Family, ports: &BTreeSet<Port>) -> io::Result<Vec<Row>> {
        let meant = |row: &Row| ports.contains(&row.local_port);
        let query = Query { protocol: Protocol::Udp, family, states: States::ALL, port: None };
        let mut request = request(query).to_vec();
        add_filter(&mut request, &port_filter::program(ports));
        self.0.dump(SOCK_DIAG_BY_FAMILY, &request, |bytes| parse(bytes, Protocol::Udp).filter(meant))
    }

    /// Closes one connection, named by both ends and its cookie: no other one can be meant. Whoever has it sees "connection aborted".
    /// Needs `CAP_NET_ADMIN` and a kernel with `CONFIG_INET_DIAG_DESTROY`.
    pub fn destroy(&mut self, protocol: Protocol, local: SocketAddr, remote: SocketAddr, cookie: u64) -> io::Result<()> {
        self.0.command(SOCK_DESTROY, &identity(protocol, local, remote, cookie))
    }
}

/// `struct inet_diag_req`: the older question, which walks through the table once for both families where the newer one does so twice.
fn request_of_tcp(states: States) -> Vec<u8> {
    let mut bytes = vec![0; 60];
    bytes[52..56].copy_from_slice(&states.0.to_ne_bytes());
    bytes
}

/// Adds the attribute `INET_DIAG_REQ_BYTECODE`.
fn add_filter(request: &mut Vec<u8>, filter: &[u8]) {
    let length = u16::try_from(4 + filter.len()).unwrap_or(u16::MAX);
    request.extend(length.to_ne_bytes());
    request.extend(INET_DIAG_REQ_BYTECODE.to_ne_bytes());
    request.extend(filter);
}

/// `struct inet_diag_req_v2` without states and identity.
fn head(protocol: Protocol, family: Family) -> [u8; 56] {
    let mut bytes = [0; 56];
    bytes[0] = match family {
        Family::Ipv4 => AF_INET,
        Family::Ipv6 => AF_INET6,
    };
    bytes[1] = match protocol {
        Protocol::Tcp => IPPROTO_TCP,
        Protocol::Udp => IPPROTO_UDP,
    };
    bytes
}

/// A request that names one connection. The kernel also finds IPv4 in an IPv6 socket by the IPv4 addresses.
fn identity(protocol: Protocol, local: SocketAddr, remote: SocketAddr, cookie: u64) -> [u8; 56] {
    let mut bytes = head(protocol, Family::of(local.ip()));
    bytes[4..8].copy_from_slice(&u32::MAX.to_ne_bytes());
    for (end, port, ip) in [(local, 8, 12), (remote, 10, 28)] {
        bytes[port..port + 2].copy_from_slice(&end.port().to_be_bytes());
        match end.ip() {
            IpAddr::V4(address) => bytes[ip..ip + 4].copy_from_slice(&address.octets()),
            IpAddr::V6(address) => bytes[ip..ip + 16].copy_from_slice(&address.octets()),
        }
    }
    if let SocketAddr::V6(local) = local {
        bytes[44..48].copy_from_slice(&local.scope_id().to_ne_bytes());
    }
    // Two numbers of 32 bits, the lower half first.
    for (at, half) in [(48, cookie & u64::from(u32::MAX)), (52, cookie >> 32)] {
        bytes[at..at + 4].copy_from_slice(&u32::try_from(half).unwrap_or(u32::MAX).to_ne_bytes());
    }
    bytes
}

/// A request for a dump. A local port in it filters, without any byte code.
fn request(query: Query) -> [u8; 56] {
    let mut bytes = head(query.protocol, query.family);
    bytes[4..8].copy_from_slice(&query.states.0.to_ne_bytes());
    bytes[8..10].copy_from_slice(&query.port.unwrap_or(0).to_be_bytes());
    bytes
}

/// Reads `struct inet_diag_msg` and its attributes; `None` where they are cut off or of a family or state that we do not know.
fn parse(bytes: &[u8], protocol: Protocol) -> Option<Row> {
    let family = u8_at(bytes, 0)?;
    let state = state(u8_at(bytes, 1)?, protocol)?;
    let is_listener = state == SocketState::Listen;
    let mut row = Row {
        protocol,
        state,
        local: address(family, bytes, 8)?,
        remote: address(family, bytes, 24)?,
        local_port: u16_be_at(bytes, 4)?,
        remote_port: u16_be_at(bytes, 6)?,
        v6only: None,
        is_shared: false,
        interface: u32_at(bytes, 40)?,
        uid: u32_at(bytes, 64)?,
        inode: u32_at(bytes, 68)?,
        expires_ms: (u8_at(bytes, 2)? == TIMER_TIME_WAIT).then_some(u32_at(bytes, 52)?),
        backlog: is_listener.then_some((u32_at(bytes, 56)?, u32_at(bytes, 60)?)),
        cookie: Some(u64::from(u32_at(bytes, 44)?) | u64::from(u32_at(bytes, 48)?) << 32),
        cgroup_id: 0,
    };
    for (kind, payload) in attributes(bytes.get(ROW..)?) {
        match kind {
            INET_DIAG_SKV6ONLY if row.local.is_ipv6() => row.v6only = u8_at(payload, 0).map(|flag| flag != 0),
            INET_DIAG_CGROUP_ID => row.cgroup_id = array_at(payload, 0).map_or(0, u64::from_ne_bytes),
            _ => {}
        }
    }
    Some(row)
}

/// The state by its number in `net/tcp_states.h`.
pub fn state(number: u8, protocol: Protocol) -> Option<SocketState> {
    Some(match (number, protocol) {
        (1, _) => SocketState::Established,
        (2, _) => SocketState::SynSent,
        // 12: the peer's first packet came, and there is no whole socket yet.
        (3 | 12, _) => SocketState::SynReceived,
        (4, _) => SocketState::FinWait1,
        (5, _) => SocketState::FinWait2,
        (6, _) => SocketState::TimeWait,
        // CLOSE: with a port, TCP can only have got it by bind, and UDP has no peer.
        (7 | 13, Protocol::Tcp) => SocketState::Bound,
        (7, Protocol::Udp) => SocketState::Unconnected,
        (8, _) => SocketState::CloseWait,
        (9, _) => SocketState::LastAck,
        (10, _) => SocketState::Listen,
        (11, _) => SocketState::Closing,
        _ => return None,
    })
}

fn address(family: u8, bytes: &[u8], at: usize) -> Option<IpAddr> {
    match family {
        AF_INET => Some(IpAddr::from(array_at::<4>(bytes, at)?)),
        AF_INET6 => Some(IpAddr::from(array_at::<16>(bytes, at)?).to_canonical()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv6Addr, TcpListener, TcpStream, UdpSocket};
    use std::sync::Arc;

    use super::{AF_INET, AF_INET6, INET_DIAG_CGROUP_ID, INET_DIAG_SKV6ONLY, Query, Row, SockDiag, States, parse, request};
    use crate::machine::{Family, Protocol, SocketState};

    /// A row as the kernel writes it, field by field of `struct inet_diag_msg`.
    fn row(family: u8, state: u8, local: ([u8; 16], u16), remote: ([u8; 16], u16)) -> Vec<u8> {
        let mut bytes = vec![family, state, 0, 0];
        bytes.extend(local.1.to_be_bytes());
        bytes.extend(remote.1.to_be_bytes());
        bytes.extend(local.0);
        bytes.extend(remote.0);
        for number in [0_u32, 0x1111, 0x2222, 41_500, 3, 128, 1000, 77] {
            bytes.extend(number.to_ne_bytes());
        }
        assert_eq!(bytes.len(), super::ROW);
        bytes
    }

    fn attribute(bytes: &mut Vec<u8>, kind: u16, payload: &[u8]) {
        bytes.extend(u16::try_from(4 + payload.len()).unwrap().to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }

    fn v4(octets: [u8; 4]) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&octets);
        bytes
    }

    const NOTHING: ([u8; 16], u16) = ([0; 16], 0);

    #[test]
    fn a_listener_tells_its_backlog_inode_user_and_control_group() {
        let mut bytes = row(AF_INET, 10, (v4([127, 0, 0, 1]), 1433), NOTHING);
        attribute(&mut bytes, INET_DIAG_CGROUP_ID, &4711_u64.to_ne_bytes());
        let row = parse(&bytes, Protocol::Tcp).unwrap();
        let (cgroup_id, socket) = (row.cgroup_id, row.socket(None, Arc::default()));
        assert_eq!(socket.local, "127.0.0.1:1433".parse().unwrap());
        assert_eq!((socket.state, socket.remote, socket.expires_ms), (SocketState::Listen, None, None));
        assert_eq!((socket.backlog, socket.inode, socket.uid), (Some((3, 128)), Some(77), Some(1000)));
        assert_eq!((socket.cookie, cgroup_id), (Some(0x2222_0000_1111), 4711));
    }

    #[test]
    fn a_dual_stack_listener_is_told_from_one_for_ipv6_only() {
        for (flag, expected) in [(0, Some(false)), (1, Some(true))] {
            let mut bytes = row(AF_INET6, 10, ([0; 16], 8080), NOTHING);
            attribute(&mut bytes, INET_DIAG_SKV6ONLY, &[flag]);
            let socket = parse(&bytes, Protocol::Tcp).unwrap().socket(None, Arc::default());
            assert_eq!((socket.local, socket.v6only), ("[::]:8080".parse().unwrap(), expected));
        }
    }

    #[test]
    fn a_resting_connection_tells_when_it_ends_and_has_no_user() {
        let mut bytes = row(AF_INET, 6, (v4([10, 0, 0, 1]), 1433), (v4([10, 0, 0, 2]), 9000));
        bytes[2] = 3;
        bytes[68..].copy_from_slice(&[0; 4]);
        let socket = parse(&bytes, Protocol::Tcp).unwrap().socket(None, Arc::default());
        assert_eq!(
            (socket.state, socket.expires_ms, socket.uid, socket.inode),
            (SocketState::TimeWait, Some(41_500), None, None)
        );
        assert_eq!(socket.remote, Some("10.0.0.2:9000".parse().unwrap()));
    }

    #[test]
    fn closed_means_bound_for_tcp_and_without_a_peer_for_udp() {
        let bytes = row(AF_INET, 7, ([0; 16], 1433), NOTHING);
        assert_eq!(parse(&bytes, Protocol::Tcp).unwrap().state, SocketState::Bound);
        assert_eq!(parse(&bytes, Protocol::Udp).unwrap().state, SocketState::Unconnected);
    }

    #[test]
    fn ipv4_in_an_ipv6_socket_is_ipv4() {
        let mapped = |octets: [u8; 4]| std::net::Ipv4Addr::from(octets).to_ipv6_mapped().octets();
        let bytes = row(AF_INET6, 1, (mapped([127, 0, 0, 1]), 8080), (mapped([127, 0, 0, 1]), 40000));
        let socket = parse(&bytes, Protocol::Tcp).unwrap().socket(None, Arc::default());
        assert_eq!((socket.local, socket.remote), ("127.0.0.1:8080".parse().unwrap(), Some("127.0.0.1:40000".parse().unwrap())));
        assert_eq!(socket.family(), Family::Ipv4);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_parser(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            for protocol in Protocol::ALL {
                let _row = parse(&bytes, protocol);
            }
        }

        #[test]
        fn no_attributes_break_the_parser(attributes in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
            let mut bytes = row(AF_INET6, 10, NOTHING, NOTHING);
            bytes.extend(attributes);
            proptest::prop_assert!(parse(&bytes, Protocol::Tcp).is_some());
        }
    }

    #[test]
    fn a_request_names_family_protocol_states_and_port() {
        let query = Query { protocol: Protocol::Udp, family: Family::Ipv6, states: States::BOUND, port: Some(0x1234) };
        let bytes = request(query);
        assert_eq!(bytes[..2], [AF_INET6, 17]);
        assert_eq!(bytes[4..10], [(1_u32 << 13).to_ne_bytes().as_slice(), &[0x12, 0x34]].concat());
    }

    fn ask(protocol: Protocol, family: Family, states: States, port: u16) -> Vec<Row> {
        SockDiag::open().unwrap().query(Query { protocol, family, states, port: Some(port) }).unwrap()
    }

    #[test]
    fn the_kernel_shows_our_own_listener_by_its_port_alone() {
        let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let rows = ask(Protocol::Tcp, Family::Ipv6, States::LISTEN, port);
        assert_eq!(rows.iter().map(|row| row.local_port).collect::<Vec<_>>(), [port]);
        assert_eq!(rows[0].uid, rustix::process::geteuid().as_raw());
        assert_eq!(ask(Protocol::Tcp, Family::Ipv6, States::CONNECTIONS, port), []);
    }

    #[test]
    fn the_kernel_shows_both_ends_of_our_own_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_server, peer) = listener.accept().unwrap();
        for (end, far_end) in [(peer, listener.local_addr().unwrap()), (listener.local_addr().unwrap(), peer)] {
            let rows = ask(Protocol::Tcp, Family::Ipv4, States::CONNECTIONS, end.port());
            let row = rows.iter().find(|row| row.remote() == Some(far_end)).unwrap();
            assert_eq!((row.local(), row.state), (end, SocketState::Established));
        }
        drop(client);
    }

    #[test]
    fn the_kernel_shows_udp_with_and_without_a_peer() {
        let lone = UdpSocket::bind("127.0.0.1:0").unwrap();
        let paired = UdpSocket::bind("127.0.0.1:0").unwrap();
        paired.connect(lone.local_addr().unwrap()).unwrap();
        let state = |socket: &UdpSocket| {
            let rows = ask(Protocol::Udp, Family::Ipv4, States::ALL, socket.local_addr().unwrap().port());
            rows.iter().map(|row| row.state).collect::<Vec<_>>()
        };
        assert_eq!((state(&lone), state(&paired)), (vec![SocketState::Unconnected], vec![SocketState::Established]));
    }
}
