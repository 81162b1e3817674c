//! Do the units run that shall run, and are those stopped that shall be stopped?

use super::{Check, CheckOutcome, Operation, Proof, passed, row};
use crate::machine::{Service, ServiceState, Snapshot, System, visible};
use crate::remedy::step::unit_name;

/// The service itself first, then every other unit that the option touches.
pub(super) fn checks(proof: &Proof<'_>) -> Vec<Check> {
    let mut checks: Vec<Check> = wanted(proof).into_iter().chain(low_ports(proof)).collect();
    let mut seen: Vec<&str> = proof.wanted().into_iter().collect();
    for operation in proof.operations() {
        let (Operation::StopService { service } | Operation::StartService { service } | Operation::RestartService { service }) =
            operation
        else {
            continue;
        };
        if !seen.contains(&service.as_str()) {
            seen.push(service);
            checks.push(other(proof, service));
        }
    }
    checks
}

fn wanted(proof: &Proof<'_>) -> Option<Check> {
    let unit = proof.wanted()?;
    let outcome = match proof.service() {
        Some(service) if service.state == ServiceState::Running => CheckOutcome::Passed,
        // An option that leaves the start to somebody else is not wrong because nobody has started it yet.
        Some(_) if !proof.promises_service() => CheckOutcome::Remark,
        Some(_) => CheckOutcome::Failed,
        None if proof.promises_service() => CheckOutcome::CouldNotCheck,
        None => CheckOutcome::Remark,
    };
    Some(row(
        proof.name().unwrap_or_else(|| visible(unit)),
        state(proof.before.service(unit)),
        state(proof.service()),
        outcome,
        source(proof.after, unit),
    ))
}

/// A unit that was in the way: stopped, unless the option starts it again afterwards.
fn other(proof: &Proof<'_>, unit: &str) -> Check {
    let shall_run = proof.starts(unit);
    let now = proof.after.service(unit);
    let outcome = match now {
        Some(service) => passed((service.state == ServiceState::Running) == shall_run),
        // The helper has read it back; this look was about the service.
        None => CheckOutcome::Remark,
    };
    let now = now.map_or_else(|| "not looked at again".to_owned(), |service| state(Some(service)));
    row(unit_name(unit, proof.before), state(proof.before.service(unit)), now, outcome, source(proof.after, unit))
}

fn low_ports(proof: &Proof<'_>) -> Option<Check> {
    let unit = proof.operations().find_map(|operation| match operation {
        Operation::AllowLowPort { service } => Some(service),
        _ => None,
    })?;
    let right = |snapshot: &Snapshot| snapshot.service(unit).and_then(|service| service.may_bind_low_ports);
    let words = |right: Option<bool>| match right {
        Some(true) => "allowed",
        Some(false) => "not allowed",
        None => "not seen",
    };
    let now = right(proof.after);
    // Whether it listens in the end is another check; a right that was not read decides nothing.
    let outcome = now.map_or(CheckOutcome::Remark, passed);
    let what = format!("Low ports for {}", unit_name(unit, proof.after));
    Some(row(what, words(right(proof.before)).to_owned(), words(now).to_owned(), outcome, source(proof.after, unit)))
}

/// The state in words, with the main process while it runs.
fn state(service: Option<&Service>) -> String {
    match service {
        None => "not seen".to_owned(),
        Some(Service { state: ServiceState::Running, main_pid: Some(pid), .. }) => format!("running, PID {pid}"),
        Some(service) if service.state == ServiceState::Failed => visible(&service.state_detail),
        Some(service) => service.state.as_str().to_owned(),
    }
}

fn source(snapshot: &Snapshot, unit: &str) -> String {
    match snapshot.host.system {
        System::Linux => format!("systemctl show {}", visible(unit)),
        System::Windows => "service control manager".to_owned(),
    }
}
