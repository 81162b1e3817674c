//! A change that somebody asked for by itself, without a problem behind it: exclude ports, set the dynamic range, close a connection.
//!
//! It goes the way of every fix, as a Case with one option, so that it is shown, applied, proven, written down and taken back alike.

mod command;
mod event;
mod state;
mod told;
pub(super) mod update;
mod watch;
mod wish;
mod words;

pub use command::ChangeCommand;
pub use event::{ChangeEffect, ChangeEvent};
pub use state::ChangeState;
pub use wish::Wish;

use super::audit::{Audit, audit};
use super::verify::verify_in;
use crate::case::Case;
use crate::diagnosis::wording::capital;
use crate::diagnosis::{Cause, Confidence, Diagnosis, Symptom, Verdict};
use crate::machine::{Evidence, PortRange, Protocol, Snapshot, System};
use crate::platform::{Platform, PlatformError, Scope, SocketScope};
use crate::remedy::{
    self, Operation, Outcome, Plan, Refusal, RefusalKind, Step, StepRecord, StepResult, Stores, brought_about_by_all, note_done,
    single_step,
};

/// A change that was asked for.
#[derive(Debug, Clone)]
pub struct AskedChange {
    /// The record, with one option.
    pub case: Case,
    /// Why it is not begun; `None` where nothing speaks against it.
    pub refusal: Option<Refusal>,
    /// What to know before, one plain sentence each.
    pub cautions: Vec<String>,
    before: Before,
}

/// What the computer was like before.
#[derive(Debug, Clone)]
enum Before {
    /// A look at what the change is about.
    Look(Box<Snapshot>),
    /// The audit that the plan comes from.
    Audit(Box<Audit>),
}

/// An operation as far as it is prepared.
struct Prepared {
    step: Step,
    refusal: Option<Refusal>,
}

impl AskedChange {
    /// Looks at what the wish is about and prepares it.
    ///
    /// # Errors
    /// Where the computer could not be looked at.
    pub fn of(platform: &dyn Platform, wish: Wish) -> Result<Self, PlatformError> {
        let asked = wish.to_string();
        match wish {
            Wish::Do(operations) => Self::prepare_all(platform, &asked, operations),
            Wish::Protect => Self::of_audit(platform),
            Wish::Watch(port) => watch::prepare(platform, port),
        }
    }

    /// Looks at what the change is about and prepares it; `asked` is what the user typed.
    ///
    /// # Errors
    /// Where the computer could not be looked at.
    pub fn prepare(platform: &dyn Platform, asked: &str, operation: Operation) -> Result<Self, PlatformError> {
        Self::prepare_all(platform, asked, vec![operation])
    }

    /// The same for several operations, one after another. What is so already is left out; one that is not possible refuses them all.
    ///
    /// # Errors
    /// Where the computer could not be looked at.
    pub fn prepare_all(platform: &dyn Platform, asked: &str, operations: Vec<Operation>) -> Result<Self, PlatformError> {
        let before = platform.observe(&scope_of_all(&operations))?;
        let mut so_far = before.clone();
        let mut cautions = Vec::new();
        let mut prepared = Vec::with_capacity(operations.len());
        for operation in operations {
            let operation = on_one_list(operation, before.host.system);
            prepared.push(prepare_one(platform, operation.clone(), &so_far)?);
            for caution in remedy::cautions(&operation, &so_far) {
                if !cautions.contains(&caution) {
                    cautions.push(caution);
                }
            }
            note_done(&operation, &mut so_far);
        }
        let is = |own: &Prepared, kind| own.refusal.as_ref().is_some_and(|refusal| refusal.kind == kind);
        let refused = prepared.iter().find(|own| is(own, RefusalKind::NotPossible)).and_then(|own| own.refusal.clone());
        let left_to_do = prepared.iter().any(|own| !is(own, RefusalKind::AlreadySo));
        let reached = prepared.first().and_then(|own| own.refusal.clone()).filter(|_| !left_to_do);
        let steps = prepared.into_iter().filter(|own| !left_to_do || !is(own, RefusalKind::AlreadySo)).map(|own| own.step);
        let option = words::option(steps.collect(), &before);
        let explanation = format!("This is a change that was asked for: {}.", option.title);
        let diagnosis = without_a_problem(explanation, "Apply the change", words::evidence(&before));
        let plan = Plan { options: vec![option] };
        let (gaps, host) = (before.gaps.clone(), before.host.clone());
        let case =
            Case::new(before.taken_at, host, asked.to_owned(), Symptom::default(), diagnosis, plan, gaps).with_facts(&before);
        Ok(Self { case, refusal: refused.or(reached), cautions, before: Before::Look(Box::new(before)) })
    }

    /// The plan of an audit that is made now.
    fn of_audit(platform: &dyn Platform) -> Result<Self, PlatformError> {
        let found = audit(platform, &[])?;
        let refusal = found.refusal();
        let case = found.fix(platform).case;
        Ok(Self { case, refusal, cautions: Vec::new(), before: Before::Audit(Box::new(found)) })
    }

    /// What is to be done first.
    pub fn operation(&self) -> Option<&Operation> {
        self.operations().next()
    }

