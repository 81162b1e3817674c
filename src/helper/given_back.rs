//! What a run does even where it ended early: a service that it stopped for the steps in between is started again, as the plan has it.
//! Nobody shall be left without a service because a port could not be excluded, a window was closed or the disk was full.

use crate::machine::ServiceState;
use crate::remedy::{Operation, OperationState, StepRecord, Subject};

/// Whether the operation starts a service that the run of these records stopped.
pub(super) fn starts_again(operation: &Operation, records: &[StepRecord]) -> bool {
    match operation {
        Operation::StartService { service } | Operation::RestartService { service } => was_stopped(service, records),
        _ => false,
    }
}

/// Whether taking the operation back, which found `before`, starts a service that the run of these records stopped.
pub(super) fn runs_again(operation: &Operation, before: &OperationState, records: &[StepRecord]) -> bool {
    match (operation.subject(), before) {
        (Subject::Service(service), OperationState::Service { state: ServiceState::Running, .. }) => {
            was_stopped(service, records) || !along(before, records).is_empty()
        }
        _ => false,
    }
}

/// Starts those of the services that ran along with another one `before` and that the run of these records stopped.
pub(super) fn along(before: &OperationState, records: &[StepRecord]) -> Vec<Operation> {
    let OperationState::Service { state: ServiceState::Running, dependants, .. } = before else { return Vec::new() };
    let stopped = dependants.iter().rev().filter(|service| was_stopped(service, records));
    stopped.map(|service| Operation::StartService { service: service.clone() }).collect()
}

/// Whether the last of these records that started or stopped the service stopped it.
fn was_stopped(service: &str, records: &[StepRecord]) -> bool {
    records.iter().rev().find_map(|record| record.turn_of(service)) == Some((true, false))
}

/// The record of a step that was done although the run had ended, with the reason why it had.
pub(super) fn told(record: StepRecord, ended: &str) -> StepRecord {
    let again = "this run had stopped it, so it was started again";
    let message = match record.message {
        None => format!("{ended}; {again}"),
        Some(message) => message,
    };
    StepRecord { message: Some(message), ..record }
}
