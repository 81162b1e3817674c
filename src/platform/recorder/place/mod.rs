//! Where the logs of the recorder lie, and who may read them.
//!
//! A command line can hold a password. The log of the computer is for administrators, the log of a user for that user alone.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
pub use linux::{lock, make_folder, open, open_to_read};
#[cfg(windows)]
pub use windows::{lock, make_folder, open, open_to_read};

use super::{Findings, LogError};

const NAME: &str = "recorder.jsonl";

/// Who may read a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Administrators.
    Administrators,
    /// The user whose log it is.
    Owner,
}

/// The log of the recorder that was installed: `/var/lib/portmedic/recorder.jsonl`, on Windows `%ProgramData%\PortMedic\recorder.jsonl`.
/// `None` where Windows does not tell where that folder is.
pub fn system_log() -> Option<PathBuf> {
    #[cfg(target_os = "linux")]
    let folder = Some(PathBuf::from("/var/lib/portmedic"));
    #[cfg(windows)]
    let folder = crate::platform::windows::ffi::program_data().map(|folder| folder.join("PortMedic"));
    folder.map(|folder| folder.join(NAME))
}

/// The log of what this user watches. `None` where this user has no folder for it.
pub fn own_log() -> Option<PathBuf> {
    crate::platform::state_folder().map(|folder| folder.join(NAME))
}

/// Every log that this user may have, with what it tells.
pub fn read_all() -> Vec<(PathBuf, Result<Findings, LogError>)> {
    let logs = [system_log(), own_log()].into_iter().flatten();
    logs.map(|path| (path.clone(), Findings::of(&path))).collect()
}

fn not_safe(path: &Path, what: &str) -> LogError {
    LogError::Unsafe(format!("{} {what}, so PortMedic does not write there; look at it and move it away", path.display()))
}
