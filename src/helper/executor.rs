//! Does the steps of a plan: looks before each one, acts, reads back, writes it down, and stops at the first surprise. Only what it
//! stopped itself is started again after that.

use std::io;

use super::given_back;
use super::journal::{Asker, Journal, JournalError, Record, StepCheck, lasting, next_name};
use super::protocol::{Job, PlannedStep, Reply, Request};
use super::undo::Wish;
use super::validate;
use crate::platform::{Platform, PlatformError};
use crate::remedy::{CheckOutcome, Operation, OperationState, Purpose, StepRecord, StepResult};

/// How a run of the helper ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every step was done.
    Complete,
    /// At least one step was not done.
    Early,
    /// Nothing was begun.
    Refused,
}

/// One run of the helper.
pub struct Executor<'a> {
    /// The computer.
    pub platform: &'a dyn Platform,
    /// Where it is written down.
    pub journal: &'a mut dyn Journal,
    /// Who asked.
    pub asker: Asker,
    /// Whether somebody asked to end after the step that is being done.
    pub stop: &'a dyn Fn() -> bool,
    /// Who is told. An error means that nobody listens any more.
    pub reply: &'a mut dyn FnMut(Reply) -> io::Result<()>,
}

/// The entry that is being written.
pub(super) struct Writing {
    pub(super) id: String,
    pub(super) records: Vec<StepRecord>,
    /// Why no further step may begin.
    pub(super) ended: Option<String>,
}

const NOBODY_LISTENS: &str = "PortMedic's window or command was closed, so nobody could be told of further steps";
const ASKED_TO_STOP: &str = "you asked to stop after the step before";
const EARLIER_STEP: &str = "an earlier step could not be done";

