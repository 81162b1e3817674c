//! Windows: files with access lists of their own where they are the computer's, in the folder of the user otherwise.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use windows::Win32::Foundation::ERROR_SHARING_VIOLATION;
use windows::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_OPEN_REPARSE_POINT};

use super::{Readers, not_safe, system_log};
use crate::platform::recorder::LogError;
use crate::platform::windows::ffi;
use crate::platform::windows_text::access::{CHANGE, EXCHANGE, stranger};

/// As the journal's: administrators and the system write, users read what is not kept from them.
const FOLDER: &str = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)";
const ADMINISTRATORS: &str = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)";

/// Makes the folder of the log where it is not there. The computer's is refused where others can write it.
pub fn make_folder(log: &Path) -> Result<(), LogError> {
    let Some(folder) = log.parent() else { return Err(not_safe(log, "is no file")) };
    let io = |error| LogError::io(folder, error);
    if system_log().as_deref() != Some(log) {
        return fs::create_dir_all(folder).map_err(io);
    }
    match ffi::make_folder(folder, FOLDER) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io(error)),
        _ => {}
    }
    let facts = fs::symlink_metadata(folder).map_err(io)?;
    if !facts.is_dir() || is_link(&facts) {
        return Err(not_safe(folder, "is no folder"));
    }
    let descriptor = ffi::descriptor_of_path(folder).map_err(io)?;
    check(folder, &descriptor, CHANGE | EXCHANGE)
}

/// Takes the lock of the log: while the file is open nobody else opens it.
pub fn lock(log: &Path) -> Result<File, LogError> {
    let path = log.with_extension("lock");
    let opened = OpenOptions::new().write(true).create(true).truncate(false).share_mode(0).open(&path);
    opened.map_err(|error| match error.raw_os_error() {
        Some(code) if code.cast_unsigned() == ERROR_SHARING_VIOLATION.0 => LogError::Busy(log.display().to_string()),
        _ => LogError::io(&path, error),
    })
}

/// Opens the log to add to, or makes it for these readers.
pub fn open(log: &Path, readers: Readers) -> Result<File, LogError> {
    let file = match readers {
        Readers::Owner => OpenOptions::new().append(true).create(true).open(log),
        Readers::Administrators => ffi::open_file(log, ADMINISTRATORS, false),
    };
    let mut file = file.map_err(|error| LogError::io(log, error))?;
    let facts = file.metadata().map_err(|error| LogError::io(log, error))?;
    if !facts.is_file() || is_link(&facts) {
        return Err(not_safe(log, "is no ordinary file of its own"));
    }
    if readers == Readers::Administrators {
        let descriptor = ffi::descriptor_of(&file).map_err(|error| LogError::io(log, error))?;
        check(log, &descriptor, CHANGE)?;
    }
    io::Seek::seek(&mut file, io::SeekFrom::End(0)).map_err(|error| LogError::io(log, error))?;
    Ok(file)
}

/// Opens a log to read.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT.0).open(path)
}

fn is_link(facts: &fs::Metadata) -> bool {
    facts.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT.0 != 0
}

/// The account that records is trusted only where it is no split one: else programs without rights have it as well.
fn check(path: &Path, descriptor: &str, rights: u32) -> Result<(), LogError> {
    let own = if ffi::is_split() { None } else { ffi::account_of(None).ok() };
    match stranger(descriptor, rights, own.as_deref()) {
        None => Ok(()),
        Some(_) => Err(not_safe(path, "can be written by others than the administrator")),
    }
}
