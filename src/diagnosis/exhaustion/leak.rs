//! A process that takes sockets and does not give them back.

use serde::Serialize;

use super::forecast::MIN_SAMPLES;
use super::{History, Pile};

/// A pile of so many sockets is no accident, also where only one look saw it.
const MANY: u32 = 50;
/// A pile that grew by fewer may do so by chance.
const GROWTH: u32 = 5;

/// A process that takes sockets and does not give them back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leak {
    /// What piled up.
    #[serde(flatten)]
    pub pile: Pile,
    /// How many more there are than at the first look of these.
    pub grown: u32,
    /// How many looks saw it.
    pub looks: usize,
}

impl Leak {
    /// Whether it grew while it was watched.
    pub const fn is_growing(&self) -> bool {
        self.grown >= GROWTH
    }
}

/// The largest pile that only grows or stays; with too few looks, the largest there is.
pub(super) fn leak(history: &History) -> Option<Leak> {
    let piles = &history.last()?.piles;
    piles.iter().find_map(|pile| {
        let of = |own: &&Pile| (own.pid, own.state) == (pile.pid, pile.state);
        let counts: Vec<u32> =
            history.samples().map(|sample| sample.piles.iter().find(of).map_or(0, |own| own.sockets)).collect();
        // What was not there yet when the watch began belongs to the growth.
        let begin = counts.iter().position(|count| *count > 0)?;
        let counts = &counts[begin.saturating_sub(1)..];
        let grown = pile.sockets.saturating_sub(*counts.first()?);
        let falls = counts.windows(2).any(|pair| pair[1] < pair[0]);
        let leak = Leak { pile: pile.clone(), grown, looks: counts.len() };
        let watched = counts.len() >= MIN_SAMPLES;
        let is_one = !falls && ((watched && leak.is_growing()) || pile.sockets >= MANY);
        is_one.then_some(leak)
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::leak;
    use crate::diagnosis::exhaustion::{History, Pile, Sample};
    use crate::machine::SocketState;

    fn history(counts: &[u32]) -> History {
        let mut history = History::default();
        for (count, second) in counts.iter().zip(0..) {
            let pile =
                Pile { pid: 7, process: None, service: None, state: SocketState::Bound, sockets: *count, server_port: None };
            let piles = if *count > 0 { vec![pile] } else { Vec::new() };
            history.push(Sample { time: Timestamp::new(second, 0).unwrap(), ranges: Vec::new(), piles });
        }
        history
    }

    #[test]
    fn a_pile_that_only_rises_is_a_leak() {
        let found = leak(&history(&[0, 0, 20, 24, 30, 36])).unwrap();
        assert!(found.is_growing());
        assert_eq!((found.grown, found.looks), (36, 5));
    }

    #[test]
    fn a_pile_that_falls_is_given_back() {
        assert_eq!(leak(&history(&[200, 300, 250, 400])), None);
    }

    #[test]
    fn a_small_pile_that_stays_is_none_and_a_large_one_is() {
        assert_eq!(leak(&history(&[30, 30, 30, 30])), None);
        let found = leak(&history(&[500, 500, 500, 500])).unwrap();
        assert!(!found.is_growing());
        assert_eq!(leak(&history(&[500])).unwrap().looks, 1);
        assert_eq!(leak(&history(&[])), None);
    }
}
