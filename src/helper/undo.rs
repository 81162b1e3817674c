//! Takes one entry of the journal back, in reverse order: what the journal says was there before, and only where each store is still what
//! the step left, or is back already. A step in which the helper was ended, forth or back, is taken back as far as it came.

use super::executor::{Ended, Executor, Writing, not_run};
use super::journal::{Entry, EntryStep, Record};
use crate::remedy::{Operation, OperationState, Standing, StepRecord, StepResult};

impl Executor<'_> {
    /// Takes an entry back.
    pub(super) fn undo(&mut self, request: &str, id: &str) -> Ended {
        let entry = match self.journal.entries().map(|entries| entries.into_iter().rev().find(|entry| entry.id == id)) {
            Err(error) => return self.refuse(error.to_string()),
            Ok(None) => return self.refuse(format!("the journal has no entry {id}; `portmedic history` lists them")),
            Ok(Some(entry)) => entry,
        };
        let steps: Vec<&EntryStep> = entry.steps.iter().rev().filter(|step| step.record.has_changed()).collect();
        if let Err(because) = self.check(&entry, &steps) {
            return self.refuse(because);
        }
        let mut writing = match self.begin(request, &format!("Undo: {}", entry.title), Some(id.to_owned())) {
            Ok(writing) => writing,
            Err(error) => return self.refuse(error.to_string()),
        };
        for (index, step) in steps.iter().enumerate() {
            let operation = &step.record.operation;
            self.watch(&mut writing);
            let stopped = writing.ended.clone();
            let record = match (stopped, operation.irreversible_because(), &step.record.before) {
                (Some(reason), _, _) => not_run(operation, &reason),
                (None, Some(reason), _) => StepRecord { result: StepResult::AlreadyDone, ..not_run(operation, reason) },
                (None, None, Some(before)) => {
                    self.say(&mut writing, super::protocol::Reply::StepStarted { index });
                    self.take_back(&writing, index, &step.record, before)
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
    fn check(&self, entry: &Entry, steps: &[&EntryStep]) -> Result<(), String> {
        let id = &entry.id;
        if entry.undone.is_some() {
            return Err(format!("{id} was taken back already"));
        }
        if entry.undoes.is_some() {
            return Err(format!("{id} took another change back; make that change again instead"));
        }
        let reversible = || steps.iter().filter(|step| step.record.operation.irreversible_because().is_none());
        if reversible().next().is_none() {
            let why = steps.iter().find_map(|step| step.record.operation.irreversible_because());
            return Err(format!("{id} cannot be taken back: {}", why.unwrap_or("it changed nothing")));
        }
        // Where two steps changed the same thing, the earlier one begins where taking back the later one ends.
        let mut virtual_states: Vec<(&Operation, &OperationState)> = Vec::new();
        for step in reversible() {
            let operation = &step.record.operation;
            let by_us = virtual_states.iter().rev().find(|(other, _)| other.subject() == operation.subject());
            let now = match by_us {
                Some((_, state)) => (*state).clone(),
                None => self.platform.state_of(operation).map_err(|error| error.to_string())?,
            };
            let Some(before) = &step.record.before else { continue };
            let after = step.record.after.as_ref();
            operation.standing(before, after, &now).map_err(|change| match after {
                Some(_) => format!("{id} is not taken back, because somebody changed the computer since: {change}"),
                None => format!(
                    "{id} cannot be taken back: PortMedic was ended while it made this change, and what is there now is not its doing alone: \
                     {change}. Before it: {before}. Now: {now}"
                ),
            })?;
            virtual_states.push((operation, before));
        }
        Ok(())
    }

    fn take_back(&mut self, writing: &Writing, index: usize, done: &StepRecord, before: &OperationState) -> StepRecord {
        let begin = self.platform.clock();
        let operation = &done.operation;
        let refused = |message: String| StepRecord { result: StepResult::Refused, ..not_run(operation, &message) };
        let now = match self.platform.state_of(operation) {
            Ok(now) => now,
            Err(error) => return refused(error.to_string()),
        };
        let standing = match operation.standing(before, done.after.as_ref(), &now) {
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
