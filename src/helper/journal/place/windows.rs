//! Windows: folder and files of the administrators group, made with their access lists, opened without following links.
//!
//! Whoever may read a file of Windows can also keep others from writing it while they have it open. With the journal that keeps PortMedic from
//! changing anything, and says so; it cannot make it write a change down wrongly.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use windows::Win32::Foundation::ERROR_SHARING_VIOLATION;
use windows::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_OPEN_REPARSE_POINT};

use super::{JournalError, WRITABLE, not_safe};
use crate::helper::journal::file::failed;
use crate::platform::windows::ffi;
use crate::platform::windows_text::access::{CHANGE, EXCHANGE, stranger};

/// Administrators and the system write, users read; nothing is taken over from the folder above, in which everybody may make folders.
const FOLDER: &str = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)";
const READABLE: &str = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x120089;;;BU)";
/// Whoever can open the lock can hold it.
const LOCK: &str = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)";

/// Where the journal of this computer is.
pub fn folder() -> Result<PathBuf, JournalError> {
    let unknown = || failed(Path::new("%ProgramData%"), io::Error::other("Windows does not tell where that folder is"));
    Ok(ffi::program_data().ok_or_else(unknown)?.join("PortMedic"))
}

/// Makes the folder where it is not there, and refuses one that others can write: everybody could have made it before.
pub fn make_folder(folder: &Path) -> Result<(), JournalError> {
    match ffi::make_folder(folder, FOLDER) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(folder, error)),
        _ => {}
    }
    let facts = fs::symlink_metadata(folder).map_err(|error| failed(folder, error))?;
    if !facts.is_dir() || is_link(&facts) {
        return Err(not_safe(folder, "is no folder"));
    }
    let descriptor = ffi::descriptor_of_path(folder).map_err(|error| failed(folder, error))?;
    check(folder, &descriptor, CHANGE | EXCHANGE)
}

/// Nothing is known before of a disk of Windows on which nothing can be written.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the file system tells")]
pub const fn check_room(_folder: &Path) -> Result<(), JournalError> {
    Ok(())
}

/// Takes the lock: while the file is open nobody else opens it.
pub fn lock(path: &Path) -> Result<File, JournalError> {
    ours(path, ffi::open_file(path, LOCK, true), |error| match error.raw_os_error() {
        Some(code) if code.cast_unsigned() == ERROR_SHARING_VIOLATION.0 => JournalError::Busy(None),
        _ => failed(path, error),
    })
}

/// Opens the journal to read and add to.
pub fn open(path: &Path) -> Result<File, JournalError> {
    ours(path, ffi::open_file(path, READABLE, false), |error| failed(path, error))
}

/// Opens the journal to read.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT.0).open(path)
}

/// Windows keeps the entry of a new file with the file.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the folder is written as well")]
pub const fn keep(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Refuses what is no ordinary file of ours.
fn ours(path: &Path, opened: io::Result<File>, why: impl Fn(io::Error) -> JournalError) -> Result<File, JournalError> {
    let file = opened.map_err(why)?;
    let facts = file.metadata().map_err(|error| failed(path, error))?;
    if !facts.is_file() || is_link(&facts) {
        return Err(not_safe(path, "is no ordinary file of its own"));
    }
    let descriptor = ffi::descriptor_of(&file).map_err(|error| failed(path, error))?;
    check(path, &descriptor, CHANGE)?;
    Ok(file)
}

fn is_link(facts: &fs::Metadata) -> bool {
    facts.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT.0 != 0
}

/// The account that the helper runs as is trusted only where it is no split one: else programs without rights have it as well.
fn check(path: &Path, descriptor: &str, rights: u32) -> Result<(), JournalError> {
    let own = if ffi::is_split() { None } else { ffi::account_of(None).ok() };
    match stranger(descriptor, rights, own.as_deref()) {
        None => Ok(()),
        Some(_) => Err(not_safe(path, WRITABLE)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{FOLDER, LOCK, READABLE, check, make_folder};
    use crate::helper::journal::{FileJournal, JournalError};
    use crate::platform::windows_text::access::{CHANGE, EXCHANGE, stranger};

    #[test]
    fn what_is_made_is_what_is_demanded() {
        for descriptor in [FOLDER, READABLE, LOCK] {
            assert_eq!(stranger(descriptor, CHANGE | EXCHANGE, None), None, "{descriptor}");
        }
    }

    #[test]
    fn users_may_read_the_journal_and_not_open_the_lock() {
        let read_by_users = |descriptor: &str| descriptor.contains(";;;BU)");
        assert!(read_by_users(FOLDER) && read_by_users(READABLE) && !read_by_users(LOCK));
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

    #[test]
    fn what_others_can_write_is_refused() {
        for list in ["(A;OICI;FA;;;WD)", "(A;;0x1301bf;;;AU)", "(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;DC;;;BU)"] {
            let refused = check(Path::new("C:\\ProgramData\\PortMedic"), &format!("O:BAD:P{list}"), CHANGE | EXCHANGE);
            assert!(matches!(refused, Err(JournalError::Unsafe(_))), "{list}");
        }
    }
}
