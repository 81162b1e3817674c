//! Takes back what the journal tells.

mod plan;
mod proof;
mod since;

pub use plan::{UndoPlan, plan};
pub use proof::prove;

use super::apply::{ApplyError, Run, run_helper, started_again};
use super::{Cancel, RunProgress};
use crate::helper::journal::Entry;
use crate::helper::launch::Elevator;
use crate::helper::protocol::Job;
use crate::remedy::{Operation, OperationState, StepRecord, UndoMode};

/// What came of an undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// The helper ran.
    Ran {
        /// What became of each step, in the order in which they were taken back.
        steps: Vec<StepRecord>,
        /// Its own entry in the journal, where something was changed.
        entry: Option<String>,
        /// Why it told of no more, where it ended unexpectedly.
        lost: Option<String>,
    },
    /// The rights were not given; the sentence says that nothing was changed, and why.
    Declined(String),
}

impl Undone {
    /// What a person has to know beside the steps: why the helper told of no more, or which services run again that the undo had stopped.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Ran { steps, lost, .. } => lost.clone().or_else(|| started_again(steps)),
            Self::Declined(why) => Some(why.clone()),
        }
    }

    /// Whether everything that can be taken back was.
    pub fn is_complete(&self) -> bool {
        match self {
            Self::Ran { steps, lost, .. } => lost.is_none() && steps.iter().all(|step| step.result.is_success()),
            Self::Declined(_) => false,
        }
    }
}

/// The newest entry that can be taken back, or the one with this name.
///
/// # Errors
/// Where there is none, one plain sentence.
pub fn choose<'a>(entries: &'a [Entry], id: Option<&str>) -> Result<&'a Entry, String> {
    match id {
        Some(id) => {
            entries.iter().rev().find(|entry| entry.id == id).ok_or_else(|| {
                format!("the journal has no entry {}; `portmedic history` lists them", crate::machine::visible(id))
            })
        }
        None => {
            entries.iter().rev().find(|entry| entry.can_be_undone()).ok_or_else(|| {
                "there is nothing to take back: PortMedic has changed nothing here that is still in force".to_owned()
            })
        }
    }
}

/// Takes an entry back: so much of it, where there is still what was seen.
///
/// # Errors
/// Where nothing was begun for a reason that is not the user's will.
pub fn undo(
    elevator: &dyn Elevator,
    entry: &Entry,
    (mode, seen): (UndoMode, &[OperationState]),
    cancel: &Cancel,
    progress: &mut dyn FnMut(RunProgress),
) -> Result<Undone, ApplyError> {
    let operations: Vec<Operation> = entry.to_take_back().into_iter().map(|record| record.operation).collect();
    let places = (0..operations.len()).collect();
    let mut run = Run::new(operations, places);
    let seen = if mode == UndoMode::Exact { Vec::new() } else { seen.to_vec() };
    let job = Job::Undo { entry: entry.id.clone(), mode, seen };
    let ended = run_helper(elevator, job, cancel, &mut run, progress);
    if let Some(because) = run.refused {
        return Err(ApplyError::Refused(because));
    }
    let begun = run.has_begun();
    let lost = match ended {
        Ok(()) => None,
        Err(error) if begun => Some(error.to_string()),
        Err(error) if error.is_declined() => {
            return Ok(Undone::Declined(format!("Nothing was changed: {error}")));
        }
        Err(error) => return Err(error.into()),
    };
    let entry = run.entry.take();
    Ok(Undone::Ran { steps: run.records(lost.as_deref()), entry, lost })
}
