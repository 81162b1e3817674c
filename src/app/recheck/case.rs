//! The Case about a change that shall have outlived a restart: its promise as an option, so that it is proven like a fix.

use super::standing::{lasting, started};
use crate::app::change::without_a_problem;
use crate::case::Case;
use crate::diagnosis::{Diagnosis, Symptom};
use crate::helper::journal::Entry;
use crate::machine::{DynamicRange, Exclusion, PortSet, Protocol, Service, ServiceState, Snapshot, Store};
use crate::platform::{OwnerSearch, Platform, PlatformError, Scope, ServiceScope};
use crate::remedy::{FixOption, Operation, OperationState, Plan, Risk, StepRecord, Stores, single_step};

/// Where the states before the restart are known from.
const SOURCE: &str = "PortMedic's journal";

/// The Case, and what the computer was like right after the change; `None` where nothing is promised for after a restart.
pub(super) fn case_of(
    platform: &dyn Platform,
    entry: &Entry,
    later: &[Entry],
) -> Result<Option<(Case, Snapshot)>, PlatformError> {
    let mut look = platform.observe(&Scope::of_ranges())?;
    let name = started(entry, later);
    let seen = name.map(|name| service(platform, name)).transpose()?.flatten();
    // A service that is not to start with the computer is not lost when it does not.
    let starts = |service: &Service| service.starts_by_itself != Some(false) || service.state == ServiceState::Running;
    let service = name.filter(|_| seen.as_ref().is_none_or(starts)).map(str::to_owned);
    let records = lasting(entry, later);
    if records.is_empty() && service.is_none() {
        return Ok(None);
    }
    let before = before(entry, &look, &records, seen.as_ref());
    look.services.extend(seen);
    let mut operations: Vec<Operation> = records.iter().map(|record| in_both_stores(record.operation.clone())).collect();
    operations.extend(service.clone().map(|service| Operation::StartService { service }));
    let option = FixOption {
        title: entry.title.clone(),
        effect: "What was changed is still so after the restart.".to_owned(),
        recommended: true,
        risk: Risk::Low,
        reversible: "Not needed".to_owned(),
        interrupts: "Nothing".to_owned(),
        restart: "Not needed".to_owned(),
        changes: Vec::new(),
        steps: operations.into_iter().map(|operation| single_step(operation, &look)).collect(),
    };
    let purpose = entry.purpose.clone().unwrap_or_default();
    // Without its service a port is promised to nobody.
    let port = purpose.port.filter(|_| service.is_some());
    let symptom =
        Symptom { service: service.clone(), port, protocol: purpose.protocol, address: purpose.address, ..Symptom::default() };
    let explanation = format!("This checks the change {} of {:.0} after a restart: {}.", entry.id, entry.time, entry.title);
    let diagnosis = Diagnosis {
        service,
        port,
        protocol: purpose.protocol,
        address: purpose.address,
        ..without_a_problem(explanation, "Check again", Vec::new())
    };
    let plan = Plan { options: vec![option] };
    let mut case = Case::new(look.taken_at, look.host, entry.title.clone(), symptom, diagnosis, plan, Vec::new());
    case.chosen = Some(0);
    Ok(Some((case, before)))
}

/// The service as it is now; `None` where there is none any more.
fn service(platform: &dyn Platform, name: &str) -> Result<Option<Service>, PlatformError> {
    let scope = Scope { services: ServiceScope::Named(name.to_owned()), owners: OwnerSearch::None, ..Scope::default() };
    match platform.observe(&scope) {
        Ok(look) => Ok(look.service(name).cloned()),
        Err(PlatformError::NoSuchService(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What was written for the next start is in force after it.
fn in_both_stores(mut operation: Operation) -> Operation {
    match &mut operation {
        Operation::AddExclusion { stores, .. }
        | Operation::RemoveExclusion { stores, .. }
        | Operation::SetDynamicRange { stores, .. } => *stores = Stores::Both,
        _ => {}
    }
    operation
}

/// What the computer was like right after the change, as far as the journal tells.
fn before(entry: &Entry, look: &Snapshot, records: &[&StepRecord], service: Option<&Service>) -> Snapshot {
    let mut before = Snapshot::new(entry.time, look.host.clone());
    let running = |service: &Service| Service { state: ServiceState::Running, main_pid: None, ..service.clone() };
    before.services.extend(service.map(running));
    for record in records {
        match (&record.operation, &record.after) {
            (
                Operation::AddExclusion { protocol, .. } | Operation::RemoveExclusion { protocol, .. },
                Some(OperationState::Exclusions { active, persistent, .. }),
            ) => add_exclusions(&mut before, *protocol, active, persistent),
            (Operation::RestartWinnat { protocol, .. }, Some(OperationState::Exclusions { active, persistent, .. })) => {
                add_exclusions(&mut before, Some(*protocol), active, persistent);
            }
            (
                Operation::SetDynamicRange { protocol, family, .. },
                Some(OperationState::DynamicRange { active, persistent, .. }),
            ) => {
                let row =
                    |store, range| DynamicRange { range, protocol: *protocol, family: *family, store, source: SOURCE.to_owned() };
                before.dynamic_ranges.push(row(Store::Active, *active));
                before.dynamic_ranges.extend(persistent.map(|range| row(Store::Persistent, range)));
            }
            _ => {}
        }
    }
    before
}

fn add_exclusions(before: &mut Snapshot, protocol: Option<Protocol>, active: &PortSet, persistent: &PortSet) {
    for (store, ports) in [(Store::Active, active), (Store::Persistent, persistent)] {
        before.exclusions.extend(ports.ranges().iter().map(|range| Exclusion {
            range: *range,
            protocol,
            family: None,
            store,
            administered: true,
            owner: None,
            source: SOURCE.to_owned(),
        }));
    }
}
