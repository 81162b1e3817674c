//! Linux: folder and files of the user who records.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use super::{Readers, told};
use crate::platform::kept_files;
use crate::platform::recorder::LogError;

/// Makes the folder of the log where it is not there, and refuses one that others can write.
pub fn make_folder(folder: &Path, _log: &Path) -> Result<(), LogError> {
    DirBuilder::new().recursive(true).mode(0o755).create(folder).map_err(|error| LogError::io(folder, error))?;
    kept_files::check_folder(folder).map_err(|error| told(error, folder))
}

/// Takes the lock of the log. It is not the log itself: whoever may read a file can lock it.
pub fn lock(log: &Path) -> Result<File, LogError> {
    kept_files::lock(&log.with_extension("lock")).map_err(|error| told(error, log))
}

/// Opens the log to add to, or makes it. Whoever records is its owner, root for the computer's: nobody else reads it.
pub fn open(log: &Path, _readers: Readers) -> Result<File, LogError> {
    kept_files::open_to_add(log, 0o600).map_err(|error| told(error, log))
}
