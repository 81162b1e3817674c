//! Which rows are shown.

use super::row::PortRow;
use crate::machine::{Port, Protocol, SocketState};

/// States that one choice stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateGroup {
    /// Waits for clients.
    Listening,
    /// Connected.
    Connected,
    /// Asked for a connection that does not stand yet.
    Connecting,
    /// The other side has hung up, the program here has not.
    HalfClosed,
    /// Has a port and does nothing with it.
    Bound,
    /// Closes, or rests after closing.
    Closing,
}

impl StateGroup {
    /// All, in the order of the list.
    pub const ALL: [Self; 6] = [Self::Listening, Self::Connected, Self::Connecting, Self::HalfClosed, Self::Bound, Self::Closing];

    /// The group of a state.
    pub const fn of(state: SocketState) -> Self {
        match state {
            SocketState::Listen | SocketState::Unconnected => Self::Listening,
            SocketState::Established => Self::Connected,
            SocketState::SynSent | SocketState::SynReceived => Self::Connecting,
            SocketState::CloseWait => Self::HalfClosed,
            SocketState::Bound => Self::Bound,
            SocketState::FinWait1
            | SocketState::FinWait2
            | SocketState::Closing
            | SocketState::LastAck
            | SocketState::TimeWait => Self::Closing,
        }
    }

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listening => "Listening",
            Self::Connected => "Connected",
            Self::Connecting => "Connecting",
            Self::HalfClosed => "Half closed",
            Self::Bound => "Bound",
            Self::Closing => "Closing",
        }
    }
}

/// What is asked for; an empty filter shows everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that must all occur: a port, an address, a name, a state.
    pub text: String,
    /// The protocol.
    pub protocol: Option<Protocol>,
    /// The states.
    pub state: Option<StateGroup>,
    /// The program.
    pub program: Option<String>,
}

impl Filter {
    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.protocol.is_none() && self.state.is_none() && self.program.is_none()
    }

    /// The filter made ready for many rows.
    pub(super) fn ready(&self) -> Ready<'_> {
        let words: Vec<String> = self.text.split_whitespace().map(str::to_lowercase).collect();
        let port = words.iter().find_map(|word| word.parse().ok());
        Ready { filter: self, words, port }
    }
}

/// A filter with its words taken apart.
pub(super) struct Ready<'a> {
    filter: &'a Filter,
    words: Vec<String>,
    port: Option<Port>,
}

impl Ready<'_> {
    /// Whether a row is shown.
    pub fn shows(&self, row: &PortRow) -> bool {
        let filter = self.filter;
        filter.protocol.is_none_or(|protocol| row.id.protocol == protocol)
            && filter.state.is_none_or(|group| StateGroup::of(row.state) == group)
            && filter.program.as_ref().is_none_or(|program| row.holder.program.as_ref() == Some(program))
            && self.words.iter().all(|word| row.searched.contains(word.as_str()))
    }

    /// Whether a row is on the very port that was typed: those come first.
    pub fn is_on_the_port(&self, row: &PortRow) -> bool {
        self.port.is_some_and(|port| row.port() == port)
    }
}
