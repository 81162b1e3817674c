//! Linux: folder and files of the user who records, opened without following links.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, OFlags, flock};

use super::{Readers, not_safe};
use crate::platform::recorder::LogError;

/// Makes the folder of the log where it is not there, and refuses one that others can write.
pub fn make_folder(log: &Path) -> Result<(), LogError> {
    let Some(folder) = log.parent() else { return Err(not_safe(log, "is no file")) };
    DirBuilder::new().recursive(true).mode(0o755).create(folder).map_err(|error| LogError::io(folder, error))?;
    let facts = fs::symlink_metadata(folder).map_err(|error| LogError::io(folder, error))?;
    if facts.is_dir() { check(folder, &facts) } else { Err(not_safe(folder, "is no folder")) }
}

/// Takes the lock of the log. It is not the log itself: whoever may read a file can lock it.
pub fn lock(log: &Path) -> Result<File, LogError> {
    let path = log.with_extension("lock");
    let lock = open_or_make(&path, OpenOptions::new().write(true).create(true).mode(0o600))?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
        rustix::io::Errno::WOULDBLOCK => LogError::Busy(log.display().to_string()),
        other => LogError::io(&path, other.into()),
    })?;
    Ok(lock)
}

/// Opens the log to add to, or makes it. Whoever records is its owner, root for the computer's: nobody else reads it.
pub fn open(log: &Path, _readers: Readers) -> Result<File, LogError> {
    open_or_make(log, OpenOptions::new().append(true).create(true).mode(0o600))
}

/// Opens a log to read.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(no_follow()).open(path)
}

/// Opens or makes a file of ours, and refuses anything else under its name.
fn open_or_make(path: &Path, options: &mut OpenOptions) -> Result<File, LogError> {
    let file = match options.custom_flags(no_follow()).open(path) {
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(not_safe(path, "is a link to another file"));
        }
        answer => answer.map_err(|error| LogError::io(path, error))?,
    };
    let facts = file.metadata().map_err(|error| LogError::io(path, error))?;
    if !facts.is_file() || facts.nlink() != 1 {
        return Err(not_safe(path, "is no ordinary file of its own"));
    }
    check(path, &facts)?;
    Ok(file)
}

/// Links are not followed, and a named pipe does not hold us up.
fn no_follow() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}

fn check(path: &Path, facts: &fs::Metadata) -> Result<(), LogError> {
    let own = facts.uid() == rustix::process::geteuid().as_raw();
    if own && facts.mode() & 0o022 == 0 { Ok(()) } else { Err(not_safe(path, "can be written by others")) }
}
