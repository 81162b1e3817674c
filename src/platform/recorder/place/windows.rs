//! Windows: files with access lists of their own where they are the computer's, in the folder of the user otherwise.

use std::fs::{self, File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;

use super::{Readers, system_log, told};
use crate::platform::kept_files::{self, KEPT_FROM_USERS};
use crate::platform::recorder::LogError;

/// Makes the folder of the log where it is not there. The computer's is refused where others can write it.
pub fn make_folder(folder: &Path, log: &Path) -> Result<(), LogError> {
    if system_log().as_deref() == Some(log) {
        kept_files::make_folder(folder).map_err(|error| told(error, folder))
    } else {
        fs::create_dir_all(folder).map_err(|error| LogError::io(folder, error))
    }
}

/// Takes the lock of the log: while the file is open nobody else opens it.
pub fn lock(log: &Path) -> Result<File, LogError> {
    let path = log.with_extension("lock");
    let opened = OpenOptions::new().write(true).create(true).truncate(false).share_mode(0).open(&path);
    opened.map_err(|error| {
        if kept_files::is_busy(&error) { LogError::Busy(log.display().to_string()) } else { LogError::io(&path, error) }
    })
}

/// Opens the log to add to, or makes it for these readers.
pub fn open(log: &Path, readers: Readers) -> Result<File, LogError> {
    let file = match readers {
        Readers::Owner => kept_files::ordinary(log, OpenOptions::new().read(true).append(true).create(true).open(log)),
        Readers::Administrators => kept_files::open_to_add(log, KEPT_FROM_USERS),
    };
    file.map_err(|error| told(error, log))
}
