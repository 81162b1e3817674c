//! The steps of a plan as they run.

use jiff::Timestamp;

use crate::case::Case;
use crate::remedy::{Outcome, StepRecord};

/// How far the run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was begun.
    #[default]
    Idle,
    /// The system asks for an administrator, or is about to.
    Waiting,
    /// Steps run.
    Running,
    /// Every step that was to run has run.
    Done,
    /// A step could not be done, and the run ended there.
    Stopped,
    /// The rights were not given; nothing was changed.
    Declined,
    /// The steps could not be begun; nothing was changed.
    CouldNotBegin,
}

/// One step of the run.
#[derive(Debug, Clone, Default)]
pub struct RunStep {
    /// When it began.
    pub started: Option<Timestamp>,
    /// What became of it.
    pub record: Option<StepRecord>,
}

/// A line of the live output.
#[derive(Debug, Clone)]
pub struct RunLine {
    /// When.
    pub time: Timestamp,
    /// What.
    pub text: String,
}

/// The run of one option.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// How far it is.
    pub stage: Stage,
    /// The number that its answers must carry.
    pub number: u64,
    /// When it was asked for.
    pub since: Option<Timestamp>,
    /// Who gave the rights, and when.
    pub approved: Option<(String, Timestamp)>,
    /// Each step.
    pub steps: Vec<RunStep>,
    /// What happened, line by line.
    pub output: Vec<RunLine>,
    /// Whether it shall end after the step that runs.
    pub stopping: bool,
    /// Why it ended, where there is more to say.
    pub message: Option<String>,
}

impl Run {
    /// Begins a run of `steps` steps; gives its number.
    pub fn start(&mut self, now: Timestamp, steps: usize, asks: bool) -> u64 {
        *self = Self {
            stage: if asks { Stage::Waiting } else { Stage::Running },
            number: self.number + 1,
            since: Some(now),
            steps: vec![RunStep::default(); steps],
            ..Self::default()
        };
        self.number
    }

    /// Forgets the run; answers still on their way are dropped.
    pub fn forget(&mut self) {
        *self = Self { number: self.number, ..Self::default() };
    }

    /// Whether something may have been changed. A run that stopped at its first step before it changed anything has not.
    pub fn may_have_changed(&self) -> bool {
        let unknown = |step: &RunStep| step.started.is_some() && step.record.is_none();
        let changed = |step: &RunStep| step.record.as_ref().is_some_and(StepRecord::has_changed);
        match self.stage {
            Stage::Running | Stage::Done => true,
            Stage::Stopped => self.steps.iter().any(|step| unknown(step) || changed(step)),
            Stage::Idle | Stage::Waiting | Stage::Declined | Stage::CouldNotBegin => false,
        }
    }

    /// How many steps are done.
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.record.as_ref().is_some_and(|record| record.result.is_success())).count()
    }

    /// Whether it is on its way.
    pub const fn is_busy(&self) -> bool {
        matches!(self.stage, Stage::Waiting | Stage::Running)
    }

    /// Notes who gave the rights.
    pub fn approved(&mut self, now: Timestamp, user: String) {
        self.stage = Stage::Running;
        self.say(now, format!("approved, running as {user}"));
        self.approved = Some((user, now));
    }

    /// Notes that step `index` began.
    pub fn step_started(&mut self, now: Timestamp, index: usize) {
        self.stage = Stage::Running;
        if let Some(step) = self.steps.get_mut(index) {
            step.started = Some(now);
        }
    }

    /// Notes what became of step `index`.
    pub fn step_finished(&mut self, now: Timestamp, index: usize, record: StepRecord) {
        let name = record.operation.to_string();
        let change = match (&record.before, &record.after) {
            (Some(before), Some(after)) if record.has_changed() => format!(" ({before} before, {after} read back)"),
            _ => String::new(),
        };
        self.say(now, format!("{name}: {}{change}", record.result));
        if let Some(message) = &record.message {
            self.say(now, message.clone());
        }
        if let Some(step) = self.steps.get_mut(index) {
            step.record = Some(record);
        }
    }

    /// Notes how it ended, from what the Case says of it.
    pub fn end(&mut self, case: &Case) {
        let any_ran = self.steps.iter().any(|step| step.record.is_some()) || !case.steps.is_empty();
        let all_done = !case.steps.is_empty() && case.steps.iter().all(|record| record.result.is_success());
        self.stage = match (case.outcome, all_done) {
            (Some(Outcome::Declined), _) => Stage::Declined,
            (_, true) => Stage::Done,
            (_, false) if any_ran => Stage::Stopped,
            (_, false) => Stage::CouldNotBegin,
        };
        self.message.clone_from(&case.message);
        for (step, record) in self.steps.iter_mut().zip(&case.steps) {
            step.record = Some(record.clone());
        }
        self.stopping = false;
    }

    /// Notes that it ended without a Case.
    pub fn broke(&mut self, problem: String) {
        let any_ran = self.steps.iter().any(|step| step.started.is_some());
        self.stage = if any_ran { Stage::Stopped } else { Stage::CouldNotBegin };
        self.message = Some(problem);
        self.stopping = false;
    }

    fn say(&mut self, time: Timestamp, text: String) {
        self.output.push(RunLine { time, text });
    }
}
