//! Sockets for the tests of this room.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::table::PortTable;
use crate::machine::{Host, Process, ProcessId, Protocol, Snapshot, Socket, SocketState, System};

/// A moment, so many seconds after the first.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

pub fn socket(local: &str, remote: &str, state: SocketState, inode: u64, pids: &[u32]) -> Socket {
    Socket {
        remote: (!remote.is_empty()).then(|| remote.parse().unwrap()),
        inode: (inode != 0).then_some(inode),
        cookie: (inode != 0).then_some(inode),
        uid: Some(0),
        pids: pids.into(),
        ..Socket::bare(Protocol::Tcp, local.parse().unwrap(), state)
    }
}

pub fn listener(local: &str, inode: u64, pids: &[u32]) -> Socket {
    socket(local, "", SocketState::Listen, inode, pids)
}

pub fn connection(local: &str, remote: &str, inode: u64, pids: &[u32]) -> Socket {
    socket(local, remote, SocketState::Established, inode, pids)
}

/// A look that searched for every owner. Process 812 is `nginx` of `nginx.service`, 4312 is `bkagent`.
pub fn look(seconds: i64, sockets: Vec<Socket>) -> Snapshot {
    let host = Host { name: "lab".to_owned(), user: "alice".to_owned(), ..Host::of(System::Linux) };
    let processes = [process(812, "nginx", Some("nginx.service")), process(4312, "bkagent", None)];
    let processes = processes.into_iter().map(|process| (process.id.pid, process)).collect();
    Snapshot { sockets, processes, searched_everywhere: true, ..Snapshot::new(at(seconds), host) }
}

/// A look at the table alone: nobody was searched for.
pub fn quick_look(seconds: i64, mut sockets: Vec<Socket>) -> Snapshot {
    for socket in &mut sockets {
        socket.pids = Arc::default();
    }
    Snapshot { searched_everywhere: false, processes: std::collections::BTreeMap::new(), ..look(seconds, sockets) }
}

pub fn table(sockets: Vec<Socket>) -> PortTable {
    PortTable::after(None, &look(0, sockets))
}

fn process(pid: u32, name: &str, service: Option<&str>) -> Process {
    Process {
        uid: Some(33),
        user: Some("www-data".to_owned()),
        service: service.map(str::to_owned),
        ..Process::named(ProcessId { pid, started: 1 }, name)
    }
}
