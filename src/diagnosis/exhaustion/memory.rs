//! Who had a connection before it was over: the system forgets it, so it is remembered from look to look.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::holders::Tie;
use crate::machine::{Protocol, Snapshot, Socket};

/// A process, as far as one needs to name it after it is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its short name.
    pub process: String,
    /// The unit or service it belongs to.
    pub service: Option<String>,
}

/// Who was seen with a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    One(u32),
    Several,
}

type Connection = (Protocol, SocketAddr, SocketAddr);

/// What earlier looks told of connections that are still in the table. As large as the table, never larger.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    connections: HashMap<Connection, u32>,
    /// Who connects where. It tells whose a connection most likely was that lived and ended between two looks.
    callers: HashMap<(Protocol, SocketAddr), Caller>,
    processes: HashMap<u32, Known>,
}

impl Memory {
    /// Takes in a look at the whole table. What is no longer there is forgotten.
    pub fn learn(&mut self, snapshot: &Snapshot) {
        let mut connections = HashMap::new();
        let mut callers: HashMap<(Protocol, SocketAddr), Caller> = HashMap::new();
        let ends = |socket: &Socket| socket.remote.map(|remote| (socket.protocol, socket.local, remote));
        for (socket, (protocol, local, remote)) in snapshot.sockets.iter().filter_map(|own| Some((own, ends(own)?))) {
            let seen = socket.pids.first().copied();
            if let Some(pid) = seen.or_else(|| self.connections.get(&(protocol, local, remote)).copied()) {
                connections.insert((protocol, local, remote), pid);
            }
            let caller = seen.map(Caller::One).or_else(|| self.callers.get(&(protocol, remote)).copied());
            if let Some(caller) = caller {
                let known = callers.entry((protocol, remote)).or_insert(caller);
                if *known != caller {
                    *known = Caller::Several;
                }
            }
        }
        for (pid, process) in &snapshot.processes {
            self.processes.insert(*pid, Known { process: process.name.clone(), service: process.service.clone() });
        }
        let named = |pid: &u32| snapshot.processes.contains_key(pid);
        let used: std::collections::HashSet<u32> = connections
            .values()
            .copied()
            .chain(callers.values().filter_map(|caller| if let Caller::One(pid) = caller { Some(*pid) } else { None }))
            .collect();
        self.processes.retain(|pid, _| named(pid) || used.contains(pid));
        self.connections = connections;
        self.callers = callers;
    }

    /// Who has or had the socket, and how surely.
    pub(super) fn whose(&self, socket: &Socket) -> (Option<u32>, Tie) {
        if let Some(pid) = socket.pids.first() {
            return (Some(*pid), Tie::Has);
        }
        if !socket.state.is_closing() {
            return (None, Tie::Unseen);
        }
        let Some(remote) = socket.remote else { return (None, Tie::Nobody) };
        if let Some(pid) = self.connections.get(&(socket.protocol, socket.local, remote)) {
            return (Some(*pid), Tie::Had);
        }
        match self.callers.get(&(socket.protocol, remote)) {
            Some(Caller::One(pid)) => (Some(*pid), Tie::LikelyHad),
            Some(Caller::Several) | None => (None, Tie::Nobody),
        }
    }

    /// What is known of a process.
    pub fn process(&self, pid: u32) -> Option<&Known> {
        self.processes.get(&pid)
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use crate::diagnosis::exhaustion::Tie;
    use crate::diagnosis::exhaustion::testing::{look, socket};
    use crate::machine::SocketState::{Established, TimeWait};

    #[test]
    fn the_owner_of_a_connection_is_remembered_when_it_rests() {
        let mut memory = Memory::default();
        memory.learn(&look(vec![socket(40_000, "10.0.0.9:443", Established, Some(7))]));
        let resting = socket(40_000, "10.0.0.9:443", TimeWait, None);
        memory.learn(&look(vec![resting.clone()]));
        assert_eq!(memory.whose(&resting), (Some(7), Tie::Had));
        assert_eq!(memory.process(7).map(|known| known.process.as_str()), Some("agent"), "also after it has ended");
    }

    #[test]
    fn a_connection_that_nobody_saw_alive_is_told_by_who_else_connects_there() {
        let mut memory = Memory::default();
        memory.learn(&look(vec![socket(40_000, "10.0.0.9:443", Established, Some(7))]));
        assert_eq!(memory.whose(&socket(40_001, "10.0.0.9:443", TimeWait, None)), (Some(7), Tie::LikelyHad));
        assert_eq!(memory.whose(&socket(40_001, "10.0.0.8:443", TimeWait, None)), (None, Tie::Nobody));
    }

    #[test]
    fn where_several_connect_to_one_place_nobody_is_named() {
        let mut memory = Memory::default();
        let two = [socket(40_000, "10.0.0.9:443", Established, Some(7)), socket(40_002, "10.0.0.9:443", Established, Some(8))];
        memory.learn(&look(two.to_vec()));
        assert_eq!(memory.whose(&socket(40_001, "10.0.0.9:443", TimeWait, None)), (None, Tie::Nobody));
    }

    #[test]
    fn what_left_the_table_is_forgotten() {
        let mut memory = Memory::default();
        memory.learn(&look(vec![socket(40_000, "10.0.0.9:443", Established, Some(7))]));
        memory.learn(&look(Vec::new()));
        assert!(memory.connections.is_empty() && memory.callers.is_empty());
        assert_eq!(memory.whose(&socket(40_000, "10.0.0.9:443", TimeWait, None)), (None, Tie::Nobody));
    }
}
