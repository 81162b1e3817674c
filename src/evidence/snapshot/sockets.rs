//! The sockets and their processes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::evidence::fact::{Address, Name, Reading, SocketRow};
use crate::machine::{Gap, Port, Process, ProcessId, Protocol, Snapshot, Socket, SocketState, System, Table};

/// Adds what all sockets of the last look tell together: the addresses of the computer, which tables the files do not show, and how many
/// rows say too little.
pub fn summarise(reading: &Reading, snapshot: &mut Snapshot) {
    let (mut unfit, mut addresses, mut shown) = (0_usize, BTreeSet::new(), BTreeSet::new());
    for row in reading.last_look() {
        let Some(ends) = ends(row) else {
            unfit += 1;
            continue;
        };
        snapshot.searched_everywhere |= holder(row).is_some();
        addresses.insert(ends.local.ip().to_canonical());
        shown.insert(row.protocol);
    }
    addresses.retain(|address| !address.is_unspecified());
    snapshot.addresses = addresses.into_iter().collect();
    let hidden = Protocol::ALL.into_iter().filter(|protocol| !shown.contains(protocol));
    snapshot.not_shown.extend(hidden.map(Table::sockets));
    if unfit > 0 {
        let command = match snapshot.host.system {
            System::Windows => "netstat -ano",
            System::Linux => "ss -tuanp",
        };
        let because = "they print no port or no state, or an address that is cut off";
        snapshot.gaps.push(Gap::new(format!("{unfit} rows of socket tables"), because, command));
    }
}

/// The sockets of the last look that are asked for by their port here and their protocol.
pub fn sockets(reading: &Reading, asked: impl Fn(Port, Protocol) -> bool) -> Vec<Socket> {
    let rows = reading.last_look().filter(|row| row.local_port.is_some_and(|port| asked(port, row.protocol)));
    rows.filter_map(row).collect()
}

/// The processes with these numbers, as the rows of the last look name them, or a table of processes.
pub fn processes(reading: &Reading, pids: &BTreeSet<u32>) -> BTreeMap<u32, Process> {
    let mut processes = BTreeMap::new();
    if pids.is_empty() {
        return processes;
    }
    let of_rows = reading.last_look().filter_map(|row| Some((holder(row)?, row.process.as_ref()?, &row.services)));
    let of_tables = reading.processes.iter().map(|named| (named.pid, &named.name, &named.services));
    for (pid, name, services) in of_rows.chain(of_tables).filter(|(pid, ..)| pids.contains(pid)) {
        processes.entry(pid).or_insert_with(|| process(pid, name, services));
    }
    processes
}

/// The process of a row. A connection that is over has none any more; Windows prints a zero for it.
fn holder(row: &SocketRow) -> Option<u32> {
    row.pid.filter(|pid| *pid > 0)
}

/// Where a socket is bound and connected.
struct Ends {
    local: SocketAddr,
    remote: Option<SocketAddr>,
    state: SocketState,
}

/// The ends of a row; `None` where it says too little.
fn ends(row: &SocketRow) -> Option<Ends> {
    let local = end(row.local_addr.as_ref()?, row.local_port?)?;
    let remote = row
        .remote_addr
        .as_ref()
        .zip(row.remote_port)
        .filter(|(_, port)| *port > 0)
        .and_then(|(address, port)| end(address, port));
    let state = match row.protocol {
        Protocol::Tcp => row.state?,
        Protocol::Udp if remote.is_some() => SocketState::Established,
        Protocol::Udp => SocketState::Unconnected,
    };
    Some(Ends { local, remote, state })
}

/// The socket of a row; `None` where it says too little.
pub(super) fn row(row: &SocketRow) -> Option<Socket> {
    Some(socket(row, &ends(row)?))
}

fn socket(row: &SocketRow, ends: &Ends) -> Socket {
    Socket {
        remote: ends.remote,
        // A star is the IPv6 socket that takes IPv4 as well.
        v6only: matches!(row.local_addr, Some(Address::Any)).then_some(false),
        service: only(&row.services).map(Into::into),
        pids: holder(row).into_iter().collect(),
        ..Socket::bare(row.protocol, ends.local, ends.state)
    }
}

/// The one service of a process; of several it is not known whose the socket is.
fn only(services: &[Name]) -> Option<String> {
    match services {
        [service] => Some(service.to_string()),
        _ => None,
    }
}

/// `None` where the address is not told, only whose it is.
fn end(address: &Address, port: Port) -> Option<SocketAddr> {
    let ip = match address {
        Address::Any => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        Address::Ip(ip) => *ip,
        Address::Zoned(both) => both.0,
        Address::Name(_) => return None,
    };
    Some(SocketAddr::new(ip, port))
}

fn process(pid: u32, name: &str, services: &[Name]) -> Process {
    Process { service: only(services), ..Process::named(ProcessId { pid, started: 0 }, name) }
}
