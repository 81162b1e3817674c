//! No port is left for clients: more ports, or less use.

use crate::diagnosis::OwnerKind;
use crate::machine::{PortRange, Store};
use crate::remedy::planner::{Planner, USUAL_RANGE};
use crate::remedy::step::span;
use crate::remedy::{FixOption, Operation};

/// The last port there is.
const LAST_PORT: u16 = 65535;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let mut options: Vec<FixOption> = widen(planner).into_iter().chain(restart_top(planner)).collect();
    options.push(use_less(planner));
    options
}

/// The usual range where it is narrower, else up to the last port: below are the ports of servers.
fn widen(planner: &Planner<'_>) -> Option<FixOption> {
    let now = planner.snapshot.dynamic_ranges.iter().find(|range| range.store == Store::Active)?.range;
    let usual = PortRange::new(now.start().min(USUAL_RANGE.0), now.end().max(USUAL_RANGE.1)).ok()?;
    let widest = PortRange::new(usual.start(), LAST_PORT).ok()?;
    let wider = [usual, widest].into_iter().find(|range| range.count() > now.count())?;
    if !planner.may_set_range(wider) {
        return None;
    }
    let steps = vec![planner.set_range(wider)];
    let more = wider.count() - now.count();
    Some(planner.option(
        format!("Widen the dynamic range to {}", span(wider)),
        format!("{more} more ports for outgoing connections, at once. What uses them up may use these up too."),
        steps,
        "Nothing".to_owned(),
    ))
}

/// Whoever holds the most ports lets go of them when it starts anew.
fn restart_top(planner: &Planner<'_>) -> Option<FixOption> {
    let owner = planner.diagnosis.owners.first().filter(|owner| owner.kind == OwnerKind::Unit && owner.protected.is_none())?;
    let unit = owner.service.clone().filter(|unit| planner.may_stop(unit))?;
    let who = planner.holder();
    let steps = vec![planner.step(Operation::RestartService { service: unit })];
    let effect = format!("{who} holds the most ports and gives them back. Its connections break, and it may use them up again.");
    Some(planner.option(format!("Restart {who}"), effect, steps, who))
}

fn use_less(planner: &Planner<'_>) -> FixOption {
    let wsl = planner.why_no_range();
    planner.by_hand(
        "Let the program reuse its connections".to_owned(),
        format!("The lasting answer: fewer, longer connections (a connection pool, HTTP keep-alive).{wsl}"),
        vec![
            "Find who opens so many connections: portmedic ports".to_owned(),
            "Let that program keep connections open and reuse them".to_owned(),
            "Where many rest in TIME_WAIT: sysctl -w net.ipv4.tcp_tw_reuse=1 lets new ones reuse their ports".to_owned(),
        ],
        "Nothing",
    )
}
