//! Who is named as owner of the ports, and in which order.

use super::Usage;
use super::culprit::{Culprit, culprits, fastest};
use super::judge::{Scene, Standing};
use crate::diagnosis::owner::{owner_with_process, owners_of_socket};
use crate::diagnosis::{Owner, OwnerKind};
use crate::machine::{Socket, SocketState};

/// How many holders are named.
const TOP: usize = 3;

impl Scene<'_> {
    /// Those with the most ports, each with one of its sockets; the one that leaks first where that is the answer.
    pub(super) fn owners(&self, standing: Standing, usage: Option<&Usage>) -> Vec<Owner> {
        let mut named: Vec<Culprit> = Vec::new();
        if let Some(usage) = usage {
            if standing == Standing::HeadingThere {
                let first = self.first_look_at(usage);
                named.extend(first.and_then(|first| fastest(first, usage)));
            }
            named.extend(culprits(usage));
        }
        let mut pids: Vec<u32> = Vec::new();
        if standing == Standing::Leak || usage.is_none() {
            let lost = self.lost.first().map(|lost| lost.of.pid);
            pids.extend(self.leak.map(|leak| leak.pile.pid).or(lost));
        }
        pids.extend(named.iter().map(|own| own.pid));
        if let (Some(_), Some(leak)) = (usage, self.leak_in_range()) {
            // Who leaks is named, whoever has more.
            pids.insert(pids.len().min(TOP - 1), leak.pile.pid);
        }
        let first_place = |place: usize, pid: u32| pids.iter().position(|own| *own == pid) == Some(place);
        let once = pids.iter().enumerate().filter(|(place, pid)| first_place(*place, **pid)).map(|(_, pid)| *pid);
        once.take(TOP).filter_map(|pid| self.owner(pid, named.iter().find(|own| own.pid == pid))).collect()
    }

    fn owner(&self, pid: u32, known: Option<&Culprit>) -> Option<Owner> {
        let leaks = |socket: &&Socket| self.leak.is_none_or(|leak| leak.pile.pid != pid || leak.pile.state == socket.state);
        let own = |socket: &&Socket| socket.pids.contains(&pid);
        let sockets = &self.snapshot.sockets;
        let socket = sockets.iter().filter(own).find(leaks).or_else(|| sockets.iter().find(own));
        if let Some(socket) = socket {
            return owners_of_socket(self.snapshot, socket).into_iter().find(|owner| owner.pid == Some(pid));
        }
        // It had them, and has none now.
        let resting = sockets.iter().find(|socket| socket.state == SocketState::TimeWait)?;
        let mut owner = owner_with_process(self.snapshot, resting, pid);
        if owner.process.is_none() {
            owner.process = known.and_then(|known| known.process.clone());
            owner.service = known.and_then(|known| known.service.clone());
            if owner.service.as_ref().is_some_and(|service| service.ends_with(".service")) {
                owner.kind = OwnerKind::Unit;
            }
        }
        Some(owner)
    }
}
