//! Takes one entry of the journal back, in reverse order: what the journal says was there before, and only where each store is still what
//! the step left, or is back already. A step in which the helper was ended, forth or back, is taken back as far as it came.
//!
//! Where somebody changed the same thing since, the user may want PortMedic's own part back only, or all of it: then the request says what the
//! user saw, and nothing is done where that has changed again.

use super::executor::{Ended, Executor, Writing, not_run};
use super::given_back;
use super::journal::{Entry, Record};
use super::protocol::Reply;
use super::taken_back::{Changed, changed_since};
use crate::platform::PlatformError;
use crate::remedy::{Operation, OperationState, Standing, StepRecord, StepResult, UndoMode, WayBack, standing_of};

/// What is to be taken back, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// The entry of the journal.
    pub(super) entry: &'a str,
    /// How much of it.
    pub(super) mode: UndoMode,
    /// What the user saw, a state a step in the order in which they are taken back; empty for an exact undo.
    pub(super) seen: &'a [OperationState],
}

/// The later change in force that asked for a port which this operation would hand out again.
fn needed_by<'a>(later: &'a [Entry], operation: &Operation) -> Option<&'a Entry> {
    let Operation::RemoveExclusion { range, .. } = operation else { return None };
    let asks_for_it = |record: &StepRecord| match &record.operation {
        Operation::AddExclusion { range: own, .. } | Operation::RestartWinnat { range: own, .. } => own.overlaps(*range),
        _ => false,
    };
    later
        .iter()
        .filter(|entry| entry.is_in_force())
        .find(|entry| entry.steps.iter().any(|step| step.record.has_changed() && asks_for_it(&step.record)))
}

