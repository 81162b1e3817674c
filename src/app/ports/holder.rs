//! Who has a socket, as the table tells it.

use crate::machine::{Snapshot, Socket, unit_of, visible};

/// How surely the holder of a socket is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Seen now.
    Now,
    /// Seen in an earlier look; nobody has the socket any more.
    Before,
    /// Somebody has it, but who could not be seen.
    NotSeen,
    /// Nobody: the program has closed it, or has not accepted it yet.
    Nobody,
}

/// Who has a socket. Every name is safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// How surely this is known.
    pub known: Known,
    /// Every process, in ascending order.
    pub pids: Vec<u32>,
    /// The program of the first process.
    pub program: Option<String>,
    /// Its service, unit or container.
    pub service: Option<String>,
    /// Its user.
    pub user: Option<String>,
}

impl Holder {
    /// The holder that a look shows.
    pub fn of(snapshot: &Snapshot, socket: &Socket) -> Self {
        // Windows gives sockets that nobody has any more to process 0.
        let pids: Vec<u32> = socket.pids.iter().copied().filter(|pid| *pid != 0 || !socket.state.is_closing()).collect();
        let process = pids.first().and_then(|pid| snapshot.processes.get(pid));
        let unit = || socket.cgroup.as_deref().and_then(unit_of).map(|unit| visible(unit.name));
        let container = process.and_then(|process| process.container.as_ref());
        let container = container.map(|container| visible(&format!("{} container {}", container.runtime, short(&container.id))));
        let known = match (pids.is_empty(), Self::has_somebody(socket)) {
            (false, _) => Known::Now,
            (true, true) => Known::NotSeen,
            (true, false) => Known::Nobody,
        };
        let service = match known {
            Known::Nobody => None,
            Known::NotSeen => unit(),
            Known::Now | Known::Before => {
                let service = socket.service.as_deref().or_else(|| process?.service.as_deref());
                container.or_else(|| service.map(visible))
            }
        };
        Self {
            known,
            program: process.map(|process| visible(&process.name)),
            service,
            user: process.and_then(|process| process.user.as_deref()).map(visible),
            pids,
        }
    }

    /// Whether a process must have the socket, seen or not.
    fn has_somebody(socket: &Socket) -> bool {
        socket.inode.is_some() || !(socket.state.is_closing() || socket.state.is_connected())
    }

    /// The same, once the socket is closed or lives on without it.
    #[must_use]
    pub fn before(&self) -> Self {
        match self.known {
            Known::Now | Known::Before if self.program.is_some() => {
                Self { known: Known::Before, pids: Vec::new(), ..self.clone() }
            }
            _ => Self { known: Known::Nobody, pids: Vec::new(), program: None, service: None, user: None },
        }
    }

    /// The program, in words.
    pub fn program_in_words(&self, accepted: bool) -> String {
        let name = || self.program.clone().unwrap_or_else(|| "Name not seen".to_owned());
        match self.known {
            Known::Now if self.pids.len() > 1 => format!("{} and {} more", name(), self.pids.len() - 1),
            Known::Now => name(),
            Known::Before => format!("was {}", name()),
            Known::NotSeen => "Not seen".to_owned(),
            Known::Nobody if accepted => "No program any more".to_owned(),
            Known::Nobody => "Not accepted yet".to_owned(),
        }
    }
}

/// The id of a container as its runtime shortens it.
fn short(id: &str) -> &str {
    let is_hash = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { &id[..12] } else { id }
}
