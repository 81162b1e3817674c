//! The sockets and their processes.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::evidence::fact::{Address, Name, Reading, SocketRow};
use crate::machine::{Gap, Port, Process, ProcessId, Protocol, Snapshot, Socket, SocketState, System};

/// Adds the sockets of the last look that the files show, and the processes that they name.
pub fn add(reading: &Reading, snapshot: &mut Snapshot) {
    let mut unfit = 0_usize;
    for row in reading.last_look() {
        let Some(socket) = socket(row) else {
            unfit += 1;
            continue;
        };
        if let (Some(pid), Some(name)) = (holder(row), &row.process) {
            snapshot.processes.entry(pid).or_insert_with(|| process(pid, name, &row.services));
        }
        snapshot.searched_everywhere |= !socket.pids.is_empty();
        snapshot.sockets.push(socket);
    }
    for named in &reading.processes {
        snapshot.processes.entry(named.pid).or_insert_with(|| process(named.pid, &named.name, &named.services));
    }
    if unfit > 0 {
        let command = match snapshot.host.system {
            System::Windows => "netstat -ano",
            System::Linux => "ss -tuanp",
        };
        let because = "they print no port or no state, or an address that is cut off";
        snapshot.gaps.push(Gap::new(format!("{unfit} rows of socket tables"), because, command));
    }
}

/// The process of a row. A connection that is over has none any more; Windows prints a zero for it.
fn holder(row: &SocketRow) -> Option<u32> {
    row.pid.filter(|pid| *pid > 0)
}

fn socket(row: &SocketRow) -> Option<Socket> {
    let local = end(row.local_addr.as_ref()?, row.local_port?);
    let remote =
        row.remote_addr.as_ref().zip(row.remote_port).filter(|(_, port)| *port > 0).map(|(address, port)| end(address, port));
    let state = match row.protocol {
        Protocol::Tcp => row.state?,
        Protocol::Udp if remote.is_some() => SocketState::Established,
        Protocol::Udp => SocketState::Unconnected,
    };
    Some(Socket {
        protocol: row.protocol,
        local,
        remote,
        state,
        // A star is the IPv6 socket that takes IPv4 as well.
        v6only: matches!(row.local_addr, Some(Address::Any)).then_some(false),
        reuse_port: None,
        inode: None,
        cookie: None,
        uid: None,
        cgroup: None,
        expires_ms: None,
        backlog: None,
        service: only(&row.services),
        pids: holder(row).into_iter().collect(),
    })
}

/// The one service of a process; of several it is not known whose the socket is.
fn only(services: &[Name]) -> Option<String> {
    match services {
        [service] => Some(service.to_string()),
        _ => None,
    }
}

fn end(address: &Address, port: Port) -> SocketAddr {
    let ip = match address {
        Address::Any => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        Address::Ip(ip) | Address::Zoned(ip, _) => *ip,
    };
    SocketAddr::new(ip, port)
}

fn process(pid: u32, name: &str, services: &[Name]) -> Process {
    Process {
        id: ProcessId { pid, started: 0 },
        name: name.to_owned(),
        exe: None,
        exe_deleted: false,
        command_line: None,
        uid: None,
        user: None,
        started: None,
        parent: None,
        cgroup: None,
        service: only(services),
        container: None,
        kernel_thread: false,
        network_namespace: None,
        protected: None,
    }
}
