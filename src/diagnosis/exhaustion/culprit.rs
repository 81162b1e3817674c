//! Which process a range is used up by: what it has, what it had and still rests, and what came since the watch began.

use std::collections::BTreeMap;

use super::{Holder, StateCounts, Tie, Usage};

/// One process with all its ports of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Culprit {
    pub(super) pid: u32,
    pub(super) process: Option<String>,
    pub(super) service: Option<String>,
    /// Ports that it has, and those of its finished connections.
    pub(super) ports: u32,
    /// What it has now, by state.
    pub(super) has: StateCounts,
    /// Whether some of it is only likely its.
    pub(super) likely: bool,
}

/// The processes of a range, those with the most ports first.
pub(super) fn culprits(usage: &Usage) -> Vec<Culprit> {
    let mut all: BTreeMap<u32, Culprit> = BTreeMap::new();
    for (pid, holder) in usage.holders.iter().filter_map(|holder| Some((holder.pid?, holder))) {
        let own = all.entry(pid).or_insert_with(|| Culprit {
            pid,
            process: holder.process.clone(),
            service: holder.service.clone(),
            ports: 0,
            has: StateCounts::default(),
            likely: false,
        });
        own.add(holder);
    }
    let mut all: Vec<Culprit> = all.into_values().collect();
    all.sort_by_key(|own| (std::cmp::Reverse(own.ports), own.pid));
    all
}

impl Culprit {
    fn add(&mut self, holder: &Holder) {
        self.ports += holder.ports;
        self.likely |= holder.tie == Tie::LikelyHad;
        if holder.tie == Tie::Has {
            self.has = holder.states.clone();
        }
        self.service = self.service.take().or_else(|| holder.service.clone());
    }
}

/// The process that took the most ports from one look to another.
pub(super) fn fastest(before: &Usage, now: &Usage) -> Option<Culprit> {
    let earlier: BTreeMap<u32, u32> = culprits(before).into_iter().map(|own| (own.pid, own.ports)).collect();
    let taken = |own: &Culprit| own.ports.saturating_sub(earlier.get(&own.pid).copied().unwrap_or_default());
    culprits(now).into_iter().max_by_key(|own| (taken(own), own.ports)).filter(|own| taken(own) > 0)
}
