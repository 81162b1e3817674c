//! A change that somebody asked for by itself, without a problem behind it: exclude ports, set the dynamic range, close a connection.
//!
//! It goes the way of every fix, as a Case with one option, so that it is shown, applied, proven, written down and taken back alike.

mod command;
mod event;
mod state;
mod task;
pub(super) mod update;
mod words;

pub use command::ChangeCommand;
pub use event::{ChangeEffect, ChangeEvent};
pub use state::ChangeState;

use super::verify::verify_in;
use crate::case::Case;
use crate::diagnosis::{Cause, Confidence, Diagnosis, Symptom, Verdict};
use crate::machine::{Evidence, PortRange, Protocol, Snapshot, System};
use crate::platform::{Platform, PlatformError, Scope, SocketScope};
use crate::remedy::{
    Operation, Outcome, Plan, Refusal, RefusalKind, StepRecord, StepResult, Stores, cautions, refusal, single_step,
};

/// A change that was asked for.
#[derive(Debug, Clone)]
pub struct AskedChange {
    /// The record, with one option of one step.
    pub case: Case,
    /// Why it is not begun; `None` where nothing speaks against it.
    pub refusal: Option<Refusal>,
    /// What to know before, one plain sentence each.
    pub cautions: Vec<String>,
    /// What the computer was like before.
    before: Snapshot,
}

impl AskedChange {
    /// Looks at what the change is about and prepares it; `asked` is what the user typed.
    ///
    /// # Errors
    /// Where the computer could not be looked at.
    pub fn prepare(platform: &dyn Platform, asked: &str, operation: Operation) -> Result<Self, PlatformError> {
        let before = platform.observe(&scope(&operation))?;
        let mut step = single_step(on_one_list(operation, before.host.system), &before);
        // The platform knows what no fact tells: files of others, folders that cannot be written, limits of the kernel.
        let by_platform = match platform.state_of(&step.operation) {
            Ok(state) => {
                step.before = Some(state);
                None
            }
            Err(PlatformError::Refused(why)) => {
                Some(Refusal::not_possible("The system does not allow this change", super::apply::sentence(&why), ""))
            }
            Err(error) => return Err(error),
        };
        let refusal = refusal(&step.operation, &before, step.before.as_ref()).or(by_platform);
        let cautions = cautions(&step.operation, &before);
        let option = words::option(step, &before);
        let explanation = format!("This is a change that was asked for: {}.", option.title);
        let diagnosis = without_a_problem(explanation, "Apply the change", words::evidence(&before));
        let plan = Plan { options: vec![option] };
        let (gaps, host) = (before.gaps.clone(), before.host.clone());
        let case =
            Case::new(before.taken_at, host, asked.to_owned(), Symptom::default(), diagnosis, plan, gaps).with_facts(&before);
        Ok(Self { case, refusal, cautions, before })
    }

    /// What is to be done.
    pub fn operation(&self) -> Option<&Operation> {
        self.case.plan.options.first()?.steps.first().map(|step| &step.operation)
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
        if let Some(operation @ (Operation::InstallTask { .. } | Operation::RemoveTask { .. })) = self.operation() {
            let proof = task::prove(platform, operation, self.case.steps.first());
            self.case.outcome = Some(proof.outcome);
            self.case.verification = Some(proof);
            return;
        }
        let scope = self.operation().map_or_else(Scope::of_ranges, scope);
        if let Err(error) = verify_in(platform, &scope, &mut self.case, &self.before) {
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

/// What to look at before the change and after it.
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
    let verdict = Verdict {
        cause: Cause::Unknown,
        confidence: Confidence::CannotTell,
        confidence_because: "no problem was looked for".to_owned(),
        headline: "No problem was looked for".to_owned(),
        explanation,
        next_step: next_step.to_owned(),
        evidence,
        notes: Vec::new(),
    };
    Diagnosis { service: None, port: None, protocol: None, address: None, verdict, owners: Vec::new(), gaps: Vec::new() }
}
