//! What files tell of used up ports beside socket tables, and what they leave open.

use std::cmp::Reverse;

use super::looks::has_several_looks;
use super::source;
use crate::evidence::fact::{Failure, HolderCount, Reading, TCPIP};
use crate::machine::{Counted, Evidence, FailureKind, Gap, Protocol, Snapshot, Socket, SocketState, System, Table};

/// How many are told.
const MOST: usize = 5;

/// What programs wrote when they got no port, the newest of each file last. The events of Windows are told by themselves.
pub fn refused(reading: &Reading) -> Vec<Evidence> {
    let own = |failure: &&Failure| failure.cause == FailureKind::Exhausted && !failure.is_of(TCPIP);
    let told = |failure: &Failure| {
        let who = failure.service.clone().or_else(|| failure.product_name()).unwrap_or_else(|| "A program".to_owned());
        Evidence {
            fact: format!("{who} got no port for a connection"),
            source: source(&failure.place),
            raw: Some(failure.message.clone()),
            time: None,
        }
    };
    let all: Vec<&Failure> = reading.failures.iter().filter(own).collect();
    all.iter().skip(all.len().saturating_sub(MOST)).map(|failure| told(failure)).collect()
}

/// How many sockets each process has in a state, where a file counts them itself, the most first.
pub fn counted(reading: &Reading) -> Vec<Counted> {
    let own = |own: &HolderCount| {
        let process = own.process.as_ref().map(ToString::to_string);
        Some(Counted { pid: own.pid, process, state: own.state?, sockets: own.count })
    };
    let mut counted: Vec<Counted> = reading.counted.iter().filter_map(own).collect();
    counted.sort_by_key(|own| Reverse(own.sockets));
    counted
}

/// Which outputs would tell more of the use of the ports, with the commands. `snapshot` has the sockets of the last look.
pub fn use_not_shown(reading: &Reading, snapshot: &Snapshot) -> Vec<Gap> {
    let no_file = "no file shows it";
    let mut gaps = Vec::new();
    let (table, one_look) = match snapshot.host.system {
        System::Windows => {
            ("netstat -anobq", "1..10 | ForEach-Object { Get-Date -Format s; netstat -anoq; Start-Sleep 60 } > looks.txt")
        }
        System::Linux => ("ss -tuanp", "for i in $(seq 10); do date +%FT%T; ss -tuanp; sleep 60; done > looks.txt"),
    };
    let shows = |protocol: Protocol| snapshot.shows(Table::sockets(protocol));
    if !shows(Protocol::Tcp) {
        gaps.push(Gap::new("the socket table", no_file, table));
        return gaps;
    }
    if !shows(Protocol::Udp) {
        gaps.push(Gap::new("the UDP sockets", "no file shows them", table));
    }
    let is_bound = |socket: &Socket| socket.state == SocketState::Bound;
    if snapshot.host.system == System::Windows && !snapshot.sockets.iter().any(is_bound) {
        let because = "a socket table shows them only where it was asked to, and no file does";
        gaps.push(Gap::new("TCP sockets that are bound without listening", because, table));
    }
    if !has_several_looks(reading) {
        gaps.push(Gap::new("whether the number of used ports grows", "the files show one look, or not when each was", one_look));
    }
    gaps
}
