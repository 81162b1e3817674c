//! Takes back what the journal tells.

mod case;
mod proof;

pub use case::case_of;
pub use proof::prove;

use super::apply::{ApplyError, Run, run_helper};
use super::{Cancel, RunProgress};
use crate::helper::journal::Entry;
use crate::helper::launch::Elevator;
use crate::helper::protocol::Job;
use crate::remedy::{Operation, StepRecord};

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

/// The steps that changed something, in the order in which they are taken back.
fn changed(entry: &Entry) -> impl Iterator<Item = &StepRecord> {
    entry.steps.iter().rev().map(|step| &step.record).filter(|record| record.has_changed())
}

/// Takes an entry back.
///
/// # Errors
/// Where nothing was begun for a reason that is not the user's will.
pub fn undo(
    elevator: &dyn Elevator,
    entry: &Entry,
    cancel: &Cancel,
    progress: &mut dyn FnMut(RunProgress),
) -> Result<Undone, ApplyError> {
    let operations: Vec<Operation> = changed(entry).map(|record| record.operation.clone()).collect();
    let places = (0..operations.len()).collect();
    let mut run = Run::new(operations, places);
    let ended = run_helper(elevator, Job::Undo { entry: entry.id.clone() }, cancel, &mut run, progress);
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
