//! Where the journal lies, and how its files are kept from everybody but administrators.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::path::Path;

#[cfg(target_os = "linux")]
pub use linux::{check_room, folder, keep, make_folder, open};
#[cfg(windows)]
pub use windows::{check_room, folder, keep, make_folder, open};

use super::JournalError;
use super::file::failed;
use crate::platform::kept_files::KeptError;

/// What is written there is believed by undo: it must be ours alone.
pub fn not_safe(path: &Path, what: &str) -> JournalError {
    JournalError::Unsafe(format!(
        "{} {what}, so PortMedic does not trust it and changes nothing; look at it and move it away",
        path.display()
    ))
}

impl From<KeptError> for JournalError {
    fn from(error: KeptError) -> Self {
        match error {
            KeptError::Busy => Self::Busy(None),
            KeptError::Unsafe(path, why) => not_safe(&path, why.as_str()),
            KeptError::Io(path, error) => failed(&path, error),
        }
    }
}
