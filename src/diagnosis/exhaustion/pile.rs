//! Sockets of one process that pile up: bound and never used, or closed by the far end and not by the program.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::machine::{Counted, Port, Snapshot, SocketState};

/// Fewer than this are no pile.
const FEWEST: u32 = 20;
/// How many piles are told.
const MOST: usize = 8;

/// Sockets of one process in a state in which a program leaves them only by a mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pile {
    /// The process.
    pub pid: u32,
    /// Its short name.
    pub process: Option<String>,
    /// The unit or service it belongs to.
    pub service: Option<String>,
    /// `BOUND` or `CLOSE_WAIT`.
    pub state: SocketState,
    /// How many.
    pub sockets: u32,
    /// Their local port, where all have the same one: those of a server that does not close what its clients closed.
    pub server_port: Option<Port>,
}

impl Pile {
    /// What the program does wrong, after "its sockets".
    pub const fn fault(&self) -> &'static str {
        match self.state {
            SocketState::Bound => "are bound and neither connected nor closed",
            _ => "are connections that the far end has closed and the program has not",
        }
    }
}

/// The piles of a table, or of counts where there is no table, the largest first.
pub fn piles(snapshot: &Snapshot) -> Vec<Pile> {
    let mut piles = if snapshot.sockets.is_empty() { counted(snapshot) } else { in_table(snapshot) };
    piles.retain(|pile| pile.sockets >= FEWEST);
    piles.sort_by_key(|pile| (Reverse(pile.sockets), pile.pid, pile.state));
    piles.truncate(MOST);
    piles
}

const fn piles_up(state: SocketState) -> bool {
    matches!(state, SocketState::Bound | SocketState::CloseWait)
}

fn counted(snapshot: &Snapshot) -> Vec<Pile> {
    let own = snapshot.load.counted.iter().filter(|own| own.pid > 0 && piles_up(own.state));
    let pile = |own: &Counted| Pile {
        pid: own.pid,
        process: own.process.clone(),
        service: None,
        state: own.state,
        sockets: own.sockets,
        server_port: None,
    };
    own.map(pile).collect()
}

fn in_table(snapshot: &Snapshot) -> Vec<Pile> {
    let mut counts: HashMap<(u32, SocketState), (u32, Option<Port>)> = HashMap::new();
    for socket in &snapshot.sockets {
        let (true, Some(pid)) = (piles_up(socket.state), socket.pids.first()) else {
            continue;
        };
        let port = socket.local.port();
        let (count, same) = counts.entry((*pid, socket.state)).or_insert((0, Some(port)));
        *count += 1;
        *same = same.filter(|own| *own == port);
    }
    counts
        .into_iter()
        .map(|((pid, state), (sockets, server_port))| {
            let process = snapshot.processes.get(&pid);
            Pile {
                pid,
                process: process.map(|process| process.name.clone()),
                service: process.and_then(|process| process.service.clone()),
                state,
                sockets,
                server_port,
            }
        })
        .collect()
}
