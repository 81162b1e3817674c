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

use super::{PlatformError, Scope, SocketScope};
use crate::machine::{Boot, Gap, Sighting, Snapshot, Socket, WatchedPort};

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

/// Adds to a look what the logs tell of its port, and of which run of the computer.
pub fn look(scope: &Scope, boot: impl FnOnce() -> Option<Boot>, snapshot: &mut Snapshot) {
    let SocketScope::Port { port, .. } = scope.sockets else { return };
    if !scope.sightings {
        return;
    }
    snapshot.boot = boot();
    for (_, findings) in read_all() {
        match findings {
            Ok(findings) => snapshot.sightings.extend(findings.sightings.into_iter().filter(|own| own.port() == port)),
            Err(error) => snapshot.gaps.push(unread(&error)),
        }
    }
    snapshot.sightings.sort_by_key(|sighting| sighting.first_seen);
}

/// That a log could not be read, as something that was not seen.
pub fn unread(error: &LogError) -> Gap {
    let shown_by = match error {
        LogError::NotPermitted(_) => "the same as administrator",
        LogError::Busy(_) | LogError::Unsafe(_) | LogError::Io { .. } => "looking at that file",
    };
    Gap::new("what the recorder has seen", error.to_string(), shown_by)
}
