//! Where the logs of the recorder lie, and who may read them.
//!
//! A command line can hold a password. The log of the computer is for administrators, the log of a user for that user alone.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
pub use linux::{lock, open};
#[cfg(windows)]
pub use windows::{lock, open};

use super::{Findings, LogError};
use crate::platform::kept_files::{Distrust, KeptError};

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

/// Makes the folder of the log where it is not there.
pub fn make_folder(log: &Path) -> Result<(), LogError> {
    #[cfg(target_os = "linux")]
    use linux::make_folder;
    #[cfg(windows)]
    use windows::make_folder;
    match log.parent() {
        Some(folder) => make_folder(folder, log),
        None => Err(not_safe(log, "is no file")),
    }
}

/// The error of a file that belongs to this log.
fn told(error: KeptError, log: &Path) -> LogError {
    match error {
        KeptError::Busy => LogError::Busy(log.display().to_string()),
        // On Linux a user's log is refused by the same rule as the computer's.
        KeptError::Unsafe(path, Distrust::OthersCanWrite) if cfg!(target_os = "linux") => {
            not_safe(&path, "can be written by others")
        }
        KeptError::Unsafe(path, why) => not_safe(&path, why.as_str()),
        KeptError::Io(path, error) => LogError::io(&path, error),
    }
}

fn not_safe(path: &Path, what: &str) -> LogError {
    LogError::Unsafe(format!("{} {what}, so PortMedic does not write there; look at it and move it away", path.display()))
}
