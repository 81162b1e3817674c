//! Sockets and who has them: the rows of the table, their control groups and their processes, before they are told.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cgroups::Tree;
use super::holders::{self, Holders};
use super::row::Row;
use super::unseen::{self, Unseen};
use crate::machine::{Snapshot, Socket, container_of, unit_of};
use crate::platform::Sockets;
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

/// Sockets of one look.
pub struct Found {
    /// Those of our network namespace, then those of others.
    rows: Vec<Row>,
    /// How many are ours.
    ours: usize,
    tree: Option<Tree>,
    groups: HashMap<u64, Arc<str>>,
    /// For each row, which of the lists of processes has it; empty before a search.
    holders: Vec<u32>,
    /// Lists of processes, each once. The first one is empty.
    lists: Vec<Arc<[u32]>>,
}

impl Found {
    /// Rows of our network namespace and of others, each with the path of its control group.
    pub fn new(ours: Vec<Row>, elsewhere: Vec<Row>) -> Self {
        let tree = Tree::find();
        let wanted = ours.iter().map(|row| row.cgroup_id).filter(|id| *id != 0).collect();
        let groups = tree.as_ref().map(|tree| tree.paths(&wanted)).unwrap_or_default();
        let count = ours.len();
        let mut rows = ours;
        rows.extend(elsewhere);
        Self { rows, ours: count, tree, groups, holders: Vec::new(), lists: vec![Arc::default()] }
    }

    /// Searches for every process that has one of the sockets `wanted`, as far as `reach` goes, and tells what came out but the sockets.
    pub fn search(&mut self, wanted: &HashSet<u32>, reach: Reach<'_>, snapshot: &mut Snapshot) {
        let (found, everywhere) = match reach {
            _ if wanted.is_empty() => (Holders::default(), true),
            Reach::Everywhere(pids) => (holders::scan(pids, Some(wanted)), true),
            Reach::ControlGroups => self.search_control_groups(wanted),
        };
        snapshot.searched_everywhere = everywhere;
        self.assign(&found);
        self.settle(found.denied, |row| wanted.contains(&row.inode), snapshot);
    }

    /// What the processes in the control groups of the sockets have; where that is not all of it, what everybody has. The second says whether
    /// everybody was looked at.
    fn search_control_groups(&self, wanted: &HashSet<u32>) -> (Holders, bool) {
        let groups = self.control_groups(|row| wanted.contains(&row.inode));
        if groups.iter().any(|path| is_nobodys(path)) {
            return (holders::scan(&processes::all(), Some(wanted)), true);
        }
        let inside: BTreeSet<u32> = groups.iter().flat_map(|path| self.processes_in(path)).collect();
        let mut found = holders::scan(&inside.iter().copied().collect::<Vec<_>>(), Some(wanted));
        let missing = wanted.iter().any(|inode| found.of(*inode).next().is_none());
        if missing {
            let outside: Vec<u32> = processes::all().into_iter().filter(|pid| !inside.contains(pid)).collect();
            found.extend(holders::scan(&outside, Some(wanted)));
        }
        (found, missing)
    }

    /// The inodes of the sockets to which nobody was assigned, and the processes in their control groups.
    pub fn without(&self) -> (HashSet<u32>, BTreeSet<u32>) {
        let held = self.rows.iter().zip(&self.holders);
        let without: HashSet<u32> =
            held.filter(|(row, holder)| row.inode != 0 && **holder == 0).map(|(row, _)| row.inode).collect();
        let groups = self.control_groups(|row| without.contains(&row.inode));
        let inside = groups.iter().flat_map(|path| self.processes_in(path)).collect();
        (without, inside)
    }

    /// Reads what is known of those to whom sockets were assigned, and says what could not be seen of the sockets that were searched for, when
    /// so many processes were closed to us.
    pub fn settle(&self, denied: usize, is_searched: impl Fn(&Row) -> bool, snapshot: &mut Snapshot) {
        let mut processes = Processes::default();
        let everybody: BTreeSet<u32> = self.lists.iter().flat_map(|pids| pids.iter().copied()).collect();
        for pid in everybody {
            processes.add(pid, &mut snapshot.processes);
        }
        let mut unseen = Unseen::default();
        let mut groups_without = HashSet::new();
        for (row, holder) in self.rows[..self.ours].iter().zip(&self.holders).filter(|(row, _)| is_searched(row)) {
            if unseen.add(row, *holder != 0, || self.socket_of(row, *holder)) {
                groups_without.insert(row.cgroup_id);
            }
        }
        // Without the right to look into a process, the control group still tells which processes come into question.
        for path in groups_without.iter().filter_map(|id| self.groups.get(id)) {
            let candidates = self.processes_in(path);
            if candidates.len() <= MAX_CANDIDATES && (unit_of(path).is_some() || container_of(path).is_some()) {
                for pid in candidates {
                    processes.add(pid, &mut snapshot.processes);
                }
            }
        }
        let gaps = unseen::gaps(snapshot, &unseen, denied);
        snapshot.gaps.extend(gaps);
    }

