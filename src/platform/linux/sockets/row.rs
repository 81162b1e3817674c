//! A row of the socket table as it is kept while the table is read. It takes half of the room of a [`Socket`] and nothing besides: a busy
//! computer has hundreds of thousands.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::sync::Arc;

use crate::machine::{Port, Protocol, Socket, SocketState};

/// A row: what the kernel says of one socket. It names no process, and a control group by its number only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The protocol.
    pub protocol: Protocol,
    /// The state.
    pub state: SocketState,
    /// The local address. IPv4 in an IPv6 socket (`::ffff:192.0.2.1`) is IPv4: that is what goes over the wire, what `bind` compares and
    /// what people look for.
    pub local: IpAddr,
    /// The peer's address; with port 0 and no address there is no peer.
    pub remote: IpAddr,
    /// The local port.
    pub local_port: Port,
    /// The peer's port.
    pub remote_port: Port,
    /// See [`Socket::v6only`].
    pub v6only: Option<bool>,
    /// Whether several listeners have this address, so that each allows the others.
    pub is_shared: bool,
    /// The interface it is bound to; 0 for any.
    pub interface: u32,
    /// The user; says nothing where there is no inode.
    pub uid: u32,
    /// The inode; 0 for none.
    pub inode: u32,
    /// See [`Socket::expires_ms`].
    pub expires_ms: Option<u32>,
    /// See [`Socket::backlog`].
    pub backlog: Option<(u32, u32)>,
    /// See [`Socket::cookie`].
    pub cookie: Option<u64>,
    /// The inode of the cgroup2 directory in which it was made; 0 where the kernel does not tell.
    pub cgroup_id: u64,
}

impl Row {
    /// The local end.
    pub fn local(&self) -> SocketAddr {
        self.end(self.local, self.local_port)
    }

    /// The peer, where there is one.
    pub fn remote(&self) -> Option<SocketAddr> {
        (!self.remote.is_unspecified() || self.remote_port != 0).then(|| self.end(self.remote, self.remote_port))
    }

    /// The inode, where there is one.
    pub fn inode(&self) -> Option<u64> {
        (self.inode != 0).then(|| self.inode.into())
    }

    /// The row as a socket with this control group, which these processes have.
    pub fn socket(&self, cgroup: Option<Arc<str>>, pids: Arc<[u32]>) -> Socket {
        Socket {
            protocol: self.protocol,
            local: self.local(),
            remote: self.remote(),
            state: self.state,
            v6only: self.v6only,
            reuse_port: self.is_shared.then_some(true),
            inode: self.inode(),
            cookie: self.cookie,
            // A socket that no process has any more reports user 0, whoever made it.
            uid: self.inode().map(|_| self.uid),
            cgroup,
            expires_ms: self.expires_ms,
            backlog: self.backlog,
            service: None,
            pids,
        }
    }

    /// A link-local address only means something together with its interface.
    fn end(&self, ip: IpAddr, port: Port) -> SocketAddr {
        match ip {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => SocketAddr::V6(SocketAddrV6::new(ip, port, 0, self.interface)),
            ip => SocketAddr::new(ip, port),
        }
    }
}

/// Puts rows in order: by protocol, state, local end and peer. What the kernel listed twice, because the table changed while it was read,
/// is there once.
///
/// Two TCP listeners on one address and interface are only possible where each set `SO_REUSEPORT`. The kernel tells it in no other way, so
/// they are marked here.
pub fn put_in_order(rows: &mut Vec<Row>) {
    rows.sort_unstable_by(|one, other| rank(one).cmp(&rank(other)).then_with(|| order(one).cmp(&order(other))));
    rows.dedup_by(|one, other| one.cookie.is_some() && one.cookie == other.cookie);
    let listeners = rows.partition_point(|row| (row.protocol, row.state) <= (Protocol::Tcp, SocketState::Listen));
    for group in rows[..listeners].chunk_by_mut(|one, next| own_end(one) == own_end(next)) {
        let is_shared = group.len() > 1;
        for row in group {
            row.is_shared = is_shared;
        }
    }
}

