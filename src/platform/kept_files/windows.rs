//! Windows: the access lists tell whose a file is. What is made gets its list in the same moment.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use windows::Win32::Foundation::ERROR_SHARING_VIOLATION;
use windows::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_OPEN_REPARSE_POINT};

use super::{Distrust, KeptError};
use crate::platform::windows::ffi;
use crate::platform::windows_text::access::{CHANGE, EXCHANGE, READ, stranger};

/// A folder: administrators and the system write, users read what is not kept from them; nothing is taken over from the folder above, in which
/// everybody may make folders.
pub const FOLDER: &str = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)";
/// A folder, and what is made in it, for administrators and the system alone.
const PRIVATE_FOLDER: &str = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
/// A file that only administrators and the system can open.
pub const KEPT_FROM_USERS: &str = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)";

/// Makes the folder where it is not there, and refuses one that others can write: everybody could have made it before.
///
/// # Errors
/// Why it is not trusted, or could not be made.
pub fn make_folder(folder: &Path) -> Result<(), KeptError> {
    make_folder_as(folder, FOLDER)
}

/// The same for one that users cannot read either.
///
/// # Errors
/// Why it is not trusted, or could not be made.
pub fn make_private_folder(folder: &Path) -> Result<(), KeptError> {
    make_folder_as(folder, PRIVATE_FOLDER)?;
    let descriptor = ffi::descriptor_of_path(folder).map_err(|error| KeptError::io(folder, error))?;
    check(folder, &descriptor, READ, Distrust::OthersCanRead)
}

fn make_folder_as(folder: &Path, list: &str) -> Result<(), KeptError> {
    let io = |error| KeptError::io(folder, error);
    match ffi::make_folder(folder, list) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io(error)),
        _ => {}
    }
    let facts = fs::symlink_metadata(folder).map_err(io)?;
    if !facts.is_dir() || is_link(&facts) {
        return Err(KeptError::not_safe(folder, Distrust::NoFolder));
    }
    check(folder, &ffi::descriptor_of_path(folder).map_err(io)?, CHANGE | EXCHANGE, Distrust::OthersCanWrite)
}

/// Takes a lock of administrators: while the file is open nobody else opens it.
///
/// # Errors
/// Where another process has it, it is not trusted, or Windows refuses.
pub fn lock(path: &Path) -> Result<File, KeptError> {
    match ffi::open_file(path, KEPT_FROM_USERS, true) {
        Err(error) if is_busy(&error) => Err(KeptError::Busy),
        opened => ours(path, opened),
    }
}

/// Opens a file of administrators to read and add to, or makes it with this access list.
///
/// # Errors
/// Where it is not trusted, or Windows refuses.
pub fn open_to_add(path: &Path, list: &str) -> Result<File, KeptError> {
    ours(path, ffi::open_file(path, list, false))
}

/// Opens a file to read. A link is opened itself, not what it leads to.
///
/// # Errors
/// Where Windows refuses.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT.0).open(path)
}

/// Whether a file was not opened because somebody else has it open.
pub fn is_busy(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| code.cast_unsigned() == ERROR_SHARING_VIOLATION.0)
}

/// Whether it is a link, or anything else that leads elsewhere.
pub fn is_link(facts: &fs::Metadata) -> bool {
    facts.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT.0 != 0
}

/// Refuses what is no ordinary file.
///
/// # Errors
/// Where it is none, or could not be opened.
pub fn ordinary(path: &Path, opened: io::Result<File>) -> Result<File, KeptError> {
    let file = opened.map_err(|error| KeptError::io(path, error))?;
    let facts = file.metadata().map_err(|error| KeptError::io(path, error))?;
    if facts.is_file() && !is_link(&facts) { Ok(file) } else { Err(KeptError::not_safe(path, Distrust::NoFileOfItsOwn)) }
}

/// Refuses what is no ordinary file of administrators.
fn ours(path: &Path, opened: io::Result<File>) -> Result<File, KeptError> {
    let file = ordinary(path, opened)?;
    check(path, &ffi::descriptor_of(&file).map_err(|error| KeptError::io(path, error))?, CHANGE, Distrust::OthersCanWrite)?;
    Ok(file)
}

/// The account that PortMedic runs as is trusted only where it is no split one: else programs without rights have it as well.
fn check(path: &Path, descriptor: &str, rights: u32, distrust: Distrust) -> Result<(), KeptError> {
    let own = if ffi::is_split() { None } else { ffi::account_of(None).ok() };
    match stranger(descriptor, rights, own.as_deref()) {
        None => Ok(()),
        Some(_) => Err(KeptError::not_safe(path, distrust)),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FOLDER, KEPT_FROM_USERS, KeptError, PRIVATE_FOLDER, check};
    use crate::platform::kept_files::Distrust;
    use crate::platform::windows_text::access::{CHANGE, EXCHANGE, READ, stranger};

    #[test]
    fn what_is_made_is_what_is_demanded() {
        for descriptor in [FOLDER, PRIVATE_FOLDER, KEPT_FROM_USERS] {
            assert_eq!(stranger(descriptor, CHANGE | EXCHANGE, None), None, "{descriptor}");
        }
    }

    #[test]
    fn users_can_read_what_is_in_a_folder_but_for_a_private_one() {
        assert_eq!(stranger(PRIVATE_FOLDER, READ, None), None);
        assert!(stranger(FOLDER, READ, None).is_some());
    }

    #[test]
    fn what_others_can_write_is_refused() {
        for list in ["(A;OICI;FA;;;WD)", "(A;;0x1301bf;;;AU)", "(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;DC;;;BU)"] {
            let refused = check(
                Path::new("C:\\ProgramData\\PortMedic"),
                &format!("O:BAD:P{list}"),
                CHANGE | EXCHANGE,
                Distrust::OthersCanWrite,
            );
            assert!(matches!(refused, Err(KeptError::Unsafe(_, Distrust::OthersCanWrite))), "{list}");
        }
    }
}
