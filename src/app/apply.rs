//! Applies one option of a plan: one prompt, one run of the helper, and the Case tells what became of each step.

use jiff::Timestamp;

use super::{Cancel, RunProgress};
use crate::case::{Case, CaseTarget};
use crate::diagnosis::Cause;
use crate::diagnosis::wording::capital;
use crate::helper::launch::{Elevator, LaunchError};
use crate::helper::protocol::{Job, PlannedStep, Reply, Request, VERSION};
use crate::machine::visible;
use crate::platform::Platform;
use crate::remedy::{FixOption, Operation, Outcome, Purpose, StepRecord, StepResult, Subject};

/// Why nothing was begun, for a reason that is not the user's will. Each text says that nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The plan has no such option.
    #[error("the plan has {count} options, so there is no option {asked}")]
    NoSuchOption {
        /// What was asked for, counted from 1.
        asked: usize,
        /// How many there are.
        count: usize,
    },
    /// Every step is one for a person.
    #[error("this option can only be done by hand; its steps are in the plan")]
    ByHand,
    /// The computer is not as planned, or does not allow a step.
    #[error("nothing was changed: {0}")]
    Refused(String),
    /// The helper could not be started, or did not begin.
    #[error("nothing was changed: {0}")]
    Launch(#[from] LaunchError),
}

/// Applies option number `option` (from 0) of the Case's plan. The Case gets the records and the name of the journal entry; where the rights
/// were not given it gets the outcome "declined" and the reason.
///
/// # Errors
/// Where nothing was begun for a reason that is not the user's will.
pub fn apply(
    platform: &dyn Platform,
    elevator: &dyn Elevator,
    case: &mut Case,
    option: usize,
    cancel: &Cancel,
    progress: &mut dyn FnMut(RunProgress),
) -> Result<(), ApplyError> {
    let chosen =
        case.plan.options.get(option).ok_or(ApplyError::NoSuchOption { asked: option + 1, count: case.plan.options.len() })?;
    let (places, steps) = planned(platform, chosen)?;
    let job = Job::Apply { title: title(case, chosen), steps, purpose: purpose(case) };
    let mut run = Run::new(chosen.steps.iter().map(|step| step.operation.clone()).collect(), places);
    let ended = run_helper(elevator, job, cancel, &mut run, progress);

    if let Some(because) = run.refused {
        return Err(ApplyError::Refused(because));
    }
    case.chosen = Some(option);
    let begun = run.has_begun();
    case.journal_entry = run.entry.take();
    match ended {
        Ok(()) => case.steps = run.records(None),
        Err(error) if begun => {
            case.steps = run.records(Some(&error.to_string()));
            case.message = Some(capital(&error.to_string()));
        }
        Err(error) if error.is_declined() => {
            declined(case, &error.to_string());
        }
        Err(error) => return Err(error.into()),
    }
    case.outcome = case.outcome.or_else(|| unfinished(&case.steps));
    case.message = case.message.take().or_else(|| given_back(&case.steps));
    Ok(())
}

/// Whether it is a step of PortMedic's that was not done.
const fn is_left(record: &StepRecord) -> bool {
    !record.result.is_success() && !matches!(record.operation, Operation::Manual { .. })
}

/// What it came to where a step was not done, so that there is nothing to verify; `None` where every step was.
fn unfinished(records: &[StepRecord]) -> Option<Outcome> {
    let mut left = records.iter().filter(|record| is_left(record)).peekable();
    left.peek()?;
    // Of such a step nobody knows whether it had its effect.
    let unknown = left.any(|record| record.result == StepResult::NotVerified);
    Some(if unknown { Outcome::CouldNotCheck } else { Outcome::NotFixed })
}

/// Why the run ended early and which of the services that it had stopped run again; `None` where it started none for that.
fn given_back(records: &[StepRecord]) -> Option<String> {
    let again = started_again(records)?;
    let ended = records.iter().find(|record| is_left(record))?;
    let why = match (ended.result, &ended.message) {
        (StepResult::NotRun, Some(why)) => capital(why),
        (_, Some(why)) => format!("{} could not be done: {}", ended.operation, why.trim_end_matches('.')),
        (_, None) => format!("{} could not be done", ended.operation),
    };
    Some(format!("{why}. {again}"))
}

