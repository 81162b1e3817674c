//! The journal on the disk: `/var/lib/portmedic/journal.jsonl`, written by root alone, readable for all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};

use super::entry::{self, Entry};
use super::{Journal, JournalError, Record};

/// Where the journal of this computer is.
const FOLDER: &str = "/var/lib/portmedic";
const JOURNAL: &str = "journal.jsonl";
/// Held while a helper is at work. It is not the journal itself: that one everybody may open, and whoever opens a file can lock it.
const LOCK: &str = "lock";
/// A journal of this size has some ten thousand runs. What is beyond is not read.
const LONGEST: u64 = 256 << 20;

/// The journal, open for one helper.
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    file: File,
    /// Held as long as this lives.
    _lock: File,
}

impl FileJournal {
    /// The journal of this computer.
    ///
    /// # Errors
    /// Where another helper has it, others could write it, or the system refuses.
    pub fn system() -> Result<Self, JournalError> {
        Self::in_folder(Path::new(FOLDER))
    }

    /// The journal in this folder, which is made where it is not there.
    ///
    /// # Errors
    /// As [`FileJournal::system`].
    pub fn in_folder(folder: &Path) -> Result<Self, JournalError> {
        let failed = |error| failed(folder, error);
        match DirBuilder::new().mode(0o755).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
            _ => {}
        }
        let facts = fs::symlink_metadata(folder).map_err(failed)?;
        if !facts.is_dir() {
            return Err(not_safe(folder, "is no folder"));
        }
        check(folder, &facts)?;

        let lock = open(&folder.join(LOCK), OpenOptions::new().write(true).create(true).mode(0o600))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            rustix::io::Errno::WOULDBLOCK => JournalError::Busy,
            other => failed(other.into()),
        })?;
        let path = folder.join(JOURNAL);
        let mut file = open(&path, OpenOptions::new().read(true).append(true).create(true).mode(0o644))?;
        end_the_last_line(&mut file).map_err(|error| self::failed(&path, error))?;
        // Without this a new journal could be gone after a power failure although its text had been kept.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(Self { path, file, _lock: lock })
    }
}

impl Journal for FileJournal {
    fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        let mut line = serde_json::to_string(record).map_err(|error| failed(&self.path, error.into()))?;
        line.push('\n');
        // One write: a line is there or, where the disk is full, cut off. Then it goes, or the next record would be lost with it.
        let whole = self.file.metadata().map_err(|error| failed(&self.path, error))?.len();
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|error| match self.file.set_len(whole) {
            Ok(()) => failed(&self.path, error),
            Err(second) => failed(&self.path, io::Error::other(format!("{error}; and its last line stays cut off: {second}"))),
        })
    }

    fn entries(&mut self) -> Result<Vec<Entry>, JournalError> {
        self.file.seek(SeekFrom::Start(0)).map_err(|error| failed(&self.path, error))?;
        read_entries(&self.file).map_err(|error| failed(&self.path, error))
    }
}

/// What was changed on this computer, the oldest first. Needs no rights.
///
/// # Errors
/// Where the journal is there and cannot be read.
pub fn history() -> Result<Vec<Entry>, JournalError> {
    history_in(Path::new(FOLDER))
}

