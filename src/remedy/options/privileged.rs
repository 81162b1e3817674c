//! The service lacks the right to a low port: it gets the right, or another port.

use super::move_port;
use crate::machine::ServiceKind;
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;
use crate::remedy::{FixOption, Operation};

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let first = allow(planner).or_else(|| already_allowed(planner)).unwrap_or_else(|| by_hand(planner));
    std::iter::once(first).chain(move_port::option(planner)).collect()
}

/// Gives the unit the one right, and nothing more.
fn allow(planner: &Planner<'_>) -> Option<FixOption> {
    let service =
        planner.service.filter(|service| service.kind == ServiceKind::Unit && service.may_bind_low_ports != Some(true))?;
    let start = planner.start()?;
    let name = planner.server();
    // The right alone does not help where somebody has the port as well.
    let eviction = evict(planner, &planner.diagnosis.owners);
    if !eviction.by_hand.is_empty() {
        return None;
    }
    let interrupts = if eviction.steps.is_empty() { "Nothing".to_owned() } else { eviction.who() };
    let allow = planner.step(Operation::AllowLowPort { service: service.name.clone() });
    let steps = eviction.steps.into_iter().chain([allow, start]).collect();
    let effect =
        "The unit gets the right CAP_NET_BIND_SERVICE and no other, by a drop-in of its own. Updates of the package keep it.";
    Some(planner.option(format!("Give {name} the right to low ports, then start it"), effect.to_owned(), steps, interrupts))
}

/// The right is there by now: a start shows whether that was all.
fn already_allowed(planner: &Planner<'_>) -> Option<FixOption> {
    planner.service.filter(|service| service.may_bind_low_ports == Some(true))?;
    let start = planner.start()?;
    let effect = "The unit has the right now, so the log may be older than that. A start shows it.";
    Some(planner.option(format!("Start {}", planner.server()), effect.to_owned(), vec![start], "Nothing".to_owned()))
}

fn by_hand(planner: &Planner<'_>) -> FixOption {
    let mut instructions = vec![
        "For a systemd unit: systemctl edit UNIT, and write [Service] and AmbientCapabilities=CAP_NET_BIND_SERVICE".to_owned(),
        "For a program of its own: setcap cap_net_bind_service=+ep FILE".to_owned(),
    ];
    if let Some(port) = planner.diagnosis.port {
        instructions.push(format!("Or let every program have it: sysctl -w net.ipv4.ip_unprivileged_port_start={port}"));
    }
    instructions.extend(planner.start_by_hand());
    planner.by_hand(
        "Give the program the right to low ports".to_owned(),
        "The first way gives the right to one program, the last one to all.".to_owned(),
        instructions,
        "Nothing",
    )
}
