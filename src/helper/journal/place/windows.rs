//! Windows: folder and files of the administrators group, made with their access lists, opened without following links.
//!
//! Whoever may read a file of Windows can also keep others from writing it while they have it open. With the journal that keeps PortMedic from
//! changing anything, and says so; it cannot make it write a change down wrongly.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::JournalError;
use crate::helper::journal::file::failed;
use crate::platform::kept_files;
use crate::platform::windows::ffi;

/// Administrators and the system write, users read.
const READABLE: &str = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x120089;;;BU)";

/// Where the journal of this computer is.
pub fn folder() -> Result<PathBuf, JournalError> {
    let unknown = || failed(Path::new("%ProgramData%"), io::Error::other("Windows does not tell where that folder is"));
    Ok(ffi::program_data().ok_or_else(unknown)?.join("PortMedic"))
}

/// Makes the folder where it is not there, and refuses one that others can write.
pub fn make_folder(folder: &Path) -> Result<(), JournalError> {
    Ok(kept_files::make_folder(folder)?)
}

/// Nothing is known before of a disk of Windows on which nothing can be written.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the file system tells")]
pub const fn check_room(_folder: &Path) -> Result<(), JournalError> {
    Ok(())
}

/// Opens the journal to read and add to.
pub fn open(path: &Path) -> Result<File, JournalError> {
    Ok(kept_files::open_to_add(path, READABLE)?)
}

/// Windows keeps the entry of a new file with the file.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the folder is written as well")]
pub const fn keep(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{READABLE, make_folder};
    use crate::helper::journal::{FileJournal, JournalError};
    use crate::platform::kept_files::{FOLDER, KEPT_FROM_USERS};
    use crate::platform::windows_text::access::{CHANGE, EXCHANGE, stranger};

    #[test]
    fn what_is_made_is_what_is_demanded() {
        assert_eq!(stranger(READABLE, CHANGE | EXCHANGE, None), None);
    }

    #[test]
    fn users_may_read_the_journal_and_not_open_the_lock() {
        let read_by_users = |descriptor: &str| descriptor.contains(";;;BU)");
        assert!(read_by_users(FOLDER) && read_by_users(READABLE) && !read_by_users(KEPT_FROM_USERS));
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("PortMedic");
        fs::write(&place, "precious").unwrap();
        assert!(matches!(make_folder(&place), Err(JournalError::Unsafe(_))));
        assert!(matches!(FileJournal::in_folder(&place), Err(JournalError::Unsafe(_))));
        assert_eq!(fs::read(&place).unwrap(), b"precious");
    }
}
