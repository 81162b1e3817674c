//! A client sits on the port: close its connection, and keep the port from the next client.

use std::collections::BTreeSet;

use super::held_by_windows;
use crate::diagnosis::{Owner, OwnerKind};
use crate::machine::SocketState;
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;
use crate::remedy::{FixOption, Operation, Step};

/// More connections than this are not closed one by one.
const MAX_CONNECTIONS: usize = 32;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let mut options = Vec::new();
    let closing = close_all(planner);
    let around = around_the_holder(planner);
    if let Some(steps) = &closing {
        options.push(close(planner, steps.clone()));
    }
    options.extend(around);
    // Where the exclusion leaves no port to hand out, the first option moves the range already.
    if let (Some(steps), Some(range), 1) = (closing, planner.usual_range(), planner.keep().len()) {
        options.push(move_range(planner, range, steps));
    }
    options.extend(end_process(planner));
    if options.is_empty() && held_by_windows::is_cause(planner) {
        return held_by_windows::options(planner);
    }
    if options.is_empty() {
        options.push(super::unknown::by_hand(planner, &evict(planner, &planner.diagnosis.owners)));
    }
    options
}

/// Closes every connection on the port. None where something else than a connection is in the way as well, there are too many, or one
/// belongs to a process that the computer or the session needs.
pub(super) fn close_all(planner: &Planner<'_>) -> Option<Vec<Step>> {
    let owners = &planner.diagnosis.owners;
    // Windows closes connections of IPv4 only, and none that are over already.
    let can_close = |owner: &Owner| {
        if planner.is_linux() {
            owner.state.is_connected() || owner.state.is_closing()
        } else {
            owner.state.is_connected() && owner.local.is_ipv4()
        }
    };
    let is_connection = |owner: &Owner| owner.remote.is_some() && can_close(owner);
    if owners.is_empty() || !owners.iter().all(|owner| is_connection(owner) && owner.protected.is_none()) {
        return None;
    }
    let mut seen = BTreeSet::new();
    let mut steps = Vec::new();
    for owner in owners {
        let Some(remote) = owner.remote else { continue };
        if seen.insert((owner.local, remote)) {
            let cookie = planner
                .snapshot
                .sockets_on(owner.local.port(), owner.protocol)
                .find(|socket| socket.local == owner.local && socket.remote == Some(remote))
                .and_then(|socket| socket.cookie);
            let operation = Operation::CloseConnection { protocol: owner.protocol, local: owner.local, remote, cookie };
            steps.push(planner.step(operation));
        }
    }
    (steps.len() <= MAX_CONNECTIONS).then_some(steps)
}

/// `the connection` or `the 3 connections`.
pub(super) fn connections(count: usize) -> String {
    match count {
        1 => "the connection".to_owned(),
        count => format!("the {count} connections"),
    }
}

fn interrupted(count: usize) -> String {
    match count {
        1 => "One connection".to_owned(),
        count => format!("{count} connections"),
    }
}

/// Close and keep.
fn close(planner: &Planner<'_>, closing: Vec<Step>) -> FixOption {
    let (what, count) = (connections(closing.len()), closing.len());
    let keep = planner.keep();
    let lasts = match keep.len() {
        0 if planner.is_at_risk() => "Frees the port now; a client can take it again.".to_owned(),
        0 if may_be_by_number(planner) => {
            let and_else = "A program that asked for the port by number keeps it without a connection, and has to be stopped.";
            format!("Frees the port now if the range was another one when the connection began. {and_else}")
        }
        0 => "Frees the port now.".to_owned(),
        1 => format!("Frees the port now and keeps {} from handing it out again.", planner.kernel()),
        _ => "Frees the port now and keeps it. The range moves too, because it has no other port to hand out.".to_owned(),
    };
    let why = if planner.is_at_risk() { planner.why_no_range() } else { "" };
    let effect = format!("{lasts} Most programs connect again by themselves, from another port.{why}");
    let title = format!("Close {what}{}{}", planner.and_keep(), planner.and_start());
    let steps = planner.then_start(planner.in_order(keep, closing));
    planner.option(title, effect, steps, interrupted(count))
}

/// Takes the holder out of the way while the service takes its port, and brings it back afterwards.
pub(super) fn around_the_holder(planner: &Planner<'_>) -> Option<FixOption> {
    let eviction = evict(planner, &planner.diagnosis.owners);
    if !eviction.is_automatic() || eviction.ends_process {
        return None;
    }
    let who = eviction.who();
    let keep = planner.keep();
    let kept = !keep.is_empty() || !planner.is_at_risk();
    let mut steps = planner.then_start(planner.in_order(keep, eviction.steps));
    if !kept && !planner.can_start() {
        // Nothing would keep the holder from the port once it runs again.
        let effect = format!("Frees the port. {who} stays stopped until somebody starts it.");
        return Some(planner.option(format!("Stop {who}"), effect, steps, who));
    }
    steps.extend(eviction.units.into_iter().map(|service| planner.step(Operation::StartService { service })));
    let title = match planner.wanted().filter(|_| planner.can_start()) {
        Some(name) => format!("Stop {who}, start {name}, start {who} again"),
        None => format!("Stop {who}{} and start it again", planner.and_keep().replacen(" and", ",", 1)),
    };
    let ipv6 = planner.diagnosis.owners.iter().any(|owner| owner.remote.is_some() && owner.local.is_ipv6());
    let why = if ipv6 && !planner.is_linux() {
        " Windows can close single connections of IPv4 only, and this one is of IPv6."
    } else {
        ""
    };
    let effect = format!("{who} is away for a moment and comes back with another port. All its connections break.{why}");
    Some(planner.option(title, effect, steps, who))
}

/// Whether the client may have asked for this very port. Linux takes a connection from such a socket and leaves it bound; one that got its
/// port by chance gives it back.
fn may_be_by_number(planner: &Planner<'_>) -> bool {
    let Some(range) = planner.dynamic_range().filter(|range| planner.is_linux() && !range.contains(planner.port())) else {
        return false;
    };
    // A far end with a port of clients called a listener here: the kernel gave this end its port.
    planner.diagnosis.owners.iter().all(|owner| owner.remote.is_some_and(|remote| !range.contains(remote.port())))
}

/// Fixes the cause for every port: clients get ports from the usual range again.
fn move_range(planner: &Planner<'_>, range: Vec<Step>, closing: Vec<Step>) -> FixOption {
    let count = closing.len();
    let steps = planner.then_start(range.into_iter().chain(closing).collect());
    let effect = "Fixes the cause for every fixed port below that range. Open connections keep their ports until they end.";
    planner.option(
        format!("Move the dynamic range back and close {}{}", connections(count), planner.and_start()),
        effect.to_owned(),
        steps,
        interrupted(count),
    )
}

/// The last resort for a program that no service manager looks after.
pub(super) fn end_process(planner: &Planner<'_>) -> Option<FixOption> {
    let owners = &planner.diagnosis.owners;
    let plain =
        |owner: &Owner| matches!(owner.kind, OwnerKind::Process | OwnerKind::Kernel) || owner.state == SocketState::TimeWait;
    if !owners.iter().all(plain) {
        return None;
    }
    let eviction = evict(planner, owners);
    if !eviction.is_automatic() {
        return None;
    }
    let who = eviction.who();
    let steps = planner.then_start(planner.in_order(planner.keep(), eviction.steps));
    let effect = format!("The last resort: unsaved work of {who} is lost, and whoever started it may start it again.");
    Some(planner.option(format!("End {who}{}", planner.and_start()), effect, steps, who))
}
