//! The recorder: who takes a port, and when.
//!
//! It looks at a few ports again and again ([`PortWatch`]), finds what is new ([`Watch`]), and keeps it in a log of bounded length ([`Log`]).
//! The looks take a bounded share of one core ([`Pace`]): in a large table they become rarer. So whoever has a port for a shorter time than
//! from one look to the next may be missed; what rests of such a connection is noted without its program.

mod log;
mod pace;
mod place;
mod watch;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use log::{Findings, Log, LogError, Period};
pub use pace::Pace;
pub use place::{Readers, own_log, read_all, system_log};
pub use watch::Watch;

use super::PlatformError;
use crate::machine::{Boot, Gap, Sighting, Snapshot, Socket, WatchedPort};

/// The most ports that are watched at once.
pub const MAX_PORTS: usize = 64;

/// Looks at the sockets on a few ports, as cheaply as the system allows.
pub trait PortWatch: Send {
    /// The sockets on the ports, without owners: listeners, and where nobody listens on a TCP port, everything else.
    ///
    /// # Errors
    /// Where the system does not show its sockets.
    fn look(&mut self) -> Result<Vec<Socket>, PlatformError>;

    /// Finds out who has these sockets of the last look. What could not be seen is in the gaps.
    fn holders(&mut self, sockets: Vec<Socket>) -> Snapshot;
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Note {
    /// A watch begins, or the log begins anew.
    Begin {
        /// When.
        time: Timestamp,
        /// The ports.
        ports: Vec<WatchedPort>,
        /// The run of the computer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        boot: Option<Boot>,
    },
    /// Somebody took a port.
    Taken {
        /// Its number in this watch.
        id: u64,
        /// Who, and when.
        sighting: Box<Sighting>,
    },
    /// And is gone.
    Left {
        /// The number of the taking.
        id: u64,
        /// When.
        time: Timestamp,
    },
    /// The recorder still watches.
    Alive {
        /// When.
        time: Timestamp,
    },
    /// The watch ended.
    End {
        /// When.
        time: Timestamp,
    },
}

impl Note {
    /// When it was noted.
    pub const fn time(&self) -> Timestamp {
        match self {
            Self::Begin { time, .. } | Self::Left { time, .. } | Self::Alive { time } | Self::End { time } => *time,
            Self::Taken { sighting, .. } => sighting.first_seen,
        }
    }
}

/// That a log could not be read, as something that was not seen.
pub fn unread(error: &LogError) -> Gap {
    let shown_by = match error {
        LogError::NotPermitted(_) if cfg!(windows) => "the same as administrator",
        LogError::NotPermitted(_) => "the same as administrator (root), or as a member of the group adm",
        LogError::Busy(_) | LogError::Unsafe(_) | LogError::Io { .. } => "looking at that file",
    };
    Gap::new("what the recorder has seen", error.to_string(), shown_by)
}
