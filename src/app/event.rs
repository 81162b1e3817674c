//! What comes into the session: commands of the user, answers of workers, the time.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::change::ChangeEvent;
use super::exhaustion::ExhaustionEvent;
use super::ports::{Arranged, PortTable};
use super::recheck::Outlook;
use super::recorder::Recorded;
use super::refused::RefusedEvent;
use super::undo::UndoPlan;
use super::{Audit, Chosen, Command, Investigation, RunProgress, SavedEvent};
use crate::case::Case;
use crate::helper::journal::Entry;
use crate::machine::Snapshot;

/// An answer of a worker. The numbers say to which question.
#[derive(Debug, Clone)]
pub enum Event {
    /// The services were looked at.
    Services(u64, Result<Box<Snapshot>, String>),
    /// The fixed ports were audited.
    Audited(u64, Result<Box<Audit>, String>),
    /// The port ranges and the sockets were looked at.
    Ranges(u64, Result<Box<Snapshot>, String>),
    /// An investigation goes on.
    Investigating(u64, String),
    /// An investigation ended.
    Investigated(u64, Result<Box<Investigation>, String>),
    /// A run goes on.
    RunProgress(u64, RunProgress),
    /// A run ended.
    RunEnded(u64, Result<Box<Case>, String>),
    /// A change that was asked for goes on or ended.
    Change(ChangeEvent),
    /// The checks go on.
    Verifying(u64, String),
    /// The checks were made.
    Verified(u64, Result<Box<Investigation>, String>),
    /// The user chose a file, or none.
    PathChosen(Chosen),
    /// The report was saved, or why not.
    ReportSaved(Result<PathBuf, SaveProblem>),
    /// Something about a saved Case.
    Saved(SavedEvent),
    /// The Case was not kept for `portmedic report`, and why.
    NotKept(String),
    /// The desktop said whether it is dark, or nothing.
    SystemTheme(Option<bool>),
    /// The settings were saved, or why not.
    SettingsSaved(Result<(), String>),
    /// The socket table is not as it was.
    Ports(u64, Result<Arc<PortTable>, String>),
    /// The rows of the socket table are in order.
    PortsArranged(u64, Result<Arc<Arranged>, String>),
    /// Something for the Exhaustion page.
    Exhaustion(ExhaustionEvent),
    /// Something for the Refused page.
    Refused(RefusedEvent),
    /// The journal was read.
    History(u64, Result<Vec<Entry>, String>),
    /// How the changes stand that shall outlive a restart.
    Outlook(u64, Result<Outlook, String>),
    /// What the recorder has seen was read.
    Recorded(u64, Result<Recorded, String>),
    /// Tables of this name were saved in this file, or in none, because the dialog was closed.
    TablesSaved(&'static str, Result<Option<PathBuf>, String>),
    /// What taking a change back would do is known.
    UndoPlanned(u64, Result<Box<UndoPlan>, String>),
    /// A change was taken back.
    Undone(u64, Result<String, String>),
}

/// Why a report was not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveProblem {
    /// A file of this name is there.
    Exists,
    /// Something else.
    Other(String),
}

/// Everything that changes the state.
#[derive(Debug, Clone)]
pub enum Input {
    /// The user did something.
    Command(Command),
    /// A worker answered.
    Event(Event),
    /// It is now.
    Tick(Timestamp),
}
