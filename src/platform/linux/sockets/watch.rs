//! Looks at the sockets on a few ports again and again.
//!
//! The kernel walks through its table at each look, and sends only what is meant. Listeners have a small table of their own, and a port that
//! somebody listens on is given to nobody else, so the large table is asked only for ports without a listener.

use std::collections::{BTreeSet, HashMap};
use std::io;

use jiff::Timestamp;

use super::diag::{Row, SockDiag, States};
use super::owners::{self, Reach};
use super::put;
use crate::machine::{Family, Port, Protocol, Snapshot, Socket, SocketState, WatchedPort};
use crate::platform::PlatformError;
use crate::platform::linux::host;
use crate::platform::recorder::PortWatch;

/// Watches these ports.
///
/// # Errors
/// Where the kernel's list of sockets is refused.
pub fn watch(ports: &[WatchedPort]) -> Result<Box<dyn PortWatch>, PlatformError> {
    let of = |protocol| ports.iter().filter(move |own| own.protocol == protocol).map(|own| own.port).collect();
    let diag = SockDiag::open().map_err(|error| refused(&error))?;
    Ok(Box::new(Watch { diag, tcp: of(Protocol::Tcp), udp: of(Protocol::Udp), groups: HashMap::new() }))
}

struct Watch {
    diag: SockDiag,
    tcp: BTreeSet<Port>,
    udp: BTreeSet<Port>,
    /// The control groups of the sockets of the last look, by the kernel's number of the socket.
    groups: HashMap<u64, u64>,
}

impl Watch {
    fn rows(&mut self) -> io::Result<Vec<Row>> {
        let mut rows = Vec::new();
        if !self.tcp.is_empty() {
            rows = self.diag.tcp_on(States::LISTEN, &self.tcp)?.rows;
            let listening = |port: &&Port| rows.iter().any(|row| row.socket.local.port() == **port);
            let without: BTreeSet<Port> = self.tcp.iter().filter(|port| !listening(port)).copied().collect();
            if !without.is_empty() {
                rows.extend(self.diag.tcp_on(States::NO_LISTENERS, &without)?.rows);
            }
        }
        if !self.udp.is_empty() {
            for family in [Family::Ipv4, Family::Ipv6] {
                rows.extend(self.diag.udp_on(family, &self.udp)?.rows);
            }
        }
        Ok(rows)
    }
}

impl PortWatch for Watch {
    fn look(&mut self) -> Result<Vec<Socket>, PlatformError> {
        let rows = self.rows().map_err(|error| refused(&error))?;
        self.groups = rows.iter().filter_map(|row| Some((row.socket.cookie?, row.cgroup_id?))).collect();
        // What a listener has not accepted yet belongs to nobody, as does a connection half made by a stranger.
        let is_somebodys =
            |socket: &Socket| socket.inode.is_some() || socket.state.is_closing() || socket.state == SocketState::SynSent;
        Ok(rows.into_iter().map(|row| row.socket).filter(is_somebodys).collect())
    }

    fn holders(&mut self, sockets: Vec<Socket>) -> Snapshot {
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        let group = |socket: &Socket| self.groups.get(&socket.cookie?).copied();
        let rows = sockets.into_iter().map(|socket| Row { cgroup_id: group(&socket), socket, interface: 0 }).collect();
        let tree = put(rows, &mut snapshot);
        owners::find(&mut snapshot, tree.as_ref(), Reach::ControlGroups);
        snapshot
    }
}

fn refused(error: &io::Error) -> PlatformError {
    PlatformError::Failed {
        what: "the sockets could not be watched: the kernel's list of them (sock_diag) is refused".to_owned(),
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};

    use super::watch;
    use crate::machine::{Protocol, Socket, SocketState, WatchedPort};

    #[test]
    fn a_client_a_listener_and_a_udp_socket_on_watched_ports_are_seen_with_their_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let far = TcpListener::bind("[::1]:0").unwrap();
        let client = TcpStream::connect(far.local_addr().unwrap()).unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let [listens, connects, receives] = [listener.local_addr(), client.local_addr(), udp.local_addr()].map(Result::unwrap);
        let watched = |port, protocol| WatchedPort { port, protocol };
        let ports = [
            watched(listens.port(), Protocol::Tcp),
            watched(connects.port(), Protocol::Tcp),
            watched(receives.port(), Protocol::Udp),
        ];
        let mut watch = watch(&ports).unwrap();
        let found = watch.look().unwrap();
        let seen = watch.holders(found);
        for (local, state) in
            [(listens, SocketState::Listen), (connects, SocketState::Established), (receives, SocketState::Unconnected)]
        {
            let socket = seen.sockets.iter().find(|socket| socket.local == local).unwrap();
            assert_eq!(socket.state, state);
            assert!(socket.pids.contains(&std::process::id()), "{socket:?}");
        }
        drop((listener, client, far, udp));
        // Other tests may be given the same ports by now.
        let is_known = |socket: &&Socket| seen.sockets.iter().any(|known| known.cookie == socket.cookie);
        let left = watch.look().unwrap();
        assert!(left.iter().filter(is_known).all(|socket| socket.state.is_closing()), "{left:?}");
    }
}
