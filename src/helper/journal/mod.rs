//! What PortMedic changed on this computer, written before and after each step, so that it can be told and taken back.
//!
//! One JSON document a line, only ever added to. A step has two records: what is about to be done, on the disk before it is begun, and what
//! became of it. Where the second is missing the helper was ended in between, and the entry says so. At the end of a run everything is read
//! once more, and what that showed is written down too.
//!
//! Records of a kind that this version does not know are passed over. A step that it does not understand keeps the entry from being taken back.

mod entry;
mod file;
mod memory;
mod place;

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use entry::{Entry, EntryStep, lasting, read};
pub use file::{FileJournal, add, check_place, history};
pub use memory::MemoryJournal;

use crate::machine::{Boot, visible};
use crate::remedy::{CheckOutcome, Operation, OperationState, Purpose, Recheck, StepRecord};

/// Who asked for a change, as `pkexec`, `sudo` or Windows tells it. It is noted, and nothing is decided by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asker {
    /// The number of the user who asked; `None` where nothing tells it.
    pub uid: Option<u32>,
    /// That user's name; on Windows with its domain, or the SID where it has no name.
    pub name: Option<String>,
    /// How the rights were got: `pkexec`, `sudo`, `uac`, or `root` and `administrator` where they were there.
    pub by: String,
}

impl Asker {
    /// The name, or the number where there is none; `None` where nothing tells who it was.
    pub fn words(&self) -> Option<String> {
        self.name.clone().or_else(|| self.uid.map(|uid| format!("user {uid}")))
    }
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A run begins.
    Begin {
        /// The name of the entry.
        entry: String,
        /// When.
        time: Timestamp,
        /// The id of the request.
        request: String,
        /// Who asked.
        asker: Asker,
        /// What for.
        title: String,
        /// The entry that it takes back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undoes: Option<String>,
        /// What it shall bring about; `None` where it was asked for by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<Purpose>,
        /// The run of the computer in which it was made; `None` where the computer does not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        boot: Option<Boot>,
    },
    /// A step is about to be done.
    Intent {
        /// The entry.
        entry: String,
        /// When.
        time: Timestamp,
        /// Its place, counted from 0.
        index: usize,
        /// What is about to be done.
        operation: Operation,
        /// The state before it.
        before: OperationState,
    },
    /// A step ended, or was not begun.
    Result {
        /// The entry.
        entry: String,
        /// When.
        time: Timestamp,
        /// Its place, counted from 0.
        index: usize,
        /// What became of it.
        step: Box<StepRecord>,
    },
    /// Everything was read again at the end of a run.
    Checked {
        /// The entry.
        entry: String,
        /// When.
        time: Timestamp,
        /// The check of each step that did something that could be looked for.
        checks: Vec<StepCheck>,
    },
    /// The run ended.
    End {
        /// The entry.
        entry: String,
        /// When.
        time: Timestamp,
    },
    /// An entry was taken back.
    Undone {
        /// The entry.
        entry: String,
        /// When.
        time: Timestamp,
        /// The entry that took it back.
        by: String,
    },
    /// After a restart of the computer it was looked whether what an entry changed is still so.
    Rechecked {
        /// The entry.
        entry: String,
        /// What came of it.
        check: Box<Recheck>,
    },
}

/// Whether what a step did still held at the end of the run: later steps, services and other people may have changed it by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepCheck {
    /// The place of the step, counted from 0.
    pub index: usize,
    /// How the check ended.
    pub outcome: CheckOutcome,
    /// What was read.
    pub now: Option<OperationState>,
    /// Why nothing could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Why the journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another helper is at work.
    #[error("another run of PortMedic is changing this computer{}; try again when it is done", doing(.0.as_deref()))]
    Busy(Option<Box<Entry>>),
    /// Somebody else could have written it.
    #[error("{0}")]
    Unsafe(String),
    /// The system refused.
    #[error("the journal {place} could not be used: {error}")]
    Io {
        /// Its path.
        place: String,
        /// What the system said.
        error: io::Error,
    },
}

/// What the other helper does, where the journal tells it.
fn doing(entry: Option<&Entry>) -> String {
    let Some(entry) = entry else { return String::new() };
    let who = entry.asker.words().map(|name| format!(", asked for by {}", visible(&name))).unwrap_or_default();
    format!(" (\"{}\", since {:.0}{who})", visible(&entry.title), entry.time)
}

/// A journal that the helper writes. Whoever has one is the only one who does.
pub trait Journal: Send {
    /// Adds a record; it is on the disk when this returns.
    ///
    /// # Errors
    /// Where it could not be written. Nothing must be done then that it was to tell of.
    fn append(&mut self, record: &Record) -> Result<(), JournalError>;

    /// All entries, the oldest first.
    ///
    /// # Errors
    /// Where it cannot be read, or others could have written it.
    fn entries(&mut self) -> Result<Vec<Entry>, JournalError>;
}

/// A name for the next entry: the day and a number, short enough to be typed.
pub fn next_name(entries: &[Entry], now: Timestamp) -> String {
    let day = now.strftime("%Y%m%d").to_string();
    let number = |entry: &Entry| entry.id.strip_prefix(&day)?.strip_prefix('-')?.parse::<u32>().ok();
    let last = entries.iter().filter_map(number).max().unwrap_or(0);
    format!("{day}-{}", last.saturating_add(1))
}
