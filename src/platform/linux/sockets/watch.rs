//! Looks at the sockets on a few ports again and again.
//!
//! The kernel walks through its table at each look, and sends only what is meant. Listeners have a small table of their own, and a port that
//! somebody listens on is given to nobody else, so the large table is asked only for ports without a listener.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use super::diag::{SockDiag, States};
use super::found::{Found, Reach};
use super::row::Row;
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
    Ok(Box::new(Watch { diag, tcp: of(Protocol::Tcp), udp: of(Protocol::Udp), rows: HashMap::new() }))
}

struct Watch {
    diag: SockDiag,
    tcp: BTreeSet<Port>,
    udp: BTreeSet<Port>,
    /// The rows of the last look, by the kernel's number of the socket.
    rows: HashMap<u64, Row>,
}

impl Watch {
    fn read(&mut self) -> io::Result<Vec<Row>> {
        let mut rows = Vec::new();
        if !self.tcp.is_empty() {
            self.diag.add_tcp(States::LISTEN, Some(&self.tcp), &mut rows)?;
            let listening = |port: &&Port| rows.iter().any(|row| row.local_port == **port);
            let without: BTreeSet<Port> = self.tcp.iter().filter(|port| !listening(port)).copied().collect();
            if !without.is_empty() {
                self.diag.add_tcp(States::NO_LISTENERS, Some(&without), &mut rows)?;
            }
        }
        if !self.udp.is_empty() {
            for family in Family::ALL {
                rows.extend(self.diag.udp_on(family, &self.udp)?);
            }
        }
        Ok(rows)
    }
}

impl PortWatch for Watch {
    fn look(&mut self) -> Result<Vec<Socket>, PlatformError> {
        let mut rows = self.read().map_err(|error| refused(&error))?;
        // What a listener has not accepted yet belongs to nobody, as does a connection half made by a stranger.
        rows.retain(|row| row.inode != 0 || row.state.is_closing() || row.state == SocketState::SynSent);
        let sockets = rows.iter().map(|row| row.socket(None, Arc::default())).collect();
        self.rows = rows.into_iter().filter_map(|row| Some((row.cookie?, row))).collect();
        Ok(sockets)
    }

    fn holders(&mut self, sockets: Vec<Socket>) -> Snapshot {
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        let rows = sockets.iter().filter_map(|socket| self.rows.get(&socket.cookie?).cloned()).collect();
        let mut found = Found::new(rows, Vec::new());
        found.search(&found.inodes(), Reach::ControlGroups, &mut snapshot);
        found.tell(&mut snapshot);
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
    use std::thread;
    use std::time::{Duration, Instant};

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
        // A program that another test starts at this moment has a copy of every socket until it really runs.
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let left = watch.look().unwrap();
            if left.iter().filter(is_known).all(|socket| socket.state.is_closing()) {
                break;
            }
            assert!(Instant::now() < end, "{left:?}");
            thread::yield_now();
        }
    }
}
