//! Takes one entry of the journal back, in reverse order: what the journal says was there before, and only where each store is still what
//! the step left, or is back already. A step in which the helper was ended, forth or back, is taken back as far as it came.

use super::executor::{Ended, Executor, Writing, not_run};
use super::journal::{Entry, Record};
use crate::remedy::{Operation, OperationState, Standing, StepRecord, StepResult};

/// What an entry changed, the last first, each as what it is taken back as.
fn changed(entry: &Entry) -> Vec<StepRecord> {
    let changed = entry.steps.iter().rev().map(|step| &step.record).filter(|record| record.has_changed());
    changed.map(|record| StepRecord { operation: record.taken_back_as(), ..record.clone() }).collect()
}

/// Where the computer stands on the way of the first of `steps`; the others were done before it. Where it stands on the way of an earlier one
/// that changed the same thing, the first was taken back by an undo that did not come to its end.
fn standing(steps: &[StepRecord], now: &OperationState) -> Result<Standing, String> {
    let Some((first, earlier)) = steps.split_first() else { return Ok(Standing::Before) };
    let stands = |step: &StepRecord| match &step.before {
        Some(before) => step.operation.standing(before, step.after.as_ref(), now),
        None => Ok(Standing::Before),
    };
    let mut same = earlier.iter().filter(|step| step.before.is_some() && step.operation.subject() == first.operation.subject());
    stands(first).or_else(|change| if same.any(|step| stands(step).is_ok()) { Ok(Standing::Before) } else { Err(change) })
}

impl Executor<'_> {
    /// Takes an entry back.
    pub(super) fn undo(&mut self, request: &str, id: &str) -> Ended {
        let entry = match self.journal.entries().map(|entries| entries.into_iter().rev().find(|entry| entry.id == id)) {
            Err(error) => return self.refuse(error.to_string()),
            Ok(None) => return self.refuse(format!("the journal has no entry {id}; `portmedic history` lists them")),
            Ok(Some(entry)) => entry,
        };
        let steps: Vec<StepRecord> = changed(&entry);
        if let Err(because) = self.check(&entry, &steps) {
            return self.refuse(because);
        }
        let mut writing = match self.begin(request, &format!("Undo: {}", entry.title), Some(id.to_owned())) {
            Ok(writing) => writing,
            Err(error) => return self.refuse(error.to_string()),
        };
        for (index, step) in steps.iter().enumerate() {
            let operation = &step.operation;
            self.watch(&mut writing);
            let stopped = writing.ended.clone();
            let record = match (stopped, operation.irreversible_because(), &step.before) {
                (Some(reason), _, _) => not_run(operation, &reason),
                (None, Some(reason), _) => StepRecord { result: StepResult::AlreadyDone, ..not_run(operation, reason) },
                (None, None, Some(before)) => {
                    self.say(&mut writing, super::protocol::Reply::StepStarted { index });
                    self.take_back(&writing, index, &steps[index..], before)
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
        self.end(writing)
    }

    /// Whether the entry can be taken back as a whole. Nothing is begun where it cannot.
    fn check(&self, entry: &Entry, steps: &[StepRecord]) -> Result<(), String> {
        let id = &entry.id;
        if entry.undone.is_some() {
            return Err(format!("{id} was taken back already"));
        }
        if entry.undoes.is_some() {
            return Err(format!("{id} took another change back; make that change again instead"));
        }
        let reversible = || steps.iter().filter(|step| step.operation.irreversible_because().is_none());
        if reversible().next().is_none() {
            let why = steps.iter().find_map(|step| step.operation.irreversible_because());
            return Err(format!("{id} cannot be taken back: {}", why.unwrap_or("it changed nothing")));
        }
        // Where two steps changed the same thing, the earlier one begins where taking back the later one ends.
        let mut virtual_states: Vec<(&Operation, OperationState)> = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let operation = &step.operation;
            if operation.irreversible_because().is_some() {
                continue;
            }
            let by_us = virtual_states.iter().rev().find(|(other, _)| other.subject() == operation.subject());
            let now = match by_us {
                Some((_, state)) => state.clone(),
                None => self.platform.state_of(operation).map_err(|error| error.to_string())?,
            };
            let Some(before) = &step.before else { continue };
            let standing = standing(&steps[index..], &now).map_err(|change| match step.after {
                Some(_) => format!("{id} is not taken back, because somebody changed the computer since: {change}"),
                None => format!(
                    "{id} cannot be taken back: PortMedic was ended while it made this change, and what is there now is not its doing alone: \
                     {change}. Before it: {before}. Now: {now}"
                ),
            })?;
            virtual_states.push((operation, if standing == Standing::Before { now } else { before.clone() }));
        }
        Ok(())
    }

    /// Takes the first of `steps` back; the others were done before it.
    fn take_back(&mut self, writing: &Writing, index: usize, steps: &[StepRecord], before: &OperationState) -> StepRecord {
        let begin = self.platform.clock();
        let operation = &steps[0].operation;
        let refused = |message: String| StepRecord { result: StepResult::Refused, ..not_run(operation, &message) };
        let now = match self.platform.state_of(operation) {
            Ok(now) => now,
            Err(error) => return refused(error.to_string()),
        };
        let standing = match standing(steps, &now) {
            Ok(standing) => standing,
            Err(change) => return refused(format!("the computer changed while the change was taken back: {change}")),
        };
        let mut record = StepRecord { before: Some(now.clone()), message: None, ..not_run(operation, "") };
        if standing == Standing::Before {
            return StepRecord { after: Some(now), result: StepResult::AlreadyDone, ..record };
        }
        if let Err(error) = self.intend(writing, index, operation, &now) {
            let message = Some(format!("{error}; nothing is done that cannot be written down"));
            return StepRecord { result: StepResult::Refused, message, ..record };
        }
        let done = self.platform.restore(operation, before, &now);
        record.duration_ms = u64::try_from(self.platform.clock().saturating_sub(begin).as_millis()).unwrap_or(u64::MAX);
        let after = self.platform.state_of(operation);
        record.after = after.as_ref().ok().cloned();
        let (result, message) = match (done, after) {
            (Err(error), _) => (StepResult::Failed, Some(error.to_string())),
            (Ok(()), Err(error)) => (StepResult::NotVerified, Some(error.to_string())),
            (Ok(()), Ok(after)) => match operation.drift(before, &after) {
                None => (StepResult::Done, None),
                Some(drift) => (StepResult::NotVerified, Some(format!("it was taken back, but {drift}"))),
            },
        };
        StepRecord { result, message, ..record }
    }
}
