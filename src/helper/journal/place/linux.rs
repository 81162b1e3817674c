//! Linux: folder and files of root, opened without following links.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::StatVfsMountFlags;

use super::JournalError;
use crate::helper::journal::file::failed;
use crate::platform::kept_files;

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
    Ok(kept_files::check_folder(folder)?)
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

/// Opens the journal to read and add to.
pub fn open(path: &Path) -> Result<File, JournalError> {
    Ok(kept_files::open_to_add(path, 0o644)?)
}

/// Without this a new journal could be gone after a power failure although its text had been kept.
pub fn keep(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
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