/// Protocol, state, and the own end with its interface.
fn own_end(row: &Row) -> (Protocol, SocketState, (bool, u128), Port, u32) {
    (row.protocol, row.state, place(row.local), row.local_port, row.interface)
}

/// What the rows are put in order by.
fn order(row: &Row) -> impl Ord {
    (own_end(row), place(row.remote), row.remote_port, row.inode)
}

/// As much of [`order`] as one number holds. It is compared much faster, and decides wherever the own ends differ in it.
fn rank(row: &Row) -> u64 {
    let (address, port) = match row.local {
        IpAddr::V4(address) => (address.to_bits(), row.local_port),
        IpAddr::V6(address) => ((address.to_bits() >> 96) as u32, 0),
    };
    let kind = (row.protocol as u64) << 6 | (row.state as u64) << 1 | u64::from(row.local.is_ipv6());
    kind << 48 | u64::from(address) << 16 | u64::from(port)
}

/// Where an address stands among others: the order of [`IpAddr`] as numbers, which are compared much faster.
const fn place(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (false, address.to_bits() as u128),
        IpAddr::V6(address) => (true, address.to_bits()),
    }
}

#[cfg(test)]
impl Row {
    /// A TCP socket of root that listens on every address of IPv4.
    pub fn listener(port: Port, inode: u32) -> Self {
        let nowhere = IpAddr::from([0, 0, 0, 0]);
        Self {
            protocol: Protocol::Tcp,
            state: SocketState::Listen,
            local: nowhere,
            remote: nowhere,
            local_port: port,
            remote_port: 0,
            v6only: None,
            is_shared: false,
            interface: 0,
            uid: 0,
            inode,
            expires_ms: None,
            backlog: None,
            cookie: None,
            cgroup_id: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::{Row, order, put_in_order};
    use crate::machine::{Protocol, SocketState};

    fn listener(port: u16, cookie: u64) -> Row {
        Row { cookie: Some(cookie), ..Row::listener(port, 7) }
    }

    #[test]
    fn a_row_takes_little_room() {
        assert!(size_of::<Row>() <= 104, "{}", size_of::<Row>());
    }

    #[test]
    fn two_listeners_on_a_port_share_it_and_one_that_was_listed_twice_does_not() {
        let mut rows = vec![listener(81, 3), listener(80, 1), listener(81, 3), listener(80, 2)];
        put_in_order(&mut rows);
        let told: Vec<_> = rows.iter().map(|row| (row.local_port, row.is_shared)).collect();
        assert_eq!(told, [(80, true), (80, true), (81, false)]);
    }

    /// Addresses that are alike in part.
    fn address() -> impl Strategy<Value = IpAddr> {
        let v6 =
            |[one, middle, other]: [u8; 3]| IpAddr::from([0x2001, u16::from(one % 2), middle.into(), 0, 0, 0, 0, other.into()]);
        prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 3]>().prop_map(v6)]
    }

    /// Rows of few addresses, ports and the like.
    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let states = [SocketState::Listen, SocketState::Established, SocketState::Bound, SocketState::Unconnected];
        prop::collection::vec(address(), 1..4).prop_flat_map(move |addresses| {
            let address = prop::sample::select(addresses);
            let kind = (prop::sample::select(&Protocol::ALL[..]), prop::sample::select(states.to_vec()));
            let row = (kind, (address.clone(), 0..3_u16), (address, 0..2_u16), 0..2_u32, 0..3_u32).prop_map(
                |((protocol, state), (local, local_port), (remote, remote_port), interface, inode)| Row {
                    protocol,
                    state,
                    local,
                    remote,
                    remote_port,
                    interface,
                    ..Row::listener(local_port, inode)
                },
            );
            prop::collection::vec(row, 0..40)
        })
    }

    proptest! {
        #[test]
        fn rows_are_in_order_whatever_decides_between_them(mut rows in rows()) {
            put_in_order(&mut rows);
            prop_assert!(rows.is_sorted_by_key(order));
        }
    }
}
