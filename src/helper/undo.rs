//! Takes one entry of the journal back, in reverse order: what the journal says was there before, and only where it is still what the
//! journal says was there after.

use std::time::Instant;

use jiff::Timestamp;

use super::executor::{Ended, Executor, Writing, not_run};
use super::journal::{Entry, EntryStep, Record};
use crate::remedy::{Operation, OperationState, StepRecord, StepResult};

/// A step that is to be taken back.
struct Way<'a> {
    operation: &'a Operation,
    /// Where it goes.
    before: &'a OperationState,
    /// From where.
    after: &'a OperationState,
}

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
            let record = match (stopped, operation.irreversible_because(), way(step)) {
                (Some(reason), _, _) => not_run(operation, &reason),
                (None, Some(reason), _) => StepRecord { result: StepResult::AlreadyDone, ..not_run(operation, reason) },
                (None, None, Some(way)) => {
                    self.say(&mut writing, super::protocol::Reply::StepStarted { index });
                    self.take_back(&writing, index, &way)
                }
                // It changed nothing: the check has seen that the state is the one before.
                (None, None, None) => StepRecord { result: StepResult::AlreadyDone, ..not_run(operation, "nothing was changed") },
            };
            self.finish_step(&mut writing, index, record);
        }
        if writing.records.iter().all(|record| record.result.is_success()) {
            let now = Timestamp::now();
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
            if operation.drift(before, &now).is_none() {
                virtual_states.push((operation, before));
                continue;
            }
            let Some(after) = &step.record.after else {
                return Err(format!(
                    "{id} cannot be taken back: PortMedic was ended while it made this change, so nobody knows what is its doing. \
                     Before it: {before}. Now: {now}"
                ));
            };
            if let Some(drift) = operation.drift(after, &now) {
                return Err(format!("{id} is not taken back, because somebody changed the computer since: {drift}"));
            }
            virtual_states.push((operation, before));
        }
        Ok(())
    }

    fn take_back(&mut self, writing: &Writing, index: usize, way: &Way<'_>) -> StepRecord {
        let begin = Instant::now();
        let operation = way.operation;
        let failed = |result, message: String| StepRecord { result, ..not_run(operation, &message) };
        let now = match self.platform.state_of(operation) {
            Ok(now) => now,
            Err(error) => return failed(StepResult::Refused, error.to_string()),
        };
        let mut record = StepRecord { before: Some(now.clone()), message: None, ..not_run(operation, "") };
        if operation.drift(way.before, &now).is_none() {
            return StepRecord { after: Some(now), result: StepResult::AlreadyDone, ..record };
        }
        if let Err(error) = self.intend(writing, index, operation, &now) {
            let message = Some(format!("{error}; nothing is done that cannot be written down"));
            return StepRecord { result: StepResult::Refused, message, ..record };
        }
        let done = self.platform.restore(operation, way.before, way.after);
        record.duration_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        let after = self.platform.state_of(operation);
        record.after = after.as_ref().ok().cloned();
        let (result, message) = match (done, after) {
            (Err(error), _) => (StepResult::Failed, Some(error.to_string())),
            (Ok(()), Err(error)) => (StepResult::NotVerified, Some(error.to_string())),
            (Ok(()), Ok(after)) => match operation.drift(way.before, &after) {
                None => (StepResult::Done, None),
                Some(drift) => (StepResult::NotVerified, Some(format!("it was taken back, but {drift}"))),
            },
        };
        StepRecord { result, message, ..record }
    }
}

/// From where to where a step is taken back; `None` where it changed nothing.
fn way(step: &EntryStep) -> Option<Way<'_>> {
    let record = &step.record;
    let (before, after) = (record.before.as_ref()?, record.after.as_ref()?);
    record.operation.drift(before, after)?;
    Some(Way { operation: &record.operation, before, after })
}