    /// Takes down who has each socket, as far as somebody was found. What is known already stays.
    pub fn assign(&mut self, found: &Holders) {
        let mut known: FxHashMap<Arc<[u32]>, u32> = self.lists.iter().cloned().zip(0..).collect();
        let mut pids = Vec::new();
        self.holders.resize(self.rows.len(), 0);
        for (row, holder) in self.rows.iter().zip(&mut self.holders).filter(|(row, holder)| row.inode != 0 && **holder == 0) {
            pids.clear();
            pids.extend(found.of(row.inode));
            *holder = known.get(pids.as_slice()).copied().unwrap_or_else(|| {
                let list: Arc<[u32]> = pids.as_slice().into();
                let number = u32::try_from(self.lists.len()).unwrap_or(0);
                self.lists.push(Arc::clone(&list));
                known.insert(list, number);
                number
            });
        }
    }

    /// The inodes of all sockets that have one.
    pub fn inodes(&self) -> HashSet<u32> {
        self.rows.iter().map(|row| row.inode).filter(|inode| *inode != 0).collect()
    }

    /// The control groups of the sockets that are meant, each once.
    fn control_groups(&self, is_meant: impl Fn(&Row) -> bool) -> HashSet<&str> {
        let ids: HashSet<u64> = self.rows.iter().filter(|row| is_meant(row)).map(|row| row.cgroup_id).collect();
        ids.iter().filter_map(|id| self.groups.get(id)).map(|path| &**path).collect()
    }

    fn processes_in(&self, path: &str) -> Vec<u32> {
        self.tree.as_ref().map(|tree| tree.processes(path)).unwrap_or_default()
    }

    fn socket(&self, index: usize) -> Socket {
        self.socket_of(&self.rows[index], self.holder(index))
    }

    fn socket_of(&self, row: &Row, holder: u32) -> Socket {
        row.socket(self.groups.get(&row.cgroup_id).cloned(), Arc::clone(self.list(holder)))
    }

    /// The number of the list of those who have a socket; 0 before a search.
    fn holder(&self, index: usize) -> u32 {
        self.holders.get(index).copied().unwrap_or(0)
    }

    fn list(&self, holder: u32) -> &Arc<[u32]> {
        usize::try_from(holder).ok().and_then(|holder| self.lists.get(holder)).unwrap_or(&self.lists[0])
    }

    /// Puts all sockets into the snapshot.
    pub fn tell(&self, snapshot: &mut Snapshot) {
        let socket = |index| self.socket(index);
        snapshot.sockets = (0..self.ours).map(socket).collect();
        snapshot.sockets_elsewhere = (self.ours..self.rows.len()).map(socket).collect();
    }
}

impl Sockets for Found {
    fn count(&self) -> usize {
        self.ours
    }

    fn each(&self, part: Range<usize>, tell: &mut dyn FnMut(&Socket)) {
        // What the sockets of a holder share is taken once: several threads ask, and would wait for each other to count it up and down.
        let mut told: FxHashMap<(u64, u32), Option<Socket>> = FxHashMap::default();
        for (index, row) in self.rows[..self.ours].iter().enumerate().take(part.end).skip(part.start) {
            let last = told.entry((row.cgroup_id, self.holder(index))).or_default();
            let socket = match last.take() {
                Some(before) => row.socket(before.cgroup, before.pids),
                None => self.socket(index),
            };
            tell(&socket);
            *last = Some(socket);
        }
    }
}

/// Whether sockets made in this control group are likely to be elsewhere now: the root holds what nobody sorted, and the service manager
/// makes sockets to pass them on.
fn is_nobodys(path: &str) -> bool {
    path == "/" || path.ends_with("/init.scope")
}
