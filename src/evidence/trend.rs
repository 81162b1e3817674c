//! How the sockets of each process become more or fewer over the looks of a file.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use super::fact::{HolderCount, Name, Reading};
use super::holders::count;
use super::sections::sections;
use crate::machine::SocketState;

/// How many are told: those that changed most.
const MOST: usize = 10;

/// The sockets of one process in one state, look by look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trend {
    /// The file with the looks.
    pub file: Name,
    /// The process.
    pub pid: u32,
    /// Its name, where it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<Name>,
    /// The state; `None` for UDP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<SocketState>,
    /// How many in each look, in the order of the file.
    pub counts: Vec<u32>,
    /// How many more there are in the last look than in the first one.
    pub change: i64,
}

impl Reading {
    /// What changed from the first look of a file to its last one, the largest change first; empty where no file has several looks.
    pub fn trend(&self) -> Vec<Trend> {
        let looks: Vec<_> = sections(&self.samples, &self.sockets).collect();
        let mut trends: Vec<Trend> = looks
            .chunk_by(|(one, _), (next, _)| one.place.file == next.place.file)
            .flat_map(|looks| of_file(&looks[0].0.place.file, looks.iter().map(|(_, rows)| count(rows.iter())).collect()))
            .filter(|trend| trend.change != 0)
            .collect();
        trends.sort_by_key(|trend| Reverse(trend.change.abs()));
        trends.truncate(MOST);
        trends
    }
}

/// Every process and state of the looks of one file. Where a look has none of them, there were none.
fn of_file(file: &Name, looks: Vec<Vec<HolderCount>>) -> Vec<Trend> {
    let number = looks.len();
    let mut places = HashMap::new();
    let mut trends: Vec<Trend> = Vec::new();
    for (at, holder) in
        looks.into_iter().enumerate().flat_map(|(at, holders)| holders.into_iter().map(move |holder| (at, holder)))
    {
        let place = *places.entry((holder.pid, holder.state)).or_insert_with(|| {
            let HolderCount { pid, process, state, .. } = holder;
            trends.push(Trend { file: file.clone(), pid, process, state, counts: vec![0; number], change: 0 });
            trends.len() - 1
        });
        trends[place].counts[at] = holder.count;
    }
    for trend in &mut trends {
        let first = trend.counts.first().copied().unwrap_or_default();
        let last = trend.counts.last().copied().unwrap_or_default();
        trend.change = i64::from(last) - i64::from(first);
    }
    trends
}
