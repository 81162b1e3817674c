//! The sentence over the checks.

use super::{Check, CheckOutcome, Operation, Outcome, Proof, port};
use crate::diagnosis::wording::{port_name, span};
use crate::machine::{PortRange, PortSet, Protocol, ServiceState};
use crate::remedy::Stores;

pub(super) fn headline(proof: &Proof<'_>, outcome: Outcome, checks: &[Check]) -> String {
    match outcome {
        Outcome::Fixed => format!("{outcome}: {}", reached(proof, checks)),
        Outcome::NotFixed => format!("{outcome}: {}", missed(proof, checks)),
        Outcome::CouldNotCheck if proof.by_hand() => "Not shown yet: do the steps by hand, then check again".to_owned(),
        Outcome::CouldNotCheck if proof.option.needs_restart() => {
            "Not shown yet: restart the computer, then check again".to_owned()
        }
        Outcome::CouldNotCheck => format!("{outcome}: {}", unseen(checks)),
        Outcome::Declined => format!("{outcome}: nothing was changed"),
    }
}

/// What the option has brought about, the most important first.
fn reached(proof: &Proof<'_>, checks: &[Check]) -> String {
    let port = proof.diagnosis.port;
    let port_passed = port.is_some_and(|port| {
        let name = port::check_name(port, proof);
        checks.iter().any(|check| check.what == name && check.outcome == CheckOutcome::Passed)
    });
    let runs = proof.service().filter(|service| service.state == ServiceState::Running).and(proof.name());
    match (runs, port) {
        (Some(name), Some(port)) if port_passed => format!("{name} runs and listens on {}", short(port, proof.protocol())),
        (Some(name), _) if proof.promises_service() => format!("{name} runs"),
        (_, Some(port)) if port_passed => format!("{} is free{}", port_name(port, proof.protocol()), kept(proof)),
        _ => settings(proof),
    }
}

/// `1433`, or `UDP 53`.
fn short(port: u16, protocol: Protocol) -> String {
    match protocol {
        Protocol::Tcp => port.to_string(),
        Protocol::Udp => format!("UDP {port}"),
    }
}

fn kept(proof: &Proof<'_>) -> &'static str {
    let excludes = proof.operations().any(|operation| matches!(operation, Operation::AddExclusion { .. }));
    if excludes { " and kept from clients" } else { "" }
}

/// What a change without a problem behind it has brought about.
fn settings(proof: &Proof<'_>) -> String {
    brought_about_by_all(proof.operations()).unwrap_or_else(|| "every check passed".to_owned())
}

/// What is so once all `operations` were done: several blocks of ports together, of others the first.
pub fn brought_about_by_all<'a>(operations: impl Iterator<Item = &'a Operation>) -> Option<String> {
    let operations: Vec<&Operation> = operations.collect();
    let count = |ports: &PortSet| format!("{} ports in {} blocks are", ports.count(), ports.ranges().len());
    let of_all = |block: fn(&Operation) -> Option<PortRange>| -> Option<PortSet> {
        let ports: PortSet =
            operations.iter().map(|operation| block(operation)).collect::<Option<Vec<_>>>()?.into_iter().collect();
        Some(ports).filter(|ports| ports.ranges().len() > 1)
    };
    let added = of_all(|operation| match operation {
        Operation::AddExclusion { range, stores: Stores::Both, .. } => Some(*range),
        _ => None,
    });
    let removed = of_all(|operation| match operation {
        Operation::RemoveExclusion { range, stores: Stores::Both, .. } => Some(*range),
        _ => None,
    });
    match (added, removed) {
        (Some(ports), _) => Some(format!("{} excluded{}", count(&ports), when(Stores::Both))),
        (None, Some(ports)) => Some(format!("{} no longer excluded{}", count(&ports), when(Stores::Both))),
        (None, None) => operations.into_iter().find_map(brought_about),
    }
}

/// What is so once `operation` was done, to stand in a sentence; `None` for operations that are part of a fix only.
pub fn brought_about(operation: &Operation) -> Option<String> {
    Some(match operation {
        Operation::AddExclusion { range, stores, .. } => format!("{} excluded{}", ports_are(*range), when(*stores)),
        Operation::RemoveExclusion { range, stores, .. } => format!("{} no longer excluded{}", ports_are(*range), when(*stores)),
        Operation::SetDynamicRange { range, stores, .. } => format!("the dynamic range is {}{}", span(*range), when(*stores)),
        Operation::StartTrace => "the trace runs".to_owned(),
        Operation::StopTrace => "the trace is stopped".to_owned(),
        Operation::InstallTask { task } => format!("{task} is installed"),
        Operation::RemoveTask { task } => format!("{task} is removed"),
        Operation::CloseConnection { local, remote, .. } => format!("the connection from {local} to {remote} is closed"),
        _ => return None,
    })
}

fn ports_are(range: PortRange) -> String {
    if range.count() == 1 { format!("port {} is", range.start()) } else { format!("ports {} are", span(range)) }
}

const fn when(stores: Stores) -> &'static str {
    match stores {
        Stores::Both => ", now and after a restart",
        Stores::Active => " until the next restart",
        Stores::Persistent => " from the next restart on",
    }
}

/// The first check that did not pass, in words.
fn missed(proof: &Proof<'_>, checks: &[Check]) -> String {
    let Some(first) = checks.iter().find(|check| check.outcome == CheckOutcome::Failed) else {
        return "a check did not pass".to_owned();
    };
    let port = proof.diagnosis.port.filter(|port| first.what == port::check_name(*port, proof));
    let is_service = proof.name().is_some_and(|name| name == first.what);
    match (port, proof.name()) {
        (Some(port), Some(name)) if proof.promises_service() => {
            format!("{name} runs, but does not listen on {}", short(port, proof.protocol()))
        }
        (Some(port), _) => {
            port::resting(proof, port).unwrap_or_else(|| format!("{} is still in use", port_name(port, proof.protocol())))
        }
        (None, Some(name)) if is_service => format!("{name} does not run"),
        (None, _) => format!("{}: {}", first.what, first.now),
    }
}

fn unseen(checks: &[Check]) -> String {
    let first = checks.iter().find(|check| check.outcome == CheckOutcome::CouldNotCheck);
    first.map_or_else(|| "nothing that was done shows in this look".to_owned(), |check| format!("{}: {}", check.what, check.now))
}
