//! Who has the most sockets, and how many of them are the same.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use super::fact::{HolderCount, Reading, SocketRow};

impl Reading {
    /// The groups of sockets by process and state, the largest first. Where a file has several looks, those of the last one.
    pub fn top_holders(&self) -> Vec<HolderCount> {
        let mut holders = count(self.last_look());
        holders.extend(self.counted.iter().cloned());
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.count));
        holders
    }

    /// The rows of the last look in time; all where the files have one look only.
    pub fn last_look(&self) -> impl Iterator<Item = &SocketRow> {
        let last = self.samples.last();
        self.sockets
            .iter()
            .filter(move |row| last.is_none_or(|last| row.place.file == last.place.file && row.place.line >= last.place.line))
    }

    /// How many rows there are without doubles.
    pub fn distinct_sockets(&self) -> usize {
        self.sockets.iter().map(Distinct).collect::<HashSet<_>>().len()
    }
}

/// A row that is the same as every other one with its ends. It stays where it is: there can be very many.
struct Distinct<'a>(&'a SocketRow);

impl PartialEq for Distinct<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ends() == other.0.ends()
    }
}

impl Eq for Distinct<'_> {}

impl Hash for Distinct<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.ends().hash(state);
    }
}

/// Counts rows by process and state. Those without a process are of nobody.
pub fn count<'a>(rows: impl Iterator<Item = &'a SocketRow>) -> Vec<HolderCount> {
    let mut places = HashMap::new();
    let mut holders: Vec<HolderCount> = Vec::new();
    for row in rows {
        let Some(pid) = row.pid else { continue };
        let place = *places.entry((pid, row.state)).or_insert_with(|| {
            holders.push(HolderCount { pid, process: row.process.clone(), state: row.state, count: 0 });
            holders.len() - 1
        });
        holders[place].count += 1;
    }
    holders.sort_by_key(|holder| std::cmp::Reverse(holder.count));
    holders
}
