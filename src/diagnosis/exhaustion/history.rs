//! A bounded number of samples: as they grow old, they grow sparse.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::memory::Memory;
use super::pile::piles;
use super::usage::usages;
use super::{Pile, Usage};
use crate::machine::{Family, Protocol, Snapshot};

/// What one look told of the use of ports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub time: Timestamp,
    /// How far each dynamic range was used.
    pub ranges: Vec<Usage>,
    /// What piled up.
    pub piles: Vec<Pile>,
}

impl Sample {
    /// What a look tells. `memory` knows of earlier ones; it must have learned this one.
    pub fn of(snapshot: &Snapshot, memory: &Memory) -> Self {
        Self { time: snapshot.taken_at, ranges: usages(snapshot, memory), piles: piles(snapshot) }
    }

    /// The use of one range.
    pub fn range(&self, protocol: Protocol, family: Family) -> Option<&Usage> {
        self.ranges.iter().find(|own| (own.protocol, own.family) == (protocol, family))
    }
}

/// Samples in the order of time, a bounded number of them.
#[derive(Debug, Clone)]
pub struct History {
    samples: VecDeque<Sample>,
    most: usize,
}

impl Default for History {
    /// Room for an hour of a sample every three seconds; the day before that in steps that grow.
    fn default() -> Self {
        Self::with_room(1200)
    }
}

impl History {
    /// A history of at most so many samples.
    pub fn with_room(most: usize) -> Self {
        Self { samples: VecDeque::new(), most: most.max(4) }
    }

    /// Adds the newest sample. Where there is no room, every second one of the older half goes.
    pub fn push(&mut self, sample: Sample) {
        if self.samples.len() >= self.most {
            let older = self.samples.len() / 2;
            let mut place = 0;
            self.samples.retain(|_| {
                place += 1;
                place > older || place % 2 == 1
            });
        }
        self.samples.push_back(sample);
    }

    /// The samples, the oldest first.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = &Sample> + ExactSizeIterator {
        self.samples.iter()
    }

    /// The newest one.
    pub fn last(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// How many ports of one range were in use, and when.
    pub fn points(&self, protocol: Protocol, family: Family) -> Vec<(Timestamp, u32)> {
        self.samples().filter_map(|own| Some((own.time, own.range(protocol, family)?.in_use))).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{History, Sample};

    #[test]
    fn a_history_stays_bounded_and_keeps_its_ends() {
        let mut history = History::with_room(100);
        for second in 0..10_000 {
            history.push(Sample { time: Timestamp::new(second, 0).unwrap(), ranges: Vec::new(), piles: Vec::new() });
        }
        let times: Vec<i64> = history.samples().map(|own| own.time.as_second()).collect();
        assert!(times.len() <= 100 && times.is_sorted(), "{times:?}");
        assert_eq!((times.first(), times.last()), (Some(&0), Some(&9_999)));
        assert!(times[times.len() - 10..].windows(2).all(|pair| pair[1] == pair[0] + 1), "the newest are not thinned: {times:?}");
    }
}
