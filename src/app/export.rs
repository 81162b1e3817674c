//! Tables that are saved to a file, where the user says and in the form that the name of the file tells: the history, an audit, samples,
//! or a checklist.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::audit::Audit;
use super::event::SaveProblem;
use super::exhaustion::{self, Monitor};
use super::{Chosen, audit_table, dialogs, files, history};
use crate::case::Case;
use crate::helper::journal::Entry;
use crate::machine::Host;
use crate::report::{self, Format, Hide, Report};

/// What is saved.
#[derive(Debug, Clone)]
pub enum Tables {
    /// The changes, the newest first.
    History(Vec<Entry>),
    /// The risks of an audit, and what is safe.
    Audit(Box<Audit>),
    /// The use of the dynamic ports over time, as far as it is remembered.
    Samples(Arc<Mutex<Monitor>>),
    /// The checklist of a connection, with its verdict.
    Checklist(Box<Case>),
}

impl Tables {
    /// What it is called in a sentence.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::History(_) => "history",
            Self::Audit(_) => "audit",
            Self::Samples(_) => "samples",
            Self::Checklist(_) => "checklist",
        }
    }

    /// The form that a dialog begins with: samples are for a spreadsheet.
    pub const fn usual_form(&self) -> Format {
        match self {
            Self::History(_) | Self::Audit(_) | Self::Checklist(_) => Format::Html,
            Self::Samples(_) => Format::Csv,
        }
    }
}

/// Tables that are to be saved where the user says.
#[derive(Debug, Clone)]
pub struct TableExport {
    /// Where the dialog begins; without a dialog it is saved here.
    pub start: PathBuf,
    /// What is saved.
    pub tables: Tables,
    /// The computer.
    pub host: Host,
    /// The time.
    pub now: Timestamp,
    /// What is hidden.
    pub hide: Hide,
}

impl TableExport {
    /// Asks for a file and writes the tables in the form that its name tells; `None` where the dialog was closed.
    ///
    /// # Errors
    /// Where the name tells no form, or the file cannot be written: one sentence.
    pub fn ask_and_save(&self) -> Result<Option<PathBuf>, String> {
        match dialogs::ask_to_save(&format!("Save the {}", self.tables.name()), &self.start) {
            // The dialog has asked whether a file that is there shall be replaced.
            Chosen::Files(files) => files.into_iter().next().map(|path| self.save(&path, true).map(|()| path)).transpose(),
            Chosen::Cancelled => Ok(None),
            Chosen::NoDialog(_) => self.save(&self.start, false).map(|()| Some(self.start.clone())),
        }
    }

    fn save(&self, path: &Path, replace: bool) -> Result<(), String> {
        let format = path.extension().and_then(|extension| Format::of_extension(&extension.to_string_lossy()));
        let made = format.and_then(|format| self.made(format)).ok_or_else(|| {
            format!("The {} was not saved: the name of its file must end with .html, .md, .json or .csv", self.tables.name())
        })?;
        files::save(path, &made.text, replace).map_err(|problem| match problem {
            SaveProblem::Exists => format!("{} is there already; nothing was saved", files::shown(path)),
            SaveProblem::Other(why) => why,
        })
    }

    fn made(&self, format: Format) -> Option<Report> {
        match &self.tables {
            Tables::History(entries) => {
                let oldest_first: Vec<Entry> = entries.iter().rev().cloned().collect();
                history::export(&oldest_first, self.host.clone(), self.now, format, &self.hide)
            }
            Tables::Audit(audit) => audit_table::export(audit, self.now, format, &self.hide),
            Tables::Samples(monitor) => {
                let history = monitor.lock().unwrap_or_else(PoisonError::into_inner).history().clone();
                exhaustion::export(&history, self.host.clone(), self.now, format, &self.hide)
            }
            // A checklist has no commands for a script.
            Tables::Checklist(case) => format.can_hide().then(|| report::report(case, format, &self.hide)),
        }
    }
}
