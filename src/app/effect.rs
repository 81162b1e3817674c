//! Work that a change of the state asks for.

use std::path::PathBuf;

use super::change::ChangeEffect;
use super::exhaustion::ExhaustionEffect;
use super::ports::{Arrangement, Watch};
use super::refused::RefusedEffect;
use super::settings::Settings;
use super::{Investigation, SavedEffect, TableExport};
use crate::case::Case;
use crate::diagnosis::Target;
use crate::platform::practice::{Behaviour, Machine};
use crate::remedy::{OperationState, UndoMode};

/// Work. The window does the last three at once, workers do the others.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Look at the services.
    LookAtServices(u64),
    /// Look at the port ranges and the sockets.
    LookAtRanges(u64),
    /// Audit the fixed ports.
    Audit(u64),
    /// Find out what is wrong.
    Investigate(u64, Target),
    /// Run an option.
    Apply(u64, Box<Case>, usize),
    /// Prepare or make a change that was asked for.
    Change(ChangeEffect),
    /// End the run after the step that is being done.
    StopRun,
    /// Make the checks.
    Verify(u64, Box<Investigation>),
    /// Wait no longer for the service, and make the checks now.
    StopWaiting,
    /// Something about a saved Case.
    Saved(SavedEffect),
    /// Ask for a place for a file, starting from this one.
    AskForPath(PathBuf),
    /// Save a text.
    Save {
        /// Where.
        path: PathBuf,
        /// What.
        text: String,
        /// Whether a file that is there may be replaced.
        replace: bool,
    },
    /// Look at the sockets, again and again where it is live. Ends what was watched before.
    WatchPorts(Watch),
    /// Look at the sockets no longer.
    StopWatchingPorts,
    /// Put the rows of the socket table in order.
    ArrangePorts(Box<Arrangement>),
    /// Something for the Exhaustion page.
    Exhaustion(ExhaustionEffect),
    /// Something for the Refused page.
    Refused(RefusedEffect),
    /// Ask the desktop whether it is dark.
    ReadSystemTheme,
    /// Save the settings.
    SaveSettings(Settings),
    /// Read the journal.
    ReadHistory(u64),
    /// Look whether the changes that shall outlive a restart did.
    ReadOutlook(u64),
    /// Read what the recorder has seen.
    ReadRecorded(u64),
    /// Ask for a file and save tables there.
    Export(Box<TableExport>),
    /// Work out what taking a change back would do.
    PlanUndo(u64, String),
    /// Take a change back.
    Undo {
        /// The number of the question.
        number: u64,
        /// The entry.
        entry: String,
        /// How much of it.
        mode: UndoMode,
        /// What the user saw.
        seen: Vec<OperationState>,
    },
    /// Show a folder in the system's file manager.
    OpenFolder(PathBuf),
    /// Put a text on the clipboard.
    CopyText(String),
    /// Turn to this practice machine, as it is at the beginning.
    Practise(Box<Machine>, Behaviour),
    /// Turn back to the real computer.
    UseLiveComputer,
    /// Close the window.
    Close,
}
