//! How many ports are in which state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::machine::SocketState;

/// Numbers of ports by state. A port with several sockets counts once, in the state that keeps it longest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StateCounts(BTreeMap<SocketState, u32>);

impl StateCounts {
    /// Counts one more.
    pub fn add(&mut self, state: SocketState) {
        *self.0.entry(state).or_default() += 1;
    }

    /// How many are in this state.
    pub fn of(&self, state: SocketState) -> u32 {
        self.0.get(&state).copied().unwrap_or_default()
    }

    /// How many there are altogether.
    pub fn total(&self) -> u32 {
        self.0.values().sum()
    }

    /// Those of which a program has one end of a connection whose other end is there too.
    pub fn connected(&self) -> u32 {
        self.sum(|state| state.is_connected() && state != SocketState::CloseWait)
    }

    /// Those of connections that the far end has closed and the program has not.
    pub fn left_open(&self) -> u32 {
        self.of(SocketState::CloseWait)
    }

    /// Those of connections that are over for the program.
    pub fn closing(&self) -> u32 {
        self.sum(SocketState::is_closing)
    }

    /// Those that a program has without a connection: bound, listening or receiving.
    pub fn bound(&self) -> u32 {
        self.sum(|state| !state.is_connected() && !state.is_closing())
    }

    /// The states that occur, each with its number.
    pub fn iter(&self) -> impl Iterator<Item = (SocketState, u32)> {
        self.0.iter().map(|(state, count)| (*state, *count))
    }

    fn sum(&self, is_meant: impl Fn(SocketState) -> bool) -> u32 {
        self.iter().filter(|(state, _)| is_meant(*state)).map(|(_, count)| count).sum()
    }
}

/// How long a socket in this state keeps a port from others: a larger number is longer. What a program has goes before what ends by itself.
pub(super) const fn weight(state: SocketState) -> u8 {
    match state {
        SocketState::Listen | SocketState::Unconnected => 4,
        SocketState::Bound => 3,
        _ if state.is_connected() => 2,
        SocketState::TimeWait => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::StateCounts;
    use crate::machine::SocketState;

    #[test]
    fn every_state_is_counted_in_one_part() {
        let mut counts = StateCounts::default();
        for state in SocketState::ALL {
            counts.add(state);
        }
        let parts = [counts.connected(), counts.left_open(), counts.closing(), counts.bound()];
        assert_eq!(parts.iter().sum::<u32>(), counts.total());
        assert_eq!(counts.left_open(), 1, "what only the far end has closed is not called connected");
    }
}
