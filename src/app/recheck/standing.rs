//! Which changes wait for a restart, and what became of them after it: the journal tells.

use jiff::Timestamp;

use crate::helper::journal::Entry;
use crate::machine::Boot;
use crate::remedy::{Operation, Outcome, Recheck, StepRecord};

/// How a change stands that shall outlive a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing<'a> {
    /// The computer was not restarted since.
    WaitsForRestart,
    /// The computer was restarted, and nobody has looked yet.
    Due,
    /// It was there after the restart, each time since then.
    Holds {
        /// When that was first seen.
        since: Timestamp,
    },
    /// It was not there any more.
    Lost(&'a Recheck),
    /// Whether it was there could not be seen.
    Unseen(&'a Recheck),
}

/// The operations of the entry that shall have their effect after a restart, as far as no entry of `later` took their place.
pub fn lasting<'a>(entry: &'a Entry, later: &[Entry]) -> Vec<&'a StepRecord> {
    let counts = |entry: &&Entry| entry.undone.is_none() && entry.undoes.is_none();
    let done = |entry: &'a Entry| entry.steps.iter().map(|step| &step.record).filter(|record| record.result.is_success());
    let later: Vec<&Operation> = later
        .iter()
        .filter(counts)
        .flat_map(|entry| &entry.steps)
        .filter(|step| step.record.result.is_success())
        .map(|step| &step.record.operation)
        .collect();
    let replaced = |operation: &Operation| later.iter().any(|other| other.replaces(operation));
    done(entry).filter(|record| record.operation.lasts() && !replaced(&record.operation)).collect()
}

/// The service that the entry has started for good; `None` where it started none, or a later entry did something to it.
pub fn started<'a>(entry: &'a Entry, later: &[Entry]) -> Option<&'a str> {
    let service = entry.purpose.as_ref()?.service.as_deref()?;
    let starts = |operation: &Operation| match operation {
        Operation::StartService { service: own } | Operation::RestartService { service: own } => own == service,
        _ => false,
    };
    let touches = |operation: &Operation| match operation {
        Operation::StopService { service: own } => own == service,
        other => starts(other),
    };
    let done = |entry: &Entry, what: &dyn Fn(&Operation) -> bool| {
        entry.steps.iter().any(|step| step.record.result.is_success() && what(&step.record.operation))
    };
    let touched_later = later.iter().any(|entry| entry.undone.is_none() && done(entry, &touches));
    (done(entry, &starts) && !touched_later).then_some(service)
}

/// How the entry stands in the run `now` of the computer; `None` where it promises nothing for after a restart. `later` are the entries
/// after it.
pub fn standing<'a>(entry: &'a Entry, later: &[Entry], now: &Boot) -> Option<Standing<'a>> {
    let boot = entry.boot.as_ref().filter(|_| entry.undone.is_none() && entry.undoes.is_none())?;
    if lasting(entry, later).is_empty() && started(entry, later).is_none() {
        return None;
    }
    Some(match entry.rechecks.last() {
        Some(last) if last.boot == *now => match last.verification.outcome {
            Outcome::Fixed => Standing::Holds { since: holds_since(&entry.rechecks, last.time) },
            Outcome::NotFixed => Standing::Lost(last),
            Outcome::CouldNotCheck | Outcome::Declined => Standing::Unseen(last),
        },
        _ if boot == now => Standing::WaitsForRestart,
        _ => Standing::Due,
    })
}

/// The first of the checks in a row that found it there.
pub fn holds_since(rechecks: &[Recheck], now: Timestamp) -> Timestamp {
    rechecks.iter().rev().take_while(|check| check.holds()).last().map_or(now, |check| check.time)
}