impl Executor<'_> {
    /// Takes an entry back.
    pub(super) fn undo(&mut self, request: &str, wish: Wish<'_>) -> Ended {
        let id = wish.entry;
        let entries = match self.journal.entries() {
            Ok(entries) => entries,
            Err(error) => return self.refuse(error.to_string()),
        };
        let Some((place, entry)) = entries.iter().enumerate().rev().find(|(_, entry)| entry.id == id) else {
            return self.refuse(format!("the journal has no entry {id}; `portmedic history` lists them"));
        };
        let steps = entry.to_take_back();
        let checked = can_be_taken_back(entry, &steps).and_then(|()| match wish.mode {
            UndoMode::Exact => self.check_exact(entry, &steps),
            mode => self.check_seen(&steps, mode, wish.seen, &entries[place + 1..]),
        });
        if let Err(because) = checked {
            return self.refuse(because);
        }
        let what = match wish.mode {
            UndoMode::Exact => "Undo",
            UndoMode::OwnOnly => "Undo of PortMedic's own part",
            UndoMode::Everything => "Undo, with what others changed since",
        };
        let mut writing = match self.begin(request, &format!("{what}: {}", entry.title), Some(id.to_owned()), None) {
            Ok(writing) => writing,
            Err(error) => return self.refuse(error.to_string()),
        };
        for (index, step) in steps.iter().enumerate() {
            let operation = &step.operation;
            self.watch(&mut writing);
            let runs_again =
                step.before.as_ref().is_some_and(|before| given_back::runs_again(operation, before, &writing.records));
            let ended = writing.ended.clone();
            let stopped = ended.clone().filter(|_| !runs_again);
            let record = match (stopped, operation.irreversible_because(), &step.before) {
                (Some(reason), _, _) => not_run(operation, &reason),
                (None, Some(reason), _) => StepRecord { result: StepResult::AlreadyDone, ..not_run(operation, reason) },
                (None, None, Some(before)) => {
                    self.say(&mut writing, Reply::StepStarted { index });
                    let record = self.take_back(&writing, wish, &steps[index..], before);
                    if let Some(reason) = ended { given_back::told(record, &reason) } else { record }
                }
                // What was not read before it was not begun either.
                (None, None, None) => StepRecord { result: StepResult::AlreadyDone, ..not_run(operation, "nothing was changed") },
            };
            self.finish_step(&mut writing, index, record);
        }
        if writing.records.iter().all(|record| record.result.is_success()) {
            let now = self.platform.now();
            let done = Record::Undone { entry: id.to_owned(), time: now, by: writing.id.clone() };
            if let Err(error) = self.journal.append(&done) {
                writing.ended = Some(error.to_string());
            }
        }
        self.check_again(&writing, &|record, now| {
            record.after.as_ref().is_some_and(|after| record.operation.drift(after, now).is_none())
        });
        self.end(writing)
    }

    /// Whether the entry can be taken back as a whole. Nothing is begun where it cannot.
    fn check_exact(&self, entry: &Entry, steps: &[StepRecord]) -> Result<(), String> {
        let id = &entry.id;
        let changed = changed_since(self.platform, steps).map_err(|error| error.to_string())?;
        let Some(Changed { place, change, now }) = changed.first() else { return Ok(()) };
        Err(match (&steps[*place].after, &steps[*place].before) {
            (None, Some(before)) => format!(
                "{id} cannot be taken back: PortMedic was ended while it made this change, and what is there now is not its doing alone: \
                 {change}. Before it: {before}. Now: {now}"
            ),
            _ => format!("{id} is not taken back, because somebody changed the computer since: {change}"),
        })
    }

    /// Whether everything is still as the user saw it, and what is wished can be done.
    fn check_seen(&self, steps: &[StepRecord], mode: UndoMode, seen: &[OperationState], later: &[Entry]) -> Result<(), String> {
        if seen.len() != steps.len() {
            return Err("the request does not say what was seen of each step".to_owned());
        }
        let mut anything = false;
        for (index, (step, seen)) in steps.iter().zip(seen).enumerate() {
            let operation = &step.operation;
            let Some(before) = &step.before else { continue };
            if operation.irreversible_because().is_some() {
                continue;
            }
            let now = self.platform.state_of(operation).map_err(|error| error.to_string())?;
            if let Some(change) = operation.drift(seen, &now) {
                return Err(format!("somebody changed the computer again since you were asked: {change}. Look again"));
            }
            let ways = match standing_of(&steps[index..], &now) {
                Ok(Standing::Before) => Vec::new(),
                _ => operation.ways_back(mode, before, step.after.as_ref(), &now),
            };
            anything |= !ways.is_empty();
            for way in &ways {
                let WayBack::Do(opposite) = way else { continue };
                if let Some(entry) = needed_by(later, opposite) {
                    return Err(format!("the later change {} is about the same ports; take that one back first", entry.id));
                }
                self.platform.state_of(opposite).map_err(|error| error.to_string())?;
            }
        }
        if anything { Ok(()) } else { Err("nothing of this change is left to take back".to_owned()) }
    }

    /// Takes the first of `steps` back; the others were done before it.
    fn take_back(&mut self, writing: &Writing, wish: Wish<'_>, steps: &[StepRecord], before: &OperationState) -> StepRecord {
        let begin = self.platform.clock();
        let index = writing.records.len();
        let (operation, left) = (&steps[0].operation, steps[0].after.as_ref());
        let refused = |message: String| StepRecord { result: StepResult::Refused, ..not_run(operation, &message) };
        let now = match self.platform.state_of(operation) {
            Ok(now) => now,
            Err(error) => return refused(error.to_string()),
        };
        // What the undo of later steps made of the same thing is no surprise.
        let mut by_us = writing.records.iter().rev().filter(|record| record.operation.subject() == operation.subject());
        let expected = by_us.find_map(|record| record.after.as_ref()).or_else(|| wish.seen.get(index));
        let ways = match (standing_of(steps, &now), wish.mode) {
            (Ok(Standing::Before), _) => Ok(Vec::new()),
            (Err(change), UndoMode::Exact) => Err(change),
            (_, mode) => match expected.and_then(|expected| operation.drift(expected, &now)) {
                Some(change) if mode != UndoMode::Exact => Err(change),
                _ => Ok(operation.ways_back(mode, before, left, &now)),
            },
        };
        let ways = match ways {
            // It runs still, but not what needs it.
            Ok(ways) if ways.is_empty() => given_back::along(before, &writing.records).into_iter().map(WayBack::Do).collect(),
            Ok(ways) => ways,
            Err(change) => return refused(format!("the computer changed while the change was taken back: {change}")),
        };
        let mut record = StepRecord { before: Some(now.clone()), message: None, ..not_run(operation, "") };
        if ways.is_empty() {
            return StepRecord { after: Some(now), result: StepResult::AlreadyDone, ..record };
        }
        // As with a step forth.
        if let Err(error) = self.intend(writing, index, operation, &now)
            && !given_back::runs_again(operation, before, &writing.records)
        {
            let message = Some(format!("{error}; nothing is done that cannot be written down"));
            return StepRecord { result: StepResult::Refused, message, ..record };
        }
        let done = ways.iter().try_for_each(|way| self.go_back(way, operation, &now));
        record.duration_ms = u64::try_from(self.platform.clock().saturating_sub(begin).as_millis()).unwrap_or(u64::MAX);
        let after = self.platform.state_of(operation);
        record.after = after.as_ref().ok().cloned();
        let (result, message) = match (done, after) {
            (Err(error), _) => (StepResult::Failed, Some(error.to_string())),
            (Ok(()), Err(error)) => (StepResult::NotVerified, Some(error.to_string())),
            (Ok(()), Ok(after)) => match wish.mode {
                UndoMode::OwnOnly if operation.ways_back(wish.mode, before, left, &after).is_empty() => (StepResult::Done, None),
                UndoMode::OwnOnly => (StepResult::NotVerified, Some(format!("it was done, but what was read back is: {after}"))),
                UndoMode::Exact | UndoMode::Everything => match operation.drift(before, &after) {
                    None => (StepResult::Done, None),
                    Some(drift) => (StepResult::NotVerified, Some(format!("it was taken back, but {drift}"))),
                },
            },
        };
        StepRecord { result, message, ..record }
    }

    fn go_back(&self, way: &WayBack, step: &Operation, now: &OperationState) -> Result<(), PlatformError> {
        match way {
            WayBack::Restore { operation, to } if operation == step => self.platform.restore(operation, to, now),
            WayBack::Restore { operation, to } => self.platform.restore(operation, to, &self.platform.state_of(operation)?),
            WayBack::Do(opposite) => self.platform.perform(opposite),
        }
    }
}

/// Whether there is anything in the entry that can be taken back.
fn can_be_taken_back(entry: &Entry, steps: &[StepRecord]) -> Result<(), String> {
    let id = &entry.id;
    if entry.undone.is_some() {
        return Err(format!("{id} was taken back already"));
    }
    if entry.undoes.is_some() {
        return Err(format!("{id} took another change back; make that change again instead"));
    }
    if entry.unreadable {
        return Err(format!("{id} was written by another version of PortMedic; take it back with that version"));
    }
    if steps.is_empty() && entry.has_changed() {
        return Err(format!("{id} left nothing to take back: what it stopped, it started again"));
    }
    if steps.iter().all(|step| step.operation.irreversible_because().is_some()) {
        let why = steps.iter().find_map(|step| step.operation.irreversible_because());
        return Err(format!("{id} cannot be taken back: {}", why.unwrap_or("it changed nothing")));
    }
    Ok(())
}
