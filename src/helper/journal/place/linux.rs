//! Linux: folder and files of root, opened without following links.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, StatVfsMountFlags, flock};

use super::{JournalError, WRITABLE, not_safe};
use crate::helper::journal::file::failed;

/// Where the journal of this computer is.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the system must be asked, and may not answer")]
pub fn folder() -> Result<PathBuf, JournalError> {
    Ok(PathBuf::from("/var/lib/portmedic"))
}

/// Makes the folder where it is not there, and refuses one that others can write.
pub fn make_folder(folder: &Path) -> Result<(), JournalError> {
    match DirBuilder::new().mode(0o755).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(folder, error)),
        _ => {}
    }
    let facts = fs::symlink_metadata(folder).map_err(|error| failed(folder, error))?;
    if !facts.is_dir() {
        return Err(not_safe(folder, "is no folder"));
    }
    check(folder, &facts)
}

/// Refuses a folder in which nothing can be written down, whatever the rights.
pub fn check_room(folder: &Path) -> Result<(), JournalError> {
    let facts = rustix::fs::statvfs(folder).map_err(|error| failed(folder, error.into()))?;
    let why = if facts.f_flag.contains(StatVfsMountFlags::RDONLY) {
        "it is on a file system that is mounted read-only"
    } else if facts.f_blocks > 0 && facts.f_bfree == 0 {
        "its disk is full"
    } else {
        return Ok(());
    };
    Err(failed(folder, io::Error::other(why)))
}

/// Takes the lock.
pub fn lock(path: &Path) -> Result<File, JournalError> {
    let lock = open_or_make(path, OpenOptions::new().write(true).create(true).mode(0o600))?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
        rustix::io::Errno::WOULDBLOCK => JournalError::Busy(None),
        other => failed(path, other.into()),
    })?;
    Ok(lock)
}

/// Opens the journal to read and add to.
pub fn open(path: &Path) -> Result<File, JournalError> {
    open_or_make(path, OpenOptions::new().read(true).append(true).create(true).mode(0o644))
}

/// Opens the journal to read.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(no_follow()).open(path)
}

/// Without this a new journal could be gone after a power failure although its text had been kept.
pub fn keep(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Opens or makes a file of ours, and refuses anything else under its name.
fn open_or_make(path: &Path, options: &mut OpenOptions) -> Result<File, JournalError> {
    let file = match options.custom_flags(no_follow()).open(path) {
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(not_safe(path, "is a link to another file"));
        }
        answer => answer.map_err(|error| failed(path, error))?,
    };
    let facts = file.metadata().map_err(|error| failed(path, error))?;
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

fn check(path: &Path, facts: &fs::Metadata) -> Result<(), JournalError> {
    if facts.uid() != rustix::process::geteuid().as_raw() || facts.mode() & 0o022 != 0 {
        return Err(not_safe(path, WRITABLE));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use crate::helper::journal::{FileJournal, JournalError};

    const JOURNAL: &str = "journal.jsonl";
    const LOCK: &str = "lock";

    #[test]
    fn everybody_may_read_the_journal_and_only_root_open_the_lock() {
        let root = tempfile::tempdir().unwrap();
        drop(FileJournal::in_folder(root.path()).unwrap());
        let mode = |name| fs::metadata(root.path().join(name)).unwrap().mode() & 0o777;
        assert_eq!((mode(JOURNAL), mode(LOCK)), (0o644, 0o600));
    }

    #[test]
    fn links_in_place_of_its_files_are_refused_and_their_targets_untouched() {
        for name in [JOURNAL, LOCK] {
            let root = tempfile::tempdir().unwrap();
            let target = root.path().join("shadow");
            fs::write(&target, "precious").unwrap();
            symlink(&target, root.path().join(name)).unwrap();
            assert!(matches!(FileJournal::in_folder(root.path()), Err(JournalError::Unsafe(_))), "{name}");
            assert_eq!(fs::read(&target).unwrap(), b"precious");
        }
        let root = tempfile::tempdir().unwrap();
        let (folder, link) = (root.path().join("real"), root.path().join("link"));
        fs::create_dir(&folder).unwrap();
        symlink(&folder, &link).unwrap();
        assert!(matches!(FileJournal::in_folder(&link), Err(JournalError::Unsafe(_))));
    }

    #[test]
    fn a_second_name_for_the_journal_is_refused() {
        let root = tempfile::tempdir().unwrap();
        drop(FileJournal::in_folder(root.path()).unwrap());
        fs::hard_link(root.path().join(JOURNAL), root.path().join("other")).unwrap();
        assert!(matches!(FileJournal::in_folder(root.path()), Err(JournalError::Unsafe(_))));
    }

    #[test]
    fn what_others_can_write_is_not_believed() {
        for (name, mode) in [("", 0o777), (JOURNAL, 0o666)] {
            let root = tempfile::tempdir().unwrap();
            drop(FileJournal::in_folder(root.path()).unwrap());
            fs::set_permissions(root.path().join(name), Permissions::from_mode(mode)).unwrap();
            assert!(matches!(FileJournal::in_folder(root.path()), Err(JournalError::Unsafe(_))), "{name}");
        }
    }
}
