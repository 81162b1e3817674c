//! No port is left for clients: more ports, or less use.

use crate::diagnosis::{Owner, OwnerKind};
use crate::machine::{PortRange, Service};
use crate::remedy::planner::Planner;
use crate::remedy::step::span;
use crate::remedy::{FixOption, Operation, Step};

/// The last port there is.
const LAST_PORT: u16 = 65535;

/// Where the dynamic range of Linux starts: below lie the ports of most servers.
const WIDER_START_OF_WINDOWS: u16 = 32768;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let mut options: Vec<FixOption> = widen(planner).into_iter().chain(restart_top(planner)).collect();
    options.push(use_less(planner));
    options
}

/// The usual range where it is narrower, else up to the last port: below are the ports of servers.
fn widen(planner: &Planner<'_>) -> Option<FixOption> {
    let now = planner.dynamic_range()?;
    let usual = planner.usual_ports()?;
    let usual = PortRange::new(now.start().min(usual.start()), now.end().max(usual.end())).ok()?;
    // The usual range of Windows reaches up to the last port already.
    let first = if planner.is_linux() { usual.start() } else { usual.start().min(WIDER_START_OF_WINDOWS) };
    let widest = PortRange::new(first, LAST_PORT).ok()?;
    let wider = [usual, widest].into_iter().find(|range| range.count() > now.count())?;
    if !planner.may_set_range(wider) {
        return None;
    }
    let (steps, and_start) = with_start(planner, planner.set_range(wider));
    let more = wider.count() - now.count();
    Some(planner.option(
        format!("Widen the dynamic range to {}{and_start}", span(wider)),
        format!("{more} more ports for outgoing connections, at once. What uses them up may use these up too."),
        steps,
        "Nothing".to_owned(),
    ))
}

/// Whoever holds the most ports lets go of them when it starts anew.
fn restart_top(planner: &Planner<'_>) -> Option<FixOption> {
    let owner = planner.diagnosis.owners.first().filter(|owner| is_a_service(owner))?;
    let unit = owner.service.clone().filter(|unit| planner.may_stop(unit))?;
    let who = planner.holder();
    let is_the_failing_one = planner.service.is_some_and(|service| service.name == unit);
    let restart = vec![planner.step(Operation::RestartService { service: unit })];
    let (steps, and_start) = if is_the_failing_one { (restart, String::new()) } else { with_start(planner, restart) };
    let effect = format!("{who} holds the most ports and gives them back. Its connections break, and it may use them up again.");
    Some(planner.option(format!("Restart {who}{and_start}"), effect, steps, who))
}

/// Starts what failed for want of a port once there are some again. What runs is left alone: it asks again by itself.
fn with_start(planner: &Planner<'_>, steps: Vec<Step>) -> (Vec<Step>, String) {
    if planner.service.is_some_and(Service::is_failing) {
        (planner.then_start(steps), planner.and_start())
    } else {
        (steps, String::new())
    }
}

/// Whether a service manager can start it anew. The process of a Windows service may be `svchost.exe`, which is protected, and the service
/// is not.
fn is_a_service(owner: &Owner) -> bool {
    match owner.kind {
        OwnerKind::Unit => owner.protected.is_none(),
        OwnerKind::Service => true,
        _ => false,
    }
}

fn use_less(planner: &Planner<'_>) -> FixOption {
    let wsl = planner.why_no_range();
    planner.by_hand(
        "Let the program reuse its connections".to_owned(),
        format!("The lasting answer: fewer, longer connections (a connection pool, HTTP keep-alive).{wsl}"),
        vec![
            "Find who opens so many connections: portmedic ports".to_owned(),
            "Let that program keep connections open and reuse them".to_owned(),
            if planner.is_linux() {
                "Where many rest in TIME_WAIT: sysctl -w net.ipv4.tcp_tw_reuse=1 lets new ones reuse their ports"
            } else {
                "Where many are bound without a connection, the program leaks them: install its update, or tell its maker"
            }
            .to_owned(),
        ],
        "Nothing",
    )
}
