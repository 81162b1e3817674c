//! Linux: the owner and the rights tell whose a file is.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::{Distrust, KeptError};

/// A program that is being started has a copy of every lock of the one that starts it until it really runs: it lets go within this time.
const LET_GO: Duration = Duration::from_millis(250);

/// Refuses a folder in which others can write, and what is none.
///
/// # Errors
/// Why it is not trusted, or could not be looked at.
pub fn check_folder(folder: &Path) -> Result<(), KeptError> {
    let facts = fs::symlink_metadata(folder).map_err(|error| KeptError::io(folder, error))?;
    if facts.is_dir() { check(folder, &facts) } else { Err(KeptError::not_safe(folder, Distrust::NoFolder)) }
}

/// Takes a lock that only its owner can open: whoever may open a file can lock it.
///
/// # Errors
/// Where another process has it, it is not trusted, or the system refuses.
pub fn lock(path: &Path) -> Result<File, KeptError> {
    let lock = open_or_make(path, OpenOptions::new().write(true).create(true).mode(0o600))?;
    let start = Instant::now();
    loop {
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(lock),
            Err(Errno::WOULDBLOCK) if start.elapsed() < LET_GO => thread::sleep(LET_GO / 50),
            Err(Errno::WOULDBLOCK) => return Err(KeptError::Busy),
            Err(error) => return Err(KeptError::io(path, error.into())),
        }
    }
}

/// Opens a file to read and add to, or makes it with these rights.
///
/// # Errors
/// Where it is not trusted, or the system refuses.
pub fn open_to_add(path: &Path, mode: u32) -> Result<File, KeptError> {
    open_or_make(path, OpenOptions::new().read(true).append(true).create(true).mode(mode))
}

/// Opens a file to read. Links are not followed, and a named pipe does not hold us up.
///
/// # Errors
/// Where it is a link ([`is_link_error`]), or the system refuses.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(no_follow()).open(path)
}

/// Whether a file was not opened because it is a link.
pub fn is_link_error(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Opens or makes a file of ours, and refuses anything else under its name.
fn open_or_make(path: &Path, options: &mut OpenOptions) -> Result<File, KeptError> {
    let file = options.custom_flags(no_follow()).open(path).map_err(|error| {
        if is_link_error(&error) { KeptError::not_safe(path, Distrust::Link) } else { KeptError::io(path, error) }
    })?;
    let facts = file.metadata().map_err(|error| KeptError::io(path, error))?;
    if !facts.is_file() || facts.nlink() != 1 {
        return Err(KeptError::not_safe(path, Distrust::NoFileOfItsOwn));
    }
    check(path, &facts)?;
    Ok(file)
}

fn no_follow() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}

fn check(path: &Path, facts: &fs::Metadata) -> Result<(), KeptError> {
    let own = facts.uid() == rustix::process::geteuid().as_raw();
    if own && facts.mode() & 0o022 == 0 { Ok(()) } else { Err(KeptError::not_safe(path, Distrust::OthersCanWrite)) }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{KeptError, LET_GO, lock};

    #[test]
    fn a_lock_that_somebody_lets_go_of_at_once_is_waited_for_and_another_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = lock(&path).unwrap();
        assert!(matches!(lock(&path), Err(KeptError::Busy)));
        drop(held);
        // A computer under load may let the other thread sleep for longer.
        let waited = (0..20).any(|_| {
            let held = lock(&path).unwrap();
            let holder = move || {
                thread::sleep(LET_GO / 5);
                drop(held);
            };
            let holder = thread::Builder::new().spawn(holder).unwrap();
            let is_ours = lock(&path).is_ok();
            holder.join().unwrap();
            is_ours
        });
        assert!(waited);
    }
}
