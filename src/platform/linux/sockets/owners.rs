//! Who has the sockets: the processes, what is known of them, and what could not be seen.

use std::collections::{BTreeSet, HashSet};

use super::cgroups::Tree;
use super::holders::{self, Holders};
use super::unseen;
use crate::machine::{Snapshot, Socket, container_of, unit_of};
use crate::platform::linux::processes::{self, Processes};

/// A unit with more processes than this is told by its name alone.
const MAX_CANDIDATES: usize = 16;

/// How far to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'a> {
    /// Every process in this list.
    Everywhere(&'a [u32]),
    /// The processes in the control groups of the sockets; everywhere only where one of the sockets has nobody there.
    ControlGroups,
}

/// Finds every process that has one of the sockets of `snapshot`, as far as `reach` goes.
pub fn find(snapshot: &mut Snapshot, tree: Option<&Tree>, reach: Reach<'_>) {
    let wanted = inodes(snapshot);
    let groups = control_groups(&snapshot.sockets);
    let (found, everywhere) = match reach {
        _ if wanted.is_empty() => (Holders::default(), true),
        Reach::Everywhere(pids) => (holders::scan(pids, Some(&wanted)), true),
        Reach::ControlGroups if groups.iter().any(|path| is_nobodys(path)) => {
            (holders::scan(&processes::all(), Some(&wanted)), true)
        }
        Reach::ControlGroups => {
            let inside: BTreeSet<u32> =
                groups.iter().flat_map(|path| tree.map(|tree| tree.processes(path)).unwrap_or_default()).collect();
            let mut found = holders::scan(&inside.iter().copied().collect::<Vec<_>>(), Some(&wanted));
            let missing = wanted.iter().any(|inode| found.of(*inode).is_empty());
            if missing {
                let outside: Vec<u32> = processes::all().into_iter().filter(|pid| !inside.contains(pid)).collect();
                found.extend(holders::scan(&outside, Some(&wanted)));
            }
            (found, missing)
        }
    };
    snapshot.searched_everywhere = everywhere;
    attach(snapshot, tree, &found);
}

/// Whether sockets made in this control group are likely to be elsewhere now: the root holds what nobody sorted, and the service manager
/// makes sockets to pass them on.
fn is_nobodys(path: &str) -> bool {
    path == "/" || path.ends_with("/init.scope")
}

/// Writes down who has each socket, reads what is known of them, and says what could not be seen.
pub fn attach(snapshot: &mut Snapshot, tree: Option<&Tree>, found: &Holders) {
    for socket in snapshot.sockets.iter_mut().chain(&mut snapshot.sockets_elsewhere) {
        if let Some(inode) = socket.inode {
            socket.pids = found.of(inode).to_vec();
        }
    }
    let mut processes = Processes::default();
    let holders: BTreeSet<u32> = all(snapshot).flat_map(|socket| socket.pids.iter().copied()).collect();
    for pid in holders {
        processes.add(pid, &mut snapshot.processes);
    }
    // Without the right to look into a process, the control group still tells which processes come into question.
    for path in control_groups(snapshot.sockets.iter().filter(|socket| unseen::has_no_seen_process(socket))) {
        let candidates = tree.map(|tree| tree.processes(path)).unwrap_or_default();
        if candidates.len() <= MAX_CANDIDATES && (unit_of(path).is_some() || container_of(path).is_some()) {
            for pid in candidates {
                processes.add(pid, &mut snapshot.processes);
            }
        }
    }
    let gaps = unseen::gaps(snapshot, found.denied);
    snapshot.gaps.extend(gaps);
}

fn all(snapshot: &Snapshot) -> impl Iterator<Item = &Socket> {
    snapshot.sockets.iter().chain(&snapshot.sockets_elsewhere)
}

fn inodes(snapshot: &Snapshot) -> HashSet<u64> {
    all(snapshot).filter_map(|socket| socket.inode).collect()
}

/// The control groups of the sockets, each once.
fn control_groups<'a>(sockets: impl IntoIterator<Item = &'a Socket>) -> BTreeSet<&'a str> {
    sockets.into_iter().filter_map(|socket| socket.cgroup.as_deref()).collect()
}
