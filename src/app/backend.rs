//! What the session asks of the computer. One trait, so that tests run the whole window on a computer made up for them.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Practice;
use super::audit::Audit;
use super::change::{AskedChange, Wish};
use super::connect::{Checked, Progress};
use super::exhaustion::{Exhaustion, Monitor};
use super::investigate::Investigation;
use super::recheck::Outlook;
use super::recorder::Recorded;
use super::undo::UndoPlan;
use crate::case::Case;
use crate::diagnosis::Target;
use crate::diagnosis::connect::Wanted;
use crate::helper::journal::Entry;
use crate::machine::Snapshot;
use crate::remedy::{OperationState, StepRecord, UndoMode};

/// What is told while a plan runs.
#[derive(Debug, Clone)]
pub enum RunProgress {
    /// The rights were given.
    Approved {
        /// The user it runs as.
        user: String,
    },
    /// A step begins.
    StepStarted(usize),
    /// A step ended.
    StepFinished(usize, Box<StepRecord>),
}

/// Tells a run to end after the step that is being done.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks for the end.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the end was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// The same as a flag, for what waits in slices.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.0
    }
}

/// The computer, as the session asks it. Every call may take long; errors are said in full, for people.
pub trait Backend: Send + Sync {
    /// The story of the practice machine that it is; `None` for a real computer.
    fn practice(&self) -> Option<Practice> {
        None
    }

    /// Looks at the services.
    ///
    /// # Errors
    /// Where nothing could be seen at all.
    fn services(&self) -> Result<Snapshot, String>;

    /// Looks at the whole socket table. Who has the sockets is searched for only those whose inode is not among `searched`, and for all of
    /// them where that is empty: on Windows sockets have no inode.
    ///
    /// # Errors
    /// Where nothing could be seen at all.
    fn ports(&self, searched: Option<Arc<HashSet<u64>>>) -> Result<Snapshot, String>;

    /// Looks at the dynamic ranges, the exclusions and every socket with its owner.
    ///
    /// # Errors
    /// Where nothing could be seen at all.
    fn ranges(&self) -> Result<Snapshot, String>;

    /// Says which fixed ports of services may be lost, and what helps.
    ///
    /// # Errors
    /// Where nothing could be seen at all.
    fn audit(&self) -> Result<Audit, String>;

    /// Looks how far the dynamic ports are used, and answers in the light of the looks that `monitor` remembers. `since` is the time from
    /// one look to the next: a computer that is made up lets it pass at once.
    ///
    /// # Errors
    /// Where nothing could be seen at all.
    fn exhaustion(&self, monitor: &mut Monitor, since: Duration) -> Result<Exhaustion, String>;

    /// Runs the checklist of a connection until `cancel` says to stop, telling each answer.
    ///
    /// # Errors
    /// Where nothing of this computer could be seen at all.
    fn connect(&self, wanted: Wanted, cancel: &Cancel, told: &mut dyn FnMut(&Progress<'_>)) -> Result<Checked, String>;

    /// Finds out what is wrong, telling what it does.
    ///
    /// # Errors
    /// Where the target does not exist, or nothing could be seen at all.
    fn investigate(&self, target: &Target, doing: &mut dyn FnMut(String)) -> Result<Investigation, String>;

    /// Runs an option; the Case gets the records and, where nothing ran, the outcome with its reason.
    ///
    /// # Errors
    /// Where the run could not be begun for a reason that is not the user's will.
    fn apply(&self, case: &mut Case, option: usize, cancel: &Cancel, progress: &mut dyn FnMut(RunProgress))
    -> Result<(), String>;

    /// Waits until the service has settled, looks again and notes in the Case what the checks come to.
    ///
    /// # Errors
    /// Where nothing could be seen at all.
    fn verify(&self, found: &mut Investigation, cancel: &Cancel, doing: &mut dyn FnMut(String)) -> Result<(), String>;

    /// Looks at what a change would do that was asked for by itself, and at what speaks against it.
    ///
    /// # Errors
    /// Where the computer could not be looked at.
    fn prepare_change(&self, wish: Wish) -> Result<AskedChange, String>;

    /// Looks again after such a change and notes in its Case what the checks come to.
    fn prove_change(&self, change: &mut AskedChange);

    /// Keeps a Case as this user's last one. A computer that is made up keeps none.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn keep(&self, _case: &Case) -> Result<(), String> {
        Ok(())
    }

    /// What was changed before, the newest first.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    fn history(&self) -> Result<Vec<Entry>, String>;

    /// Looks whether the changes that shall outlive a restart did. A computer that is made up is never restarted.
    ///
    /// # Errors
    /// Where the journal cannot be read, or nothing could be seen at all.
    fn outlook(&self) -> Result<Outlook, String> {
        Ok(Outlook::default())
    }

    /// What the recorder has seen. A computer that is made up has none.
    ///
    /// # Errors
    /// Where no log of it can be read.
    fn recorded(&self) -> Result<Recorded, String> {
        Ok(Recorded::default())
    }

    /// What taking one change back would do, step by step.
    ///
    /// # Errors
    /// Where there is no such change, or the computer could not be looked at.
    fn way_back(&self, entry: &str) -> Result<UndoPlan, String>;

    /// Takes so much of one change back, where there is still what was `seen`, and looks whether it is so; gives a sentence on what was done.
    ///
    /// # Errors
    /// Where it cannot be taken back, or the rights were not given.
    fn undo(&self, entry: &str, mode: UndoMode, seen: &[OperationState]) -> Result<String, String>;
}
