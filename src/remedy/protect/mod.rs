//! What helps against the risks of the audit: one plan for all that keeping ports from clients solves, and for each risk its own fix.

mod by_hand;
mod linux;
mod option;
mod windows;

use super::step::single_step;
use super::{FixOption, Operation, Step};
use crate::diagnosis::audit::{Risk, RiskKind};
use crate::machine::{Port, Protocol, Snapshot, System};

/// What helps against the risks of one audit.
#[derive(Debug, Clone)]
pub struct Protection {
    /// One plan for all that PortMedic can keep from clients; `None` where there is no such risk, or none that it could solve.
    pub option: Option<FixOption>,
    /// What helps against each risk, in their order.
    pub fixes: Vec<RiskFix>,
}

/// What helps against one risk.
#[derive(Debug, Clone)]
pub struct RiskFix {
    /// The step: one of the plan, one of its own, or words for a person.
    pub step: Step,
    /// Whether the plan does it.
    pub in_plan: bool,
}

/// The steps of the plan while it is made.
#[derive(Debug, Default)]
struct Draft {
    steps: Vec<Step>,
    /// Who stops for a moment, by name.
    interrupted: Vec<String>,
    /// Ports that the plan leaves alone, and what a person does about each.
    left: Vec<(Port, Protocol, Vec<String>)>,
}

/// The plan against `risks`, and what helps against each of them. `dependants` tells which services stop along with one, in that order
/// (Windows): the plan starts them again after it.
pub fn protect(snapshot: &Snapshot, risks: &[Risk], dependants: &dyn Fn(&str) -> Vec<String>) -> Protection {
    let exposed: Vec<&Risk> = risks.iter().filter(|risk| risk.kind.is_solved_by_exclusion()).collect();
    let draft = match snapshot.host.system {
        System::Linux => linux::draft(snapshot, &exposed),
        System::Windows => windows::draft(snapshot, &exposed, dependants),
    };
    let fixes = risks.iter().map(|risk| fix(snapshot, risk, &draft)).collect();
    Protection { option: option::option(snapshot, draft), fixes }
}

/// What helps against one risk.
fn fix(snapshot: &Snapshot, risk: &Risk, draft: &Draft) -> RiskFix {
    let alone = |operation: Operation| RiskFix { step: single_step(operation, snapshot), in_plan: false };
    if let Some(step) = draft.steps.iter().find(|step| solves(&step.operation, risk)) {
        return RiskFix { step: step.clone(), in_plan: true };
    }
    let service = snapshot.service(&risk.service).filter(|service| !service.user_manager && snapshot.host.service_manager);
    match (risk.kind, &risk.rule, service) {
        (RiskKind::Portproxy, Some(rule), _) => alone(Operation::DeletePortproxy { rule: rule.clone() }),
        (RiskKind::LowPort, _, Some(service)) => alone(Operation::AllowLowPort { service: service.name.clone() }),
        _ => {
            let left = draft.left.iter().find(|(port, protocol, _)| (*port, *protocol) == (risk.port, risk.protocol));
            let instructions =
                left.filter(|_| risk.kind.is_solved_by_exclusion()).map(|(_, _, instructions)| instructions.clone());
            alone(Operation::Manual { instructions: instructions.unwrap_or_else(|| by_hand::instructions(snapshot, risk)) })
        }
    }
}

/// Whether an operation of the plan solves the risk.
fn solves(operation: &Operation, risk: &Risk) -> bool {
    let is_for = |protocol: &Option<Protocol>| protocol.is_none_or(|own| own == risk.protocol);
    match operation {
        Operation::AddExclusion { range, protocol, .. } => {
            is_for(protocol) && range.contains(risk.port) && risk.kind.is_solved_by_exclusion()
        }
        Operation::RestartWinnat { range, protocol } => {
            *protocol == risk.protocol && range.contains(risk.port) && risk.kind.is_solved_by_exclusion()
        }
        Operation::SetDynamicRange { range, protocol, .. } => {
            let lies_in_range = risk.kind.is_solved_by_exclusion() && risk.kind != RiskKind::ReservedBlock;
            is_for(protocol) && !range.contains(risk.port) && lies_in_range
        }
        _ => false,
    }
}
