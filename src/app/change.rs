//! A change of the settings that somebody asked for by itself, without a problem behind it: exclude ports, set the dynamic range.
//!
//! It goes the way of every fix, as a Case with one option, so that it is shown, applied, proven, written down and taken back alike.

use super::Cancel;
use super::verify::verify;
use crate::case::Case;
use crate::diagnosis::{Cause, Confidence, Diagnosis, Symptom, Verdict};
use crate::machine::{Evidence, PortRange, PortSet, Protocol, Snapshot, Store};
use crate::platform::{Platform, PlatformError, Scope};
use crate::remedy::{Change, FixOption, Operation, Plan, StepRecord, StepResult, single_step};

/// A change that was asked for.
#[derive(Debug, Clone)]
pub struct AskedChange {
    /// The record, with one option of one step.
    pub case: Case,
    /// What the computer was like before.
    before: Snapshot,
}

impl AskedChange {
    /// Looks at the settings and prepares the change; `asked` is what the user typed.
    ///
    /// # Errors
    /// Where the settings could not be read, or the computer does not allow the change.
    pub fn prepare(platform: &dyn Platform, asked: &str, operation: Operation) -> Result<Self, PlatformError> {
        let before = platform.observe(&Scope::of_ranges())?;
        let mut step = single_step(operation, &before);
        step.before = Some(platform.state_of(&step.operation)?);
        let option = FixOption {
            title: step.title.clone(),
            effect: effect(&step.operation, &before),
            recommended: true,
            risk: step.risk,
            reversible: "Yes, exactly".to_owned(),
            interrupts: "Nothing; what is connected stays connected".to_owned(),
            restart: "Not needed".to_owned(),
            changes: changes(&step.operation, &before),
            steps: vec![step],
        };
        let explanation = format!("This is a change that was asked for: {}.", option.title);
        let diagnosis = without_a_problem(explanation, "Apply the change", evidence(&before));
        let plan = Plan { options: vec![option] };
        let (gaps, host) = (before.gaps.clone(), before.host.clone());
        let case = Case::new(before.taken_at, host, asked.to_owned(), Symptom::default(), diagnosis, plan, gaps);
        Ok(Self { case, before })
    }

    /// Whether the computer is as it is asked to be already. The Case says so then, and nothing is to be done.
    pub fn is_reached(&mut self) -> bool {
        let Some(step) = self.case.plan.options.first().and_then(|option| option.steps.first()) else { return false };
        let Some(state) = step.before.clone().filter(|state| step.operation.is_reached_in(state)) else { return false };
        let operation = step.operation.clone();
        let (before, after) = (Some(state.clone()), Some(state));
        self.case.steps =
            vec![StepRecord { operation, before, after, result: StepResult::AlreadyDone, message: None, duration_ms: 0 }];
        true
    }

    /// Looks again and notes in the Case what the computer says.
    ///
    /// # Errors
    /// Where nothing could be seen at all.
    pub fn prove(&mut self, platform: &dyn Platform) -> Result<(), PlatformError> {
        verify(platform, &mut self.case, &self.before, &Cancel::default(), &mut |_| {}).map(drop)
    }
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
    };
    Diagnosis { service: None, port: None, protocol: None, address: None, verdict, owners: Vec::new(), gaps: Vec::new() }
}

/// What it brings, in words.
fn effect(operation: &Operation, snapshot: &Snapshot) -> String {
    let dynamic = snapshot.dynamic_range(Protocol::Tcp).map(|row| row.range);
    match operation {
        Operation::AddExclusion { range, .. } => match dynamic {
            Some(dynamic) if !overlap(dynamic, *range) => format!(
                "Clients get no port outside the dynamic range {dynamic} anyway, so this matters only if that range moves. A service can \
                 still ask for an excluded port."
            ),
            Some(dynamic) if snapshot.excluded(Protocol::Tcp, Store::Active).union(&(*range).into()).contains_range(dynamic) => {
                format!(
                    "The whole dynamic range {dynamic} is excluded then: no program can open a connection without asking for a port, until \
                 the range moves or an exclusion is removed."
                )
            }
            _ => "Clients are not given an excluded port any more. A service can still ask for it.".to_owned(),
        },
        Operation::RemoveExclusion { .. } => "Clients may be given these ports again.".to_owned(),
        Operation::SetDynamicRange { range, .. } => {
            format!("New connections of clients get one of {} ports. Those that are open keep the port they have.", range.count())
        }
        _ => String::new(),
    }
}

const fn overlap(one: PortRange, other: PortRange) -> bool {
    one.start() <= other.end() && other.start() <= one.end()
}

/// Before and after, for both stores where they differ.
fn changes(operation: &Operation, snapshot: &Snapshot) -> Vec<Change> {
    let row = |what: &str, before: String, after: String| Change { what: what.to_owned(), before, after };
    let excluded = |store: Store, change: &dyn Fn(&PortSet) -> PortSet| {
        let before = snapshot.excluded(Protocol::Tcp, store);
        let what = if store == Store::Active { "Excluded ports, now" } else { "Excluded ports, after a restart" };
        row(what, before.short(), change(&before).short())
    };
    match operation {
        Operation::AddExclusion { range, .. } => {
            [Store::Active, Store::Persistent].map(|store| excluded(store, &|ports| ports.union(&(*range).into()))).into()
        }
        Operation::RemoveExclusion { range, .. } => {
            [Store::Active, Store::Persistent].map(|store| excluded(store, &|ports| ports.difference(&(*range).into()))).into()
        }
        Operation::SetDynamicRange { range, .. } => {
            let before =
                snapshot.dynamic_range(Protocol::Tcp).map_or_else(|| "not known".to_owned(), |row| row.range.to_string());
            vec![row("Dynamic range", before, range.to_string())]
        }
        _ => Vec::new(),
    }
}

/// The settings as they are.
fn evidence(snapshot: &Snapshot) -> Vec<Evidence> {
    let time = Some(snapshot.taken_at);
    let when = |store: Store| if store == Store::Active { "" } else { " after the next restart" };
    let ranges = snapshot.dynamic_ranges.iter().map(|row| Evidence {
        fact: format!("The dynamic range is {}{}", row.range, when(row.store)),
        source: row.source.clone(),
        raw: None,
        time,
    });
    let lists = [Store::Active, Store::Persistent].into_iter().filter_map(|store| {
        let ports = snapshot.excluded(Protocol::Tcp, store);
        let first = snapshot.exclusions.iter().find(|row| row.store == store)?;
        Some(Evidence {
            fact: format!("Excluded{} are {}", when(store), ports.short()),
            source: first.source.clone(),
            raw: None,
            time,
        })
    });
    ranges.chain(lists).collect()
}
