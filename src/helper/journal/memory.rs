//! A journal that nothing outlives: for practice machines and tests.

use super::entry::{self, Entry};
use super::{Journal, JournalError, Record};

/// The records as lines, as a file would hold them.
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal {
    lines: Vec<String>,
}

impl Journal for MemoryJournal {
    fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        let line = serde_json::to_string(record)
            .map_err(|error| JournalError::Io { place: "in memory".to_owned(), error: error.into() })?;
        self.lines.push(line);
        Ok(())
    }

    fn entries(&mut self) -> Result<Vec<Entry>, JournalError> {
        Ok(entry::read(self.lines.iter().map(String::as_str)))
    }
}
