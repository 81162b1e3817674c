//! Looks at the sockets on a few ports again and again: Windows gives whole tables only, and the rest is ours.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::table::LiveTables;
use super::{Tags, socket};
use crate::machine::{Port, Protocol, Snapshot, Socket, WatchedPort};
use crate::platform::PlatformError;
use crate::platform::recorder::PortWatch;
use crate::platform::windows::{host, processes};
use crate::platform::windows_tables::search::{NoTable, watched};

/// Watches these ports.
pub fn watch(ports: &[WatchedPort]) -> Box<dyn PortWatch> {
    let of = |protocol| ports.iter().filter(move |own| own.protocol == protocol).map(|own| own.port).collect();
    Box::new(Watch { tcp: of(Protocol::Tcp), udp: of(Protocol::Udp) })
}

struct Watch {
    tcp: BTreeSet<Port>,
    udp: BTreeSet<Port>,
}

impl PortWatch for Watch {
    fn look(&mut self) -> Result<Vec<Socket>, PlatformError> {
        let rows = watched(&LiveTables, &self.tcp, &self.udp).map_err(|error| PlatformError::Failed {
            what: "the sockets could not be watched".to_owned(),
            why: match error {
                NoTable::Missing => "this Windows has no table of them".to_owned(),
                NoTable::Refused(code) => format!("Windows refused their table (error {code})"),
            },
        })?;
        // Which service of a process it is, is asked when somebody is new.
        Ok(rows.iter().map(|row| socket(row, &mut Tags::default())).collect())
    }

    fn holders(&mut self, sockets: Vec<Socket>) -> Snapshot {
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        let holders = sockets.iter().flat_map(|socket| socket.pids.iter().copied()).collect();
        snapshot.sockets = sockets;
        processes::add(&holders, &mut snapshot);
        snapshot
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::watch;
    use crate::machine::{Protocol, SocketState, WatchedPort};

    #[test]
    fn a_listener_and_a_client_on_watched_ports_are_seen_with_their_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let far = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(far.local_addr().unwrap()).unwrap();
        let [listens, connects] = [listener.local_addr(), client.local_addr()].map(Result::unwrap);
        let ports = [listens, connects].map(|local| WatchedPort { port: local.port(), protocol: Protocol::Tcp });
        let mut watch = watch(&ports);
        let found = watch.look().unwrap();
        let seen = watch.holders(found);
        for (local, state) in [(listens, SocketState::Listen), (connects, SocketState::Established)] {
            let socket = seen.sockets.iter().find(|socket| socket.local == local).unwrap();
            assert_eq!((socket.state, &*socket.pids), (state, [std::process::id()].as_slice()));
        }
        assert!(seen.processes.contains_key(&std::process::id()));
    }
}
