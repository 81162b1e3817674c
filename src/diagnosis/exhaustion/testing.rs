//! Looks at a made up computer, for the tests of this room.

use jiff::Timestamp;

use crate::machine::{DynamicRange, Host, Process, ProcessId, Protocol, Snapshot, Socket, SocketState, Store, System};

/// A TCP socket of `pid` on this port of 10.0.0.1; without a far end where `remote` is empty.
pub fn socket(port: u16, remote: &str, state: SocketState, pid: Option<u32>) -> Socket {
    Socket {
        remote: (!remote.is_empty()).then(|| remote.parse().unwrap()),
        inode: pid.map(|_| u64::from(port)),
        pids: pid.into_iter().collect(),
        ..Socket::bare(Protocol::Tcp, ([10, 0, 0, 1], port).into(), state)
    }
}

/// A look at a Linux computer with these sockets and the range 40000 to 40099; every process is called `agent`.
pub fn look(sockets: Vec<Socket>) -> Snapshot {
    let mut snapshot = Snapshot::new(Timestamp::UNIX_EPOCH, Host::of(System::Linux));
    let range = DynamicRange {
        range: "40000-40099".parse().unwrap(),
        protocol: None,
        family: None,
        store: Store::Active,
        source: "test".to_owned(),
    };
    snapshot.dynamic_ranges = vec![range];
    for pid in sockets.iter().flat_map(|socket| socket.pids.iter()) {
        snapshot.processes.insert(*pid, process(*pid));
    }
    snapshot.searched_everywhere = true;
    snapshot.sockets = sockets;
    snapshot
}

fn process(pid: u32) -> Process {
    Process { service: Some("agent.service".to_owned()), ..Process::named(ProcessId { pid, started: 1 }, "agent") }
}
