//! The proof: what the computer says after a fix, against what the option promised.

mod headline;
mod holders;
mod port;
mod ranges;
mod service;
mod windows;

pub use headline::{brought_about, brought_about_by_all};

use super::{Check, CheckOutcome, FixOption, Operation, Outcome, Verification};
use crate::diagnosis::{Diagnosis, service_name};
use crate::machine::{Port, Protocol, Service, Snapshot, visible};

/// Compares two looks with what `option` promised.
///
/// `after` was taken once the service had been left alone for a while, so that "it runs" means "it keeps running". `samples` are ports
/// that the system chose by itself afterwards, or why it could not.
pub fn verify(
    before: &Snapshot,
    after: &Snapshot,
    diagnosis: &Diagnosis,
    option: &FixOption,
    samples: Result<&[Port], &str>,
) -> Verification {
    let proof = Proof { before, after, diagnosis, option };
    let mut checks = service::checks(&proof);
    checks.extend(port::check(&proof));
    checks.extend(ranges::checks(&proof));
    checks.extend(windows::checks(&proof));
    checks.extend(holders::checks(&proof));
    checks.extend(ranges::sample(&proof, samples));
    let checks = once_each(checks);
    let outcome = outcome(&checks, proof.by_hand());
    let headline = headline::headline(&proof, outcome, &checks);
    Verification { outcome, headline, checks }
}

/// Every exclusion of one list is checked with the same words.
fn once_each(checks: Vec<Check>) -> Vec<Check> {
    let mut once: Vec<Check> = Vec::with_capacity(checks.len());
    for check in checks {
        if !once.contains(&check) {
            once.push(check);
        }
    }
    once
}

/// What people do by hand may simply not be done yet: then nothing is proven, and nothing is wrong.
fn outcome(checks: &[Check], by_hand: bool) -> Outcome {
    let any = |outcome: CheckOutcome| checks.iter().any(|check| check.outcome == outcome);
    match (any(CheckOutcome::Failed), any(CheckOutcome::CouldNotCheck), any(CheckOutcome::Passed)) {
        (true, _, _) if by_hand => Outcome::CouldNotCheck,
        (true, _, _) => Outcome::NotFixed,
        (false, true, _) | (false, false, false) => Outcome::CouldNotCheck,
        (false, false, true) => Outcome::Fixed,
    }
}

/// The two looks and the promise.
#[derive(Debug, Clone, Copy)]
struct Proof<'a> {
    before: &'a Snapshot,
    after: &'a Snapshot,
    diagnosis: &'a Diagnosis,
    option: &'a FixOption,
}

impl<'a> Proof<'a> {
    fn operations(&self) -> impl Iterator<Item = &'a Operation> {
        self.option.steps.iter().map(|step| &step.operation)
    }

    /// Whether a person was to do it.
    fn by_hand(&self) -> bool {
        self.option.is_by_hand()
    }

    fn protocol(&self) -> Protocol {
        self.diagnosis.protocol.unwrap_or(Protocol::Tcp)
    }

    /// The service that shall run, by its full name.
    fn wanted(&self) -> Option<&'a str> {
        self.diagnosis.service.as_deref()
    }

    /// The service after the fix.
    fn service(&self) -> Option<&'a Service> {
        self.wanted().and_then(|name| self.after.service(name))
    }

    /// The service's name for a sentence.
    fn name(&self) -> Option<String> {
        let wanted = self.wanted()?;
        let looks = [self.after, self.before];
        let known = looks.into_iter().find_map(|look| look.service(wanted).map(|service| service_name(look, service)));
        Some(known.unwrap_or_else(|| visible(wanted.strip_suffix(".service").unwrap_or(wanted))))
    }

    /// Whether the option starts `unit`.
    fn starts(&self, unit: &str) -> bool {
        self.operations().any(|operation| match operation {
            Operation::StartService { service } | Operation::RestartService { service } => service == unit,
            _ => false,
        })
    }

    /// Whether the option promises that the service runs: it starts it, or tells a person to.
    fn promises_service(&self) -> bool {
        self.wanted().is_some_and(|unit| self.by_hand() || self.starts(unit))
    }
}

fn row(what: String, before: String, now: String, outcome: CheckOutcome, source: impl Into<String>) -> Check {
    Check { what, before, now, outcome, source: source.into() }
}

const fn passed(yes: bool) -> CheckOutcome {
    if yes { CheckOutcome::Passed } else { CheckOutcome::Failed }
}
