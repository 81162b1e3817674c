//! Who has the ports of one dynamic range, those with the most first.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::StateCounts;
use super::memory::Memory;
use super::states::weight;
use crate::machine::{Port, Snapshot, Socket, SocketState};

/// How many are told one by one.
const MOST: usize = 12;
/// How many far ends of one holder are told.
const MOST_REMOTES: usize = 3;

/// What ties a holder to its ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// It has them now.
    Has,
    /// Its connections are over and rest; an earlier look saw them with it.
    Had,
    /// Connections that are over and rest, to where only it connects.
    LikelyHad,
    /// Connections that are over, and no look saw whose they were.
    Nobody,
    /// A program has them that could not be seen.
    Unseen,
}

/// One holder of ports of a dynamic range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process; `None` where nobody is known.
    pub pid: Option<u32>,
    /// Its short name.
    pub process: Option<String>,
    /// The unit or service it belongs to.
    pub service: Option<String>,
    /// What ties it to the ports. A process that has some and had others is there twice.
    pub tie: Tie,
    /// How many ports of the range.
    pub ports: u32,
    /// The same by state.
    pub states: StateCounts,
    /// The far ends with the most connections, each with its number.
    pub remotes: Vec<(SocketAddr, u32)>,
}

impl Holder {
    /// Its name for people: process and service.
    pub fn name(&self) -> String {
        let process = self.process.clone().or_else(|| self.pid.map(|pid| format!("process {pid}")));
        let process = process.map(|name| crate::machine::visible(&name));
        match (self.tie, process) {
            (Tie::Has, Some(name)) => name,
            (Tie::Had, Some(name)) => format!("closing, was {name}"),
            (Tie::LikelyHad, Some(name)) => format!("closing, likely was {name}"),
            (Tie::Unseen, _) => "a program that could not be seen".to_owned(),
            (_, _) => "closing, nobody was seen with it".to_owned(),
        }
    }
}

/// The holders of these sockets, those with the most ports first, and how many there are altogether.
pub(super) fn holders(sockets: &[&Socket], snapshot: &Snapshot, memory: &Memory) -> (Vec<Holder>, usize) {
    let mut rows: Vec<Row<'_>> = sockets
        .iter()
        .map(|socket| {
            let (pid, tie) = memory.whose(socket);
            Row {
                pid,
                tie,
                port: socket.local.port(),
                state: socket.state,
                remote: socket.remote,
                service: socket.service.as_deref(),
            }
        })
        .collect();
    // The state that keeps the port longest comes first of those on one port.
    rows.sort_unstable_by_key(|row| (row.tie, row.pid, row.port, Reverse(weight(row.state))));
    let mut found: Vec<Holder> = rows
        .chunk_by(|one, next| (one.tie, one.pid) == (next.tie, next.pid))
        .map(|rows| holder(rows, snapshot, memory))
        .collect();
    found.sort_by_key(|holder| (Reverse(holder.ports), holder.tie, holder.pid));
    let number = found.len();
    found.truncate(MOST);
    (found, number)
}

struct Row<'a> {
    pid: Option<u32>,
    tie: Tie,
    port: Port,
    state: SocketState,
    remote: Option<SocketAddr>,
    service: Option<&'a str>,
}

/// All rows of one holder.
fn holder(rows: &[Row<'_>], snapshot: &Snapshot, memory: &Memory) -> Holder {
    let mut states = StateCounts::default();
    for rows in rows.chunk_by(|one, next| one.port == next.port) {
        states.add(rows[0].state);
    }
    let mut remotes: BTreeMap<SocketAddr, u32> = BTreeMap::new();
    for remote in rows.iter().filter_map(|row| row.remote) {
        *remotes.entry(remote).or_default() += 1;
    }
    let mut remotes: Vec<(SocketAddr, u32)> = remotes.into_iter().collect();
    remotes.sort_by_key(|(remote, count)| (Reverse(*count), *remote));
    remotes.truncate(MOST_REMOTES);
    let pid = rows[0].pid;
    let known = pid.and_then(|pid| memory.process(pid));
    let of_socket = rows.iter().find_map(|row| row.service).map(str::to_owned);
    Holder {
        pid,
        process: pid
            .and_then(|pid| snapshot.processes.get(&pid))
            .map(|process| process.name.clone())
            .or_else(|| known.map(|known| known.process.clone())),
        service: of_socket.or_else(|| known.and_then(|known| known.service.clone())),
        tie: rows[0].tie,
        ports: states.total(),
        states,
        remotes,
    }
}
