//! The journal on the disk, written by administrators alone, readable for all: `/var/lib/portmedic/journal.jsonl`, on Windows
//! `%ProgramData%\PortMedic\journal.jsonl`.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::entry::{self, Entry};
use super::place;
use super::{Journal, JournalError, Record};
use crate::platform::kept_files::{self, KeptError};

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
        Self::in_folder(&place::folder()?)
    }

    /// The journal in this folder, which is made where it is not there.
    ///
    /// # Errors
    /// As [`FileJournal::system`].
    pub fn in_folder(folder: &Path) -> Result<Self, JournalError> {
        place::make_folder(folder)?;
        let lock = kept_files::lock(&folder.join(LOCK)).map_err(|error| match error {
            KeptError::Busy => JournalError::Busy(under_way(folder)),
            error => error.into(),
        })?;
        let path = folder.join(JOURNAL);
        let mut file = place::open(&path)?;
        kept_files::end_the_last_line(&mut file).map_err(|error| failed(&path, error))?;
        place::keep(folder).map_err(|error| failed(folder, error))?;
        Ok(Self { path, file, _lock: lock })
    }
}

impl Journal for FileJournal {
    fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        let mut line = serde_json::to_string(record).map_err(|error| failed(&self.path, error.into()))?;
        line.push('\n');
        kept_files::add_line(&mut self.file, &line).map_err(|error| failed(&self.path, error))
    }

    fn entries(&mut self) -> Result<Vec<Entry>, JournalError> {
        self.file.seek(SeekFrom::Start(0)).map_err(|error| failed(&self.path, error))?;
        read_entries(&self.file).map_err(|error| failed(&self.path, error))
    }
}

/// Adds records to the journal of this computer. Needs the rights.
///
/// # Errors
/// As [`FileJournal::system`].
pub fn add(records: &[Record]) -> Result<(), JournalError> {
    let mut journal = FileJournal::system()?;
    records.iter().try_for_each(|record| journal.append(record))
}

/// What was changed on this computer, the oldest first. Needs no rights.
///
/// # Errors
/// Where the journal is there and cannot be read.
pub fn history() -> Result<Vec<Entry>, JournalError> {
    history_in(&place::folder()?)
}

fn history_in(folder: &Path) -> Result<Vec<Entry>, JournalError> {
    let path = folder.join(JOURNAL);
    match kept_files::open_to_read(&path) {
        Ok(file) if file.metadata().is_ok_and(|facts| facts.is_file()) => {
            read_entries(&file).map_err(|error| failed(&path, error))
        }
        Ok(_) => Err(place::not_safe(&path, "is no ordinary file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(&path, error)),
    }
}

/// What the helper that has the lock is doing: the newest entry, where it has not ended.
fn under_way(folder: &Path) -> Option<Box<Entry>> {
    // Where the journal cannot be read, all that is known is that somebody has the lock.
    history_in(folder).ok()?.pop().filter(|entry| !entry.finished).map(Box::new)
}

/// Refuses a journal that no rights could write. Asked before anybody is asked for rights; where its folder is not there yet, the nearest one
/// above it tells.
///
/// # Errors
/// Where its file system is mounted read-only, or full.
pub fn check_place() -> Result<(), JournalError> {
    let folder = place::folder()?;
    match folder.ancestors().find(|folder| folder.exists()) {
        Some(there) => place::check_room(there),
        None => Ok(()),
    }
}

fn read_entries(file: &File) -> io::Result<Vec<Entry>> {
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(entry::read(String::from_utf8_lossy(&bytes).lines()))
}

pub(super) fn failed(path: &Path, error: io::Error) -> JournalError {
    JournalError::Io { place: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::path::{Path, PathBuf};

    use jiff::Timestamp;

    use tempfile::TempDir;

    use super::{FileJournal, JOURNAL, Journal, JournalError, history_in};
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
            purpose: None,
            boot: None,
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

    #[cfg(windows)]
    use crate::platform::windows::ffi::is_administrator as may_make_one;

    #[cfg(not(windows))]
    const fn may_make_one() -> bool {
        true
    }

    /// A folder for a journal that is not made yet, in one that goes with the test. `None` where only an administrator can make it.
    fn room() -> Option<(TempDir, PathBuf)> {
        may_make_one().then(|| {
            let root = tempfile::tempdir().unwrap();
            let folder = root.path().join("made");
            (root, folder)
        })
    }

    fn write(folder: &Path, records: &[Record]) {
        let mut journal = FileJournal::in_folder(folder).unwrap();
        for record in records {
            journal.append(record).unwrap();
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let Some((_root, folder)) = room() else { return };
        write(&folder, &[begin("a"), intent("a"), result("a")]);
        let entries = history_in(&folder).unwrap();
        assert_eq!((entries.len(), entries[0].steps.len(), entries[0].steps[0].interrupted), (1, 1, false));
    }

    #[test]
    fn no_journal_is_an_empty_history() {
        assert_eq!(history_in(Path::new("/nowhere")).unwrap(), []);
    }

    #[test]
    fn a_step_without_its_result_counts_as_interrupted() {
        let Some((_root, folder)) = room() else { return };
        write(&folder, &[begin("a"), intent("a")]);
        let entry = history_in(&folder).unwrap().remove(0);
        assert!(entry.steps[0].interrupted && !entry.finished && entry.can_be_undone());
    }

    #[test]
    fn a_line_that_a_crash_cut_off_costs_that_line_only() {
        let Some((_root, folder)) = room() else { return };
        write(&folder, &[begin("a"), intent("a")]);
        let mut file = fs::OpenOptions::new().append(true).open(folder.join(JOURNAL)).unwrap();
        file.write_all(br#"{"record":"result","entry":"a","ti"#).unwrap();
        drop(file);
        assert!(history_in(&folder).unwrap()[0].steps[0].interrupted);
        write(&folder, &[begin("b")]);
        let names: Vec<_> = history_in(&folder).unwrap().into_iter().map(|entry| entry.id).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn only_one_helper_has_it_at_a_time() {
        let Some((_root, folder)) = room() else { return };
        let first = FileJournal::in_folder(&folder).unwrap();
        assert!(matches!(FileJournal::in_folder(&folder), Err(JournalError::Busy(_))));
        assert_eq!(history_in(&folder).unwrap(), [], "it can be read meanwhile");
        drop(first);
        assert!(FileJournal::in_folder(&folder).is_ok());
    }

    #[test]
    fn names_count_up_within_a_day() {
        let Some((_root, folder)) = room() else { return };
        let now: Timestamp = "2026-11-21T03:02:00Z".parse().unwrap();
        let mut journal = FileJournal::in_folder(&folder).unwrap();
        for expected in ["20261121-1", "20261121-2", "20261121-3"] {
            let name = next_name(&journal.entries().unwrap(), now);
            assert_eq!(name, expected);
            journal.append(&begin(&name)).unwrap();
        }
    }
}