impl Executor<'_> {
    /// Does what the request asks for.
    pub fn run(&mut self, request: &Request) -> Ended {
        if let Err(because) = validate::request(request) {
            return self.refuse(because);
        }
        match self.journal.entries() {
            Err(error) => return self.refuse(error.to_string()),
            Ok(entries) => {
                if let Some(entry) = entries.iter().find(|entry| entry.request == request.id) {
                    return self.refuse(format!("this request was taken before, as {}, and each is taken once", entry.id));
                }
            }
        }
        match &request.job {
            Job::Apply { title, steps, purpose } => self.apply(&request.id, title, steps, purpose.clone()),
            Job::Undo { entry, mode, seen } => self.undo(&request.id, Wish { entry, mode: *mode, seen }),
        }
    }

    fn apply(&mut self, request: &str, title: &str, steps: &[PlannedStep], purpose: Option<Purpose>) -> Ended {
        let mut planned = Vec::with_capacity(steps.len());
        for step in steps {
            match self.first_look(step) {
                Ok(state) => planned.push(state),
                Err(because) => return self.refuse(because),
            }
        }
        let mut writing = match self.begin(request, title, None, purpose) {
            Ok(writing) => writing,
            Err(error) => return self.refuse(error.to_string()),
        };
        for (index, step) in steps.iter().enumerate() {
            let operation = &step.action;
            self.watch(&mut writing);
            let starts_again = given_back::starts_again(operation, &writing.records);
            if let Some(reason) = writing.ended.as_ref().filter(|_| !starts_again) {
                let record = not_run(operation, reason);
                self.finish_step(&mut writing, index, record);
                continue;
            }
            let ended = writing.ended.clone();
            self.say(&mut writing, Reply::StepStarted { index });
            // What earlier steps of this plan made of the same thing is no surprise.
            let expected = steps[..index]
                .iter()
                .zip(&writing.records)
                .rev()
                .filter(|(other, _)| other.action.subject() == operation.subject())
                .find_map(|(_, record)| record.after.clone())
                .unwrap_or_else(|| planned[index].clone());
            let record = self.step(&writing, index, operation, &expected);
            let record = if let Some(reason) = ended { given_back::told(record, &reason) } else { record };
            self.finish_step(&mut writing, index, record);
        }
        self.check_again(&writing, &|record, now| record.operation.is_reached_in(now));
        self.end(writing)
    }

    /// Reads the state of a step and compares it with the one it was planned for. A step with nothing left to do is no surprise.
    fn first_look(&self, step: &PlannedStep) -> Result<OperationState, String> {
        let operation = &step.action;
        let now = self.platform.state_of(operation).map_err(|error| error.to_string())?;
        let drift = step.before.as_ref().and_then(|before| operation.drift(before, &now));
        match drift {
            Some(drift) if !operation.is_reached_in(&now) => {
                Err(format!("the computer has changed since the plan was made: {drift}. Check again"))
            }
            _ => Ok(now),
        }
    }

    /// Does one step.
    fn step(&mut self, writing: &Writing, index: usize, operation: &Operation, expected: &OperationState) -> StepRecord {
        let begin = self.platform.clock();
        let mut record = not_run(operation, "");
        record.message = None;
        let before = match self.platform.state_of(operation) {
            Ok(before) => before,
            Err(error) => return told(record, StepResult::Refused, &error),
        };
        record.before = Some(before.clone());
        // A restart is asked for although the service may run: only the plan knows why.
        let is_restart = matches!(operation, Operation::RestartService { .. });
        if operation.is_reached_in(&before) && !is_restart {
            record.after = Some(before);
            record.result = StepResult::AlreadyDone;
            return record;
        }
        // A service may have changed by what earlier steps did, by freeing its port for example.
        let by_earlier_steps = index > 0 && matches!(before, OperationState::Service { .. });
        if let Some(drift) = operation.drift(expected, &before).filter(|_| !by_earlier_steps) {
            record.result = StepResult::Refused;
            record.message = Some(format!("the computer changed while the plan ran: {drift}"));
            return record;
        }
        // What the run stopped is started again also where nothing can be written any more: the journal tells of the stop, and that is no more.
        if let Err(error) = self.intend(writing, index, operation, &before)
            && !given_back::starts_again(operation, &writing.records)
        {
            record.result = StepResult::Refused;
            record.message = Some(format!("{error}; nothing is done that cannot be written down"));
            return record;
        }
        let done = self.platform.perform(operation);
        let after = self.platform.state_of(operation);
        record.duration_ms = u64::try_from(self.platform.clock().saturating_sub(begin).as_millis()).unwrap_or(u64::MAX);
        record.after = after.as_ref().ok().cloned();
        match (done, after) {
            (Err(error), _) => told(record, StepResult::Failed, &error),
            (Ok(()), Err(error)) => told(record, StepResult::NotVerified, &error),
            (Ok(()), Ok(after)) if operation.is_reached_in(&after) => StepRecord { result: StepResult::Done, ..record },
            (Ok(()), Ok(after)) => StepRecord {
                result: StepResult::NotVerified,
                message: Some(format!("it was done, but what was read back is: {after}")),
                ..record
            },
        }
    }

    /// Begins an entry of the journal.
    pub(super) fn begin(
        &mut self,
        request: &str,
        title: &str,
        undoes: Option<String>,
        purpose: Option<Purpose>,
    ) -> Result<Writing, JournalError> {
        let now = self.platform.now();
        let id = next_name(&self.journal.entries()?, now);
        self.journal.append(&Record::Begin {
            entry: id.clone(),
            time: now,
            request: request.to_owned(),
            asker: self.asker.clone(),
            title: crate::machine::visible(title),
            undoes,
            purpose,
            boot: self.platform.boot(),
        })?;
        Ok(Writing { id, records: Vec::new(), ended: None })
    }

    /// Writes down what is about to be done.
    pub(super) fn intend(
        &mut self,
        writing: &Writing,
        index: usize,
        operation: &Operation,
        before: &OperationState,
    ) -> Result<(), JournalError> {
        self.journal.append(&Record::Intent {
            entry: writing.id.clone(),
            time: self.platform.now(),
            index,
            operation: operation.clone(),
            before: before.clone(),
        })
    }

    /// Sees whether the next step may begin.
    pub(super) fn watch(&self, writing: &mut Writing) {
        if writing.ended.is_none() && (self.stop)() {
            writing.ended = Some(ASKED_TO_STOP.to_owned());
        }
    }

    /// Writes down and tells what became of a step.
    pub(super) fn finish_step(&mut self, writing: &mut Writing, index: usize, mut record: StepRecord) {
        let line = Record::Result { entry: writing.id.clone(), time: self.platform.now(), index, step: Box::new(record.clone()) };
        if !record.result.is_success() && writing.ended.is_none() {
            writing.ended = Some(EARLIER_STEP.to_owned());
        }
        if let Err(error) = self.journal.append(&line) {
            let text = error.to_string();
            record.message = Some(record.message.map_or_else(|| text.clone(), |message| format!("{message}; {text}")));
            writing.ended = Some(text);
        }
        writing.records.push(record.clone());
        self.say(writing, Reply::StepFinished { index, record: Box::new(record) });
    }

    /// Reads everything again at the end of a run and writes down whether what each step did still `holds`. What a later step made of the same
    /// thing is no longer its own.
    pub(super) fn check_again(&mut self, writing: &Writing, holds: &dyn Fn(&StepRecord, &OperationState) -> bool) {
        let records = writing.records.iter().enumerate().filter(|(_, record)| record.result.is_success());
        let mut checks = Vec::new();
        for (index, record) in records {
            let operation = &record.operation;
            let mut same = writing.records.iter().rev().filter(|other| other.operation.subject() == operation.subject());
            if !same.find_map(|other| other.after.as_ref()).is_some_and(|left| holds(record, left)) {
                continue;
            }
            let (outcome, now, message) = match self.platform.state_of(operation) {
                Ok(now) if holds(record, &now) => (CheckOutcome::Passed, Some(now), None),
                Ok(now) => (CheckOutcome::Failed, Some(now), None),
                Err(error) => (CheckOutcome::CouldNotCheck, None, Some(error.to_string())),
            };
            checks.push(StepCheck { index, outcome, now, message });
        }
        let record = Record::Checked { entry: writing.id.clone(), time: self.platform.now(), checks };
        // As with the end of an entry: each step is written down already.
        let _unchecked = self.journal.append(&record);
    }

    /// Ends the entry.
    pub(super) fn end(&mut self, mut writing: Writing) -> Ended {
        let complete = writing.records.iter().all(|record| record.result.is_success());
        let entry = (!lasting(&writing.records).is_empty()).then(|| writing.id.clone());
        let end = Record::End { entry: writing.id.clone(), time: self.platform.now() };
        // Each step is written down already; an entry without its end only says that the helper did not come this far.
        let _unfinished = self.journal.append(&end);
        self.say(&mut writing, Reply::Finished { entry });
        if complete { Ended::Complete } else { Ended::Early }
    }

    /// Says that nothing is done.
    pub(super) fn refuse(&mut self, because: String) -> Ended {
        // Where nobody listens there is nobody to tell, and nothing was done.
        let _unheard = (self.reply)(Reply::Refused { because });
        Ended::Refused
    }

    /// Tells whoever listens; where nobody does any more, no further step begins.
    pub(super) fn say(&mut self, writing: &mut Writing, reply: Reply) {
        if (self.reply)(reply).is_err() && writing.ended.is_none() {
            writing.ended = Some(NOBODY_LISTENS.to_owned());
        }
    }
}

/// The record of a step that was not begun.
pub(super) fn not_run(operation: &Operation, because: &str) -> StepRecord {
    StepRecord {
        operation: operation.clone(),
        before: None,
        after: None,
        result: StepResult::NotRun,
        message: Some(because.to_owned()),
        duration_ms: 0,
    }
}

fn told(record: StepRecord, result: StepResult, error: &PlatformError) -> StepRecord {
    StepRecord { result, message: Some(error.to_string()), ..record }
}
