//! Takes back what the journal tells.

use super::apply::{ApplyError, Run, run_helper};
use super::{Cancel, RunProgress};
use crate::case::Case;
use crate::diagnosis::{Cause, Confidence, Diagnosis, Symptom, Verdict};
use crate::helper::journal::Entry;
use crate::helper::launch::{Elevator, LaunchError};
use crate::helper::protocol::Job;
use crate::platform::{OwnerSearch, Platform, PlatformError, Scope};
use crate::remedy::paths::LOW_PORT_DROP_IN;
use crate::remedy::{
    Change, Check, CheckOutcome, FixOption, Operation, OperationState, Outcome, Plan, PreviewKind, Risk, Step, StepRecord,
    Verification, single_step,
};

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

/// A Case about taking the entry back, with one option.
///
/// # Errors
/// Where the computer could not be looked at.
pub fn case_of(platform: &dyn Platform, entry: &Entry) -> Result<Case, PlatformError> {
    let snapshot = platform.observe(&Scope { ranges: true, owners: OwnerSearch::None, ..Scope::default() })?;
    let mut changes = Vec::new();
    let mut steps = Vec::new();
    for record in changed(entry) {
        let operation = record.operation.clone();
        let title = single_step(operation.clone(), &snapshot);
        let way = inverse(record).map(|inverse| single_step(inverse, &snapshot));
        if let (Some(after), Some(before), Some(_)) = (&record.after, &record.before, &way) {
            changes.push(Change { what: title.title.clone(), before: after.to_string(), after: before.to_string() });
        }
        let stays = operation.irreversible_because();
        let preview = way.as_ref().map_or_else(|| stays.unwrap_or_default().to_owned(), |way| way.preview.clone());
        steps.push(Step {
            title: way.as_ref().map_or_else(|| format!("Stays as it is: {}", title.title), |way| way.title.clone()),
            preview,
            preview_kind: way.as_ref().map_or(PreviewKind::Manual, |way| way.preview_kind),
            elevation: way.is_some(),
            risk: way.as_ref().map_or(Risk::Low, |way| way.risk),
            undo: None,
            check: "It is what it was before the change".to_owned(),
            before: record.after.clone(),
            operation,
        });
    }
    let title = format!("Undo: {}", entry.title);
    let option = FixOption {
        title: title.clone(),
        effect: "What was there before the change is put back, in the running system and for the next start.".to_owned(),
        recommended: true,
        risk: steps.iter().map(|step| step.risk).max().unwrap_or(Risk::Low),
        reversible: "No; make the change again".to_owned(),
        interrupts: "See each step".to_owned(),
        restart: "Not needed".to_owned(),
        changes,
        steps,
    };
    let verdict = Verdict {
        cause: Cause::Unknown,
        confidence: Confidence::CannotTell,
        confidence_because: "no problem was looked for".to_owned(),
        headline: "No problem was looked for".to_owned(),
        explanation: format!("This takes back the change {} of {:.0}: {}.", entry.id, entry.time, entry.title),
        next_step: "Take the change back".to_owned(),
        evidence: Vec::new(),
    };
    let diagnosis =
        Diagnosis { service: None, port: None, protocol: None, address: None, verdict, owners: Vec::new(), gaps: Vec::new() };
    let (plan, gaps, host) = (Plan { options: vec![option] }, snapshot.gaps.clone(), snapshot.host.clone());
    Ok(Case::new(snapshot.taken_at, host, title, Symptom::default(), diagnosis, plan, gaps))
}

/// The operation that a person would do to take a step back; `None` where it cannot be.
fn inverse(record: &StepRecord) -> Option<Operation> {
    let operation = match (record.operation.clone(), &record.before) {
        (Operation::StopService { service }, _) => Operation::StartService { service },
        (Operation::StartService { service }, _) => Operation::StopService { service },
        (Operation::AddExclusion { range, protocol, stores }, _) => Operation::RemoveExclusion { range, protocol, stores },
        (Operation::RemoveExclusion { range, protocol, stores }, _) => Operation::AddExclusion { range, protocol, stores },
        (Operation::SetDynamicRange { protocol, family, stores, .. }, Some(OperationState::DynamicRange { active, .. })) => {
            Operation::SetDynamicRange { range: *active, protocol, family, stores }
        }
        (Operation::AllowLowPort { service }, _) => Operation::Manual {
            instructions: vec![format!("rm /etc/systemd/system/{service}.d/{LOW_PORT_DROP_IN}; systemctl daemon-reload")],
        },
        _ => return None,
    };
    Some(operation)
}

/// Looks again and notes in the Case whether everything that can be taken back is what it was before.
///
/// # Errors
/// None that is not told as a check.
pub fn prove(platform: &dyn Platform, entry: &Entry, case: &mut Case) {
    let mut checks: Vec<Check> = Vec::new();
    let mut seen: Vec<&Operation> = Vec::new();
    // Where two steps changed the same thing, the state before the first one counts.
    for step in entry.steps.iter().filter(|step| step.record.has_changed()) {
        let operation = &step.record.operation;
        let known = seen.iter().any(|other| other.subject() == operation.subject());
        let (Some(before), None, false) = (&step.record.before, operation.irreversible_because(), known) else { continue };
        seen.push(operation);
        let then = step.record.after.as_ref().map_or_else(|| "not known".to_owned(), ToString::to_string);
        let (now, outcome) = match platform.state_of(operation) {
            Ok(now) if operation.drift(before, &now).is_none() => (now.to_string(), CheckOutcome::Passed),
            Ok(now) => (now.to_string(), CheckOutcome::Failed),
            Err(error) => (error.to_string(), CheckOutcome::CouldNotCheck),
        };
        let what = format!("{} is taken back", operation.name().replace('_', " "));
        checks.push(Check { what, before: then, now, outcome, source: "the computer, read again".to_owned() });
    }
    let any = |outcome: CheckOutcome| checks.iter().any(|check| check.outcome == outcome);
    let (outcome, headline) = if any(CheckOutcome::Failed) {
        (Outcome::NotFixed, "Not taken back: the computer is not what it was before the change")
    } else if any(CheckOutcome::CouldNotCheck) || checks.is_empty() {
        (Outcome::CouldNotCheck, "Could not check whether the change was taken back")
    } else {
        (Outcome::Fixed, "Taken back: the computer is what it was before the change")
    };
    case.outcome = Some(outcome);
    case.verification = Some(Verification { outcome, headline: headline.to_owned(), checks });
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
        Err(error) if error.changed_nothing() && !matches!(error, LaunchError::UnsafeExecutable(_)) => {
            return Ok(Undone::Declined(format!("Nothing was changed: {error}")));
        }
        Err(error) => return Err(error.into()),
    };
    let entry = run.entry.take();
    Ok(Undone::Ran { steps: run.records(lost.as_deref()), entry, lost })
}
