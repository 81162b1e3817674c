//! The service stands in its own way: its old process goes, then it starts.

use crate::diagnosis::OwnerKind;
use crate::machine::ServiceState;
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;
use crate::remedy::{FixOption, Operation};

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let mut options = Vec::new();
    let own = |unit: &str| planner.service.is_some_and(|service| service.name == unit);
    let inside = planner.diagnosis.owners.iter().any(|owner| owner.service.as_deref().is_some_and(own));
    // Only a unit that systemd still counts as active takes its processes down with it.
    let active = planner.service.is_some_and(|service| {
        matches!(service.state, ServiceState::Starting | ServiceState::Restarting | ServiceState::Stopping)
    });
    if inside && active && planner.can_start() {
        options.extend(restart(planner));
    }
    options.extend(end_old(planner));
    if options.is_empty() {
        options.push(super::unknown::by_hand(planner, &evict(planner, &planner.diagnosis.owners)));
    }
    options
}

fn restart(planner: &Planner<'_>) -> Option<FixOption> {
    let service = planner.service?;
    let name = planner.server();
    let restart = planner.step(Operation::RestartService { service: service.name.clone() });
    let effect = if planner.is_linux() {
        "systemd stops every process of the unit, the old ones too, and starts it anew."
    } else {
        "Windows stops the service with its process, and starts it anew."
    };
    // A restart frees the port and takes it at once, so only Linux can exclude it beforehand.
    let exclusion = planner.exclusion().filter(|_| planner.is_linux());
    let steps = exclusion.into_iter().chain([restart]).collect();
    Some(planner.option(format!("Restart {name}"), effect.to_owned(), steps, name))
}

/// Ends the processes themselves: stopping the unit would not reach those of an earlier start.
fn end_old(planner: &Planner<'_>) -> Option<FixOption> {
    let mut owners = planner.diagnosis.owners.clone();
    for owner in &mut owners {
        if matches!(owner.kind, OwnerKind::Unit | OwnerKind::Service) {
            owner.kind = OwnerKind::Process;
        }
    }
    let eviction = evict(planner, &owners);
    if !eviction.is_automatic() {
        return None;
    }
    let who = eviction.who();
    let keep = planner.exclusion().into_iter().collect();
    let steps = planner.then_start(planner.in_order(keep, eviction.steps));
    let effect = "Frees the port. What the old instance was still doing is lost.";
    Some(planner.option(format!("End the old instance{}", planner.and_start()), effect.to_owned(), steps, who))
}