    /// What is to be done.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.case.plan.options.first().into_iter().flat_map(|option| option.steps.iter().map(|step| &step.operation))
    }

    /// What is so once it is done and proven, as a sentence without its full stop.
    pub fn brought_about(&self) -> String {
        let text = match (&self.before, &self.case.verification) {
            (Before::Audit(_), Some(proof)) => proof.headline.trim_start_matches("Fixed: ").to_owned(),
            _ => brought_about_by_all(self.operations()).unwrap_or_else(|| "done".to_owned()),
        };
        capital(&text)
    }

    /// Whether the computer is as it is asked to be already. The Case says so then, and nothing is to be done.
    pub fn is_reached(&mut self) -> bool {
        if self.refusal.as_ref().is_none_or(|refusal| refusal.kind != RefusalKind::AlreadySo) {
            return false;
        }
        let Some(step) = self.case.plan.options.first().and_then(|option| option.steps.first()) else { return false };
        let (operation, state) = (step.operation.clone(), step.before.clone());
        let (before, after) = (state.clone(), state);
        self.case.steps =
            vec![StepRecord { operation, before, after, result: StepResult::AlreadyDone, message: None, duration_ms: 0 }];
        true
    }

    /// Whether its step was done, so that there is something to prove.
    pub fn was_done(&self) -> bool {
        self.case.outcome.is_none() && !self.case.steps.is_empty()
    }

    /// Looks again and notes in the Case what the computer says, also where it says nothing.
    pub fn prove(&mut self, platform: &dyn Platform) {
        if let Some(operation) = self.operation().filter(|operation| told::is_told(operation)) {
            let proof = told::prove(platform, operation, self.case.steps.first());
            self.case.outcome = Some(proof.outcome);
            self.case.verification = Some(proof);
            return;
        }
        let scope = scope_of_all(&self.operations().cloned().collect::<Vec<_>>());
        let before = match &self.before {
            Before::Look(before) => before,
            Before::Audit(audit) => {
                audit.prove(&mut self.case, platform, &[]);
                return;
            }
        };
        if let Err(error) = verify_in(platform, &scope, &mut self.case, before) {
            self.case.outcome = Some(Outcome::CouldNotCheck);
            self.case.message = Some(format!("whether it is so now could not be seen: {error}"));
        }
    }
}

/// Linux keeps one list of excluded ports for TCP and UDP, so there a wish for one of them is for both; the effect says so.
const fn on_one_list(mut operation: Operation, system: System) -> Operation {
    if let (System::Linux, Operation::AddExclusion { protocol, .. } | Operation::RemoveExclusion { protocol, .. }) =
        (system, &mut operation)
    {
        *protocol = None;
    }
    operation
}

/// The operation that excludes `range`, or hands it out again, now and after a restart.
pub const fn exclusion(range: PortRange, protocol: Option<Protocol>, remove: bool) -> Operation {
    let stores = Stores::Both;
    if remove {
        Operation::RemoveExclusion { range, protocol, stores }
    } else {
        Operation::AddExclusion { range, protocol, stores }
    }
}

/// One operation on the computer as it is once those before it are done.
fn prepare_one(platform: &dyn Platform, operation: Operation, so_far: &Snapshot) -> Result<Prepared, PlatformError> {
    let mut step = single_step(operation, so_far);
    // The platform knows what no fact tells: files of others, folders that cannot be written, limits of the kernel.
    let by_platform = match platform.state_of(&step.operation) {
        Ok(state) => {
            step.before = Some(state);
            None
        }
        Err(PlatformError::Refused(why)) => {
            Some(Refusal::not_possible("The system does not allow this change", capital(&why), ""))
        }
        Err(error) => return Err(error),
    };
    let refusal = remedy::refusal(&step.operation, so_far, step.before.as_ref()).or(by_platform);
    Ok(Prepared { step, refusal })
}

/// What to look at before the changes and after them.
fn scope_of_all(operations: &[Operation]) -> Scope {
    if let [one] = operations {
        return scope(one);
    }
    let adds = operations.iter().any(|operation| matches!(operation, Operation::AddExclusion { .. }));
    let sockets = if adds { SocketScope::All } else { SocketScope::None };
    Scope { sockets, ranges: true, ..Scope::default() }
}

/// What to look at before one change and after it.
fn scope(operation: &Operation) -> Scope {
    let sockets = match operation {
        Operation::AddExclusion { range, protocol, .. } if range.count() == 1 => {
            SocketScope::Port { port: range.start(), protocol: *protocol }
        }
        Operation::AddExclusion { .. } => SocketScope::All,
        Operation::CloseConnection { protocol, local, .. } => SocketScope::Port { port: local.port(), protocol: Some(*protocol) },
        _ => return Scope::of_ranges(),
    };
    Scope { sockets, ranges: true, ..Scope::default() }
}

/// What stands in the place of a diagnosis where no problem was looked for.
pub(super) fn without_a_problem(explanation: String, next_step: &str, evidence: Vec<Evidence>) -> Diagnosis {
    Diagnosis::of(Verdict {
        cause: Cause::Unknown,
        confidence: Confidence::CannotTell,
        confidence_because: "no problem was looked for".to_owned(),
        headline: "No problem was looked for".to_owned(),
        explanation,
        next_step: next_step.to_owned(),
        evidence,
        notes: Vec::new(),
    })
}
