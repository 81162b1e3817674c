//! How PortMedic looks at a computer and acts on it. One trait, so that no rule knows which computer it is.

pub mod captured;
pub mod command;
mod connect_test;
pub mod crew;
pub mod firewall_text;
pub mod kept_files;
#[cfg(target_os = "linux")]
pub mod linux;
pub mod network;
pub mod practice;
pub mod recorder;
mod scope;
pub mod services;
mod socket_table;
mod state_folder;
pub mod tasks;
#[cfg(windows)]
pub mod windows;
pub mod windows_tables;
pub mod windows_text;

pub use scope::{BindQuestion, OwnerSearch, Scope, ServiceScope, SocketScope};
pub use socket_table::{SocketTable, Sockets};
#[cfg(target_os = "linux")]
use state_folder::is_root_of_the_computer;
pub use state_folder::{folder, home, state_folder};

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use self::network::Network;
use self::recorder::PortWatch;
use crate::machine::{BindTest, Boot, ConnectResult, ConnectTest, Port, Protocol, Snapshot, WatchedPort};
use crate::remedy::{Operation, OperationState};

/// Why the computer could not be looked at or acted on. Each text says what, why and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// No service has this name.
    #[error("no service is called \"{0}\"; `portmedic services` lists them")]
    NoSuchService(String),
    /// No service manager runs that could know a service.
    #[error("\"{0}\" cannot be looked up: systemd, which knows the services, does not run here; give the port instead (1433)")]
    NoServiceManager(String),
    /// The name could be an option or a path for the tool that gets it.
    #[error("\"{0}\" is not a name that a service can have")]
    BadServiceName(String),
    /// The right to do it is missing.
    #[error("{what} needs administrator rights ({why})")]
    NotPermitted {
        /// What was tried.
        what: String,
        /// What the system said.
        why: String,
    },
    /// The operation would harm the computer, or this system has no such operation.
    #[error("{0}")]
    Refused(String),
    /// Somebody changed the state since it was read.
    #[error("{0}")]
    Changed(String),
    /// Every dynamic port is taken.
    #[error("{0}: no dynamic port is left")]
    NoPortLeft(String),
    /// A system call, file or command answered with an error.
    #[error("{what}: {why}")]
    Failed {
        /// What was tried.
        what: String,
        /// What the system said.
        why: String,
    },
}

/// A computer: the live one, a practice machine, or one known from files.
pub trait Platform: Send + Sync {
    /// Looks, as far as `scope` asks. What cannot be seen becomes a Gap; an error means that nothing could be seen at all.
    ///
    /// # Errors
    /// [`PlatformError::NoSuchService`] where the scope names a service that is not there, [`PlatformError::NoServiceManager`] where nothing
    /// could know it.
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError>;

    /// Every socket with who has it, for whoever wants nothing else: it takes less memory than a whole look.
    ///
    /// # Errors
    /// See [`Self::observe`].
    fn socket_table(&self) -> Result<SocketTable, PlatformError> {
        self.observe(&Scope { sockets: SocketScope::All, ..Scope::default() }).map(SocketTable::of)
    }

    /// The looks before the present one that the computer is known from, the oldest first, with their ranges and sockets.
    fn earlier_looks(&self) -> Vec<Snapshot> {
        Vec::new()
    }

    /// Asks the system for a port the way a service does, and gives it back at once.
    fn bind_test(&self, question: &BindQuestion) -> BindTest;

    /// Lets the system choose a port `count` times, as it does for clients: the proof that excluded ports are not handed out.
    ///
    /// # Errors
    /// [`PlatformError::NoPortLeft`] where no port is left to choose; another where the system could not be asked.
    fn sample_dynamic_ports(&self, protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError>;

    /// Connects to `to` once, as clients do, and closes the connection again at once; nothing is sent over it. Gives up after `patience`.
    fn connect_test(&self, to: SocketAddr, _patience: Duration) -> ConnectTest {
        let error = "this computer is known from files only, so nobody can connect from it here".to_owned();
        ConnectTest { to, result: ConnectResult::Other, error: Some(error) }
    }

    /// Reads the part of the computer that `operation` would change.
    ///
    /// # Errors
    /// Where it cannot be read, or the operation makes no sense on this computer.
    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError>;

    /// Does it, and returns when the system says that it is done. Needs the rights; the helper calls it.
    ///
    /// # Errors
    /// Where the system refuses. Nothing is half written then.
    fn perform(&self, operation: &Operation) -> Result<(), PlatformError>;

    /// Puts back what `operation` changed: from `after` to `before`, exactly. Needs the rights; the helper calls it.
    ///
    /// # Errors
    /// [`PlatformError::Changed`] where the state is not `after` any more, [`PlatformError::Refused`] where it cannot be taken back.
    fn restore(&self, operation: &Operation, before: &OperationState, after: &OperationState) -> Result<(), PlatformError>;

    /// Which run of the computer this is: another one after each restart. `None` where the computer cannot be restarted, as one that is made
    /// up or known from files, or does not tell.
    fn boot(&self) -> Option<Boot> {
        None
    }

    /// What it can find out about the way to another computer; `None` for a computer that is known from files, which can ask nobody.
    fn network(&self) -> Option<&dyn Network> {
        None
    }

    /// Watches these ports.
    ///
    /// # Errors
    /// Where the computer does not show its sockets, or has none that come and go: it is made up, or known from files.
    fn watch(&self, _ports: &[WatchedPort]) -> Result<Box<dyn PortWatch>, PlatformError> {
        Err(PlatformError::Refused("only a real computer can be watched; this one is made up, or known from files".to_owned()))
    }

    /// The time of day on the computer: what its journal is written with.
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// A clock of the computer that only goes forward; where it begins means nothing.
    fn clock(&self) -> Duration {
        static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGIN.elapsed()
    }

    /// The processor time that this thread has taken; on systems that do not tell it finely enough, the time of that clock.
    fn effort(&self) -> Duration {
        self.clock()
    }

    /// Waits until that clock has gone so much further.
    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// The computer that PortMedic runs on.
#[cfg(target_os = "linux")]
pub fn live() -> Box<dyn Platform> {
    Box::new(linux::LinuxPlatform)
}

/// The computer that PortMedic runs on.
#[cfg(windows)]
pub fn live() -> Box<dyn Platform> {
    Box::new(windows::WindowsPlatform)
}