/// Which services were started again after the first step that was not done, since the run itself had stopped them, and which could not be;
/// `None` where there is none.
pub(super) fn started_again(records: &[StepRecord]) -> Option<String> {
    let turned = |record: &StepRecord| match (record.operation.subject(), record.result) {
        (Subject::Service(service), StepResult::Done) => Some(format!("{} was started again.", visible(service))),
        (Subject::Service(service), StepResult::Refused | StepResult::Failed | StepResult::NotVerified) => {
            let why = record.message.as_deref().map(|why| format!(": {}", why.trim_end_matches('.'))).unwrap_or_default();
            Some(format!("{} could not be started again{why}.", visible(service)))
        }
        _ => None,
    };
    let rest = records.iter().skip_while(|record| !is_left(record)).skip(1);
    let sentences: Vec<String> = rest.filter_map(turned).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Notes in the Case that the rights were not given.
fn declined(case: &mut Case, why: &str) {
    case.outcome = Some(Outcome::Declined);
    case.message = Some(format!("Nothing was changed: {why}"));
}

/// The steps that the helper does, and the place of each in the option.
fn planned(platform: &dyn Platform, option: &FixOption) -> Result<(Vec<usize>, Vec<PlannedStep>), ApplyError> {
    let mut places = Vec::new();
    let mut steps = Vec::new();
    for (place, step) in option.steps.iter().enumerate() {
        if step.is_manual() {
            continue;
        }
        // What must not be done comes to light before anybody is asked for a password. The helper looks too, but where systemd starts it,
        // it does not see which session it serves.
        let now = platform.state_of(&step.operation).map_err(|error| ApplyError::Refused(error.to_string()))?;
        places.push(place);
        // The plan has no state where it could not be read.
        steps.push(PlannedStep { action: step.operation.clone(), before: Some(step.before.clone().unwrap_or(now)) });
    }
    if steps.is_empty() { Err(ApplyError::ByHand) } else { Ok((places, steps)) }
}

/// What the journal says it was for.
fn title(case: &Case, option: &FixOption) -> String {
    match &case.target.service {
        Some(service) => format!("{} ({service})", option.title),
        None => option.title.clone(),
    }
}

/// What the journal says it shall bring about. Where no port was left for clients, the port that the log names is the far one.
fn purpose(case: &Case) -> Option<Purpose> {
    let CaseTarget { service, port, protocol, .. } = case.target.clone();
    let port = port.filter(|_| case.verdict.cause != Cause::Exhausted);
    let address = case.symptom.address;
    (service.is_some() || port.is_some()).then_some(Purpose { service, port, protocol, address })
}

/// Runs one job and keeps what the helper says.
pub(super) fn run_helper(
    elevator: &dyn Elevator,
    job: Job,
    cancel: &Cancel,
    run: &mut Run,
    progress: &mut dyn FnMut(RunProgress),
) -> Result<(), LaunchError> {
    let id = format!("{:x}-{:x}", Timestamp::now().as_nanosecond(), std::process::id());
    let request = Request { version: VERSION, id, job };
    elevator.run(&request, &|| cancel.is_cancelled(), &mut |reply| run.hear(reply, progress))
}

/// What the helper has said so far.
#[derive(Debug, Default)]
pub(super) struct Run {
    operations: Vec<Operation>,
    /// The place in `operations` of each step of the helper.
    places: Vec<usize>,
    records: Vec<Option<StepRecord>>,
    started: Option<usize>,
    /// The entry of the journal.
    pub(super) entry: Option<String>,
    /// Why the helper did not begin.
    pub(super) refused: Option<String>,
}

impl Run {
    /// A run of these operations, of which the helper does those in `places`.
    pub(super) fn new(operations: Vec<Operation>, places: Vec<usize>) -> Self {
        let records = vec![None; operations.len()];
        Self { operations, places, records, ..Self::default() }
    }

    /// Whether a step was begun.
    pub(super) fn has_begun(&self) -> bool {
        self.started.is_some() || self.records.iter().any(Option::is_some)
    }

    fn hear(&mut self, reply: Reply, progress: &mut dyn FnMut(RunProgress)) {
        match reply {
            Reply::Hello { user, .. } => progress(RunProgress::Approved { user }),
            Reply::Refused { because } => self.refused = Some(because),
            Reply::StepStarted { index } => {
                if let Some(place) = self.places.get(index) {
                    self.started = Some(*place);
                    progress(RunProgress::StepStarted(*place));
                }
            }
            Reply::StepFinished { index, record } => {
                if let Some(place) = self.places.get(index).copied() {
                    if let Some(slot) = self.records.get_mut(place) {
                        *slot = Some((*record).clone());
                    }
                    progress(RunProgress::StepFinished(place, record));
                }
            }
            Reply::Finished { entry } => self.entry = entry,
        }
    }

    /// One record a step; `lost` says why the helper told of no more.
    pub(super) fn records(&mut self, lost: Option<&str>) -> Vec<StepRecord> {
        let started = self.started;
        let missing = |place: usize, operation: Operation| {
            let (result, message) = match lost {
                Some(why) if started == Some(place) => {
                    (StepResult::NotVerified, format!("what became of this step is not known: {why}"))
                }
                Some(why) => (StepResult::NotRun, why.to_owned()),
                None => (StepResult::NotRun, "a step for you".to_owned()),
            };
            StepRecord { operation, before: None, after: None, result, message: Some(message), duration_ms: 0 }
        };
        let operations = std::mem::take(&mut self.operations);
        let records = std::mem::take(&mut self.records);
        let both = operations.into_iter().zip(records).enumerate();
        both.map(|(place, (operation, record))| record.unwrap_or_else(|| missing(place, operation))).collect()
    }
}
