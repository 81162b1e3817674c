//! Where the journal lies, and how its files are kept from everybody but administrators.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::path::Path;

#[cfg(target_os = "linux")]
pub use linux::{check_room, folder, keep, lock, make_folder, open, open_to_read};
#[cfg(windows)]
pub use windows::{check_room, folder, keep, lock, make_folder, open, open_to_read};

use super::JournalError;

/// What is written there is believed by undo: it must be ours alone.
pub fn not_safe(path: &Path, what: &str) -> JournalError {
    JournalError::Unsafe(format!(
        "{} {what}, so PortMedic does not trust it and changes nothing; look at it and move it away",
        path.display()
    ))
}

const WRITABLE: &str = "can be written by others than the administrator";