fn history_in(folder: &Path) -> Result<Vec<Entry>, JournalError> {
    let path = folder.join(JOURNAL);
    match OpenOptions::new().read(true).custom_flags(no_follow()).open(&path) {
        Ok(file) if file.metadata().is_ok_and(|facts| facts.is_file()) => {
            read_entries(&file).map_err(|error| failed(&path, error))
        }
        Ok(_) => Err(not_safe(&path, "is no ordinary file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(&path, error)),
    }
}

fn read_entries(file: &File) -> io::Result<Vec<Entry>> {
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(entry::read(String::from_utf8_lossy(&bytes).lines()))
}

/// Opens or makes a file of ours, and refuses anything else under its name.
fn open(path: &Path, options: &mut OpenOptions) -> Result<File, JournalError> {
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

/// A crash may have cut the last line off. The next record begins a line of its own, or both would be lost.
fn end_the_last_line(file: &mut File) -> io::Result<()> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// Links are not followed, and a named pipe does not hold us up.
fn no_follow() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}

/// What is written there is believed by undo: it must be ours alone.
fn check(path: &Path, facts: &fs::Metadata) -> Result<(), JournalError> {
    if facts.uid() != rustix::process::geteuid().as_raw() || facts.mode() & 0o022 != 0 {
        return Err(not_safe(path, "can be written by others than the administrator"));
    }
    Ok(())
}

fn not_safe(path: &Path, what: &str) -> JournalError {
    JournalError::Unsafe(format!(
        "{} {what}, so PortMedic does not trust it and changes nothing; look at it and move it away",
        path.display()
    ))
}

fn failed(path: &Path, error: io::Error) -> JournalError {
    JournalError::Io { place: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::io::Write;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::Path;

    use jiff::Timestamp;

    use super::{FileJournal, JOURNAL, Journal, JournalError, LOCK, history_in};
    use crate::helper::journal::{Asker, Record, next_name};
    use crate::remedy::{Operation, OperationState, StepRecord, StepResult};

    fn begin(entry: &str) -> Record {
        Record::Begin {
            entry: entry.to_owned(),
            time: Timestamp::UNIX_EPOCH,
            request: "run".to_owned(),
            asker: Asker::default(),
            title: "Exclude port 1433".to_owned(),
            undoes: None,
        }
    }

    fn operation() -> Operation {
        Operation::StartService { service: "a.service".to_owned() }
    }

    fn intent(entry: &str) -> Record {
        let before = OperationState::Nothing;
        Record::Intent { entry: entry.to_owned(), time: Timestamp::UNIX_EPOCH, index: 0, operation: operation(), before }
    }

    fn result(entry: &str) -> Record {
        let step = StepRecord {
            operation: operation(),
            before: None,
            after: None,
            result: StepResult::Done,
            message: None,
            duration_ms: 1,
        };
        Record::Result { entry: entry.to_owned(), time: Timestamp::UNIX_EPOCH, index: 0, step: Box::new(step) }
    }

    fn write(folder: &Path, records: &[Record]) {
        let mut journal = FileJournal::in_folder(folder).unwrap();
        for record in records {
            journal.append(record).unwrap();
        }
    }

    #[test]
    fn what_is_written_is_read_by_everybody() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("made");
        write(&folder, &[begin("a"), intent("a"), result("a")]);
        let entries = history_in(&folder).unwrap();
        assert_eq!((entries.len(), entries[0].steps.len(), entries[0].steps[0].interrupted), (1, 1, false));
        let mode = |name| fs::metadata(folder.join(name)).unwrap().mode() & 0o777;
        assert_eq!((mode(JOURNAL), mode(LOCK)), (0o644, 0o600));
    }

    #[test]
    fn no_journal_is_an_empty_history() {
        assert_eq!(history_in(Path::new("/nowhere")).unwrap(), []);
    }

    #[test]
    fn a_step_without_its_result_counts_as_interrupted() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[begin("a"), intent("a")]);
        let entry = history_in(root.path()).unwrap().remove(0);
        assert!(entry.steps[0].interrupted && !entry.finished && entry.can_be_undone());
    }

    #[test]
    fn a_line_that_a_crash_cut_off_costs_that_line_only() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[begin("a"), intent("a")]);
        let mut file = fs::OpenOptions::new().append(true).open(root.path().join(JOURNAL)).unwrap();
        file.write_all(br#"{"record":"result","entry":"a","ti"#).unwrap();
        assert!(history_in(root.path()).unwrap()[0].steps[0].interrupted);
        write(root.path(), &[begin("b")]);
        let names: Vec<_> = history_in(root.path()).unwrap().into_iter().map(|entry| entry.id).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn only_one_helper_has_it_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let first = FileJournal::in_folder(root.path()).unwrap();
        assert!(matches!(FileJournal::in_folder(root.path()), Err(JournalError::Busy)));
        drop(first);
        assert!(FileJournal::in_folder(root.path()).is_ok());
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
        write(root.path(), &[begin("a")]);
        fs::hard_link(root.path().join(JOURNAL), root.path().join("other")).unwrap();
        assert!(matches!(FileJournal::in_folder(root.path()), Err(JournalError::Unsafe(_))));
    }

    #[test]
    fn what_others_can_write_is_not_believed() {
        for (name, mode) in [("", 0o777), (JOURNAL, 0o666)] {
            let root = tempfile::tempdir().unwrap();
            write(root.path(), &[begin("a")]);
            fs::set_permissions(root.path().join(name), Permissions::from_mode(mode)).unwrap();
            assert!(matches!(FileJournal::in_folder(root.path()), Err(JournalError::Unsafe(_))), "{name}");
        }
    }

    #[test]
    fn names_count_up_within_a_day() {
        let root = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-21T03:02:00Z".parse().unwrap();
        let mut journal = FileJournal::in_folder(root.path()).unwrap();
        for expected in ["20261121-1", "20261121-2", "20261121-3"] {
            let name = next_name(&journal.entries().unwrap(), now);
            assert_eq!(name, expected);
            journal.append(&begin(&name)).unwrap();
        }
    }
}
