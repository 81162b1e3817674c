//! Starts the helper with administrator rights: one prompt for a whole plan, and a clear word where it comes to nothing.

mod child;
mod conversation;
mod in_process;
#[cfg(target_os = "linux")]
mod linux;
mod practice;
#[cfg(windows)]
mod windows;

use std::fmt;

pub use in_process::InProcessElevator;
#[cfg(target_os = "linux")]
pub use linux::SystemElevator;
pub use practice::PracticeElevator;
#[cfg(windows)]
pub use windows::SystemElevator;

use super::protocol::{Reply, Request};

/// A way to administrator rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// They are there already.
    Root,
    /// The desktop's own prompt (polkit).
    Pkexec,
    /// systemd's own prompt (polkit), since systemd 256.
    Run0,
    /// The password on the terminal, or in the program that `SUDO_ASKPASS` names.
    Sudo,
    /// The prompt of Windows.
    Uac,
    /// They are there already, on Windows.
    Administrator,
    /// Inside this very process: practice machines and tests.
    InProcess,
}

impl Method {
    /// As it is written on the command line and in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Pkexec => "pkexec",
            Self::Run0 => "run0",
            Self::Sudo => "sudo",
            Self::Uac => "uac",
            Self::Administrator => "administrator",
            Self::InProcess => "practice",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A way that was tried and led nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The way.
    pub method: Method,
    /// Why it led nowhere, in words.
    pub why: String,
}

/// Why the helper did not come to its end. Only where it died or was not understood something may have been changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// The prompt was closed.
    #[error("the prompt for administrator rights was closed")]
    Declined {
        /// The way.
        method: Method,
    },
    /// The rights were refused: a wrong password, or a rule of this computer.
    #[error("administrator rights were not given: a wrong password, or a rule of this computer does not allow it ({method})")]
    NotAuthorized {
        /// The way.
        method: Method,
        /// What it said, in its own words.
        said: String,
    },
    /// There is no way on this computer, or none that may be asked here.
    #[error("no way to administrator rights was found ({})", listed(.tried))]
    NoWay {
        /// Each way, and why it led nowhere.
        tried: Vec<Tried>,
    },
    /// Others could exchange the executable that would get the rights.
    #[error("{0}")]
    UnsafeExecutable(String),
    /// What is done could not be written down.
    #[error("{0}; nothing is done that cannot be written down")]
    NoJournal(String),
    /// The helper ended before its last word.
    #[error("the helper ended unexpectedly{}: {said}", during(*.step))]
    HelperDied {
        /// The step it was doing, counted from 0; `None` where it had begun none.
        step: Option<usize>,
        /// What it said at last.
        said: String,
    },
    /// Somebody else spoke in its place.
    #[error("another program answered in the place of the helper, so nothing was said to it ({0})")]
    Stranger(String),
    /// It said something that is not understood.
    #[error("the helper answered something that is not understood: {0}")]
    Protocol(String),
}

impl LaunchError {
    /// Whether the rights were not given: a result, and no fault.
    pub const fn is_declined(&self) -> bool {
        match self {
            Self::Declined { .. } | Self::NotAuthorized { .. } | Self::NoWay { .. } => true,
            Self::UnsafeExecutable(_) | Self::NoJournal(_) | Self::HelperDied { .. } | Self::Stranger(_) | Self::Protocol(_) => {
                false
            }
        }
    }
}

fn listed(tried: &[Tried]) -> String {
    if tried.is_empty() {
        return "neither pkexec, run0 nor sudo is installed".to_owned();
    }
    tried.iter().map(|tried| format!("{}: {}", tried.method, tried.why)).collect::<Vec<_>>().join("; ")
}

fn during(step: Option<usize>) -> String {
    step.map_or_else(String::new, |step| format!(" during step {}", step + 1))
}

/// Runs the helper.
pub trait Elevator: Send + Sync {
    /// The way that is tried first.
    fn method(&self) -> Method;

    /// Runs the helper with this request and passes on what it says. Where `cancelled` becomes true the prompt is closed or, after the rights
    /// were given, the helper is asked to end after the step that it is doing.
    ///
    /// # Errors
    /// Where the rights were not given, or the helper did not come to its end. What it refuses itself it says in a reply.
    fn run(
        &self,
        request: &Request,
        cancelled: &(dyn Fn() -> bool + Sync),
        on_reply: &mut dyn FnMut(Reply),
    ) -> Result<(), LaunchError>;
}
