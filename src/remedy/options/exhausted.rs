//! No port is left for clients: more ports, or less use.

use crate::diagnosis::wording::span;
use crate::diagnosis::{Owner, OwnerKind};
use crate::machine::{Port, PortRange, Service, Socket, SocketState, TimeWaitReuse};
use crate::remedy::planner::Planner;
use crate::remedy::{FixOption, Operation, Step};

/// The last port there is.
const LAST_PORT: u16 = 65535;

/// Where the dynamic range of Linux starts: below lie the ports of most servers.
const WIDER_START_OF_WINDOWS: u16 = 32768;

/// More connections than this are not closed one by one.
const MOST_CLOSED: usize = 32;

/// How many ports of listeners are named.
const MOST_NAMED: usize = 5;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let gentle = widen(planner).into_iter().chain(close_idle(planner)).chain(restart_top(planner));
    let mut options: Vec<FixOption> = gentle.collect();
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
    let within = listeners_within(planner, now, wider);
    let limits =
        if planner.is_linux() { "" } else { " Windows takes no range below port 1025, nor one of fewer than 255 ports." };
    Some(planner.option(
        format!("Widen the dynamic range to {}{and_start}", span(wider)),
        format!(
            "{more} more ports for outgoing connections, at once. It gains time only: what uses them up may use these up too.{limits}{within}"
        ),
        steps,
        "Nothing".to_owned(),
    ))
}

/// Whose ports clients could be given then; an exclusion keeps them.
fn listeners_within(planner: &Planner<'_>, now: PortRange, wider: PortRange) -> String {
    let is_new = |port: Port| wider.contains(port) && !now.contains(port);
    let listens = |socket: &&Socket| socket.is_listener() && socket.protocol == planner.protocol();
    let mut ports: Vec<Port> = planner
        .snapshot
        .sockets
        .iter()
        .filter(listens)
        .map(|socket| socket.local.port())
        .chain(planner.snapshot.services.iter().flat_map(|service| &service.ports).map(|own| own.port))
        .filter(|port| is_new(*port))
        .collect();
    ports.sort_unstable();
    ports.dedup();
    let named: Vec<String> = ports.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    match (ports.len(), named.join(", ")) {
        (0, _) => String::new(),
        (1, named) => {
            format!(
                " Port {named} of a server lies in it then, and a client could be given it: portmedic exclude {named} keeps it."
            )
        }
        (count, named) if count <= MOST_NAMED => {
            format!(
                " Ports {named} of servers lie in it then, and clients could be given them: portmedic audit --fix keeps them."
            )
        }
        (count, named) => {
            format!(
                " {count} ports of servers lie in it then ({named} …), and clients could be given them: portmedic audit --fix keeps them."
            )
        }
    }
}

/// Closes the connections of the one with the most ports that the far end has closed already. Windows closes those of IPv4 only.
fn close_idle(planner: &Planner<'_>) -> Option<FixOption> {
    let owner = planner.diagnosis.owners.first().filter(|owner| owner.protected.is_none())?;
    let pid = owner.pid?;
    let is_idle = |socket: &&Socket| {
        socket.state == SocketState::CloseWait && *socket.pids == [pid] && (planner.is_linux() || socket.local.is_ipv4())
    };
    let close = |socket: &Socket| {
        let (protocol, local, cookie) = (socket.protocol, socket.local, socket.cookie);
        Some(planner.step(Operation::CloseConnection { protocol, local, remote: socket.remote?, cookie }))
    };
    let idle = planner.snapshot.sockets.iter().filter(is_idle);
    let steps: Vec<Step> = idle.filter_map(close).take(MOST_CLOSED + 1).collect();
    if steps.is_empty() || steps.len() > MOST_CLOSED {
        return None;
    }
    let (count, who) = (steps.len(), planner.holder());
    Some(planner.option(
        format!("Close the {count} idle connections of {who}"),
        format!("Their far ends have closed them already, so nobody uses them. {who} goes on, and may leave others behind."),
        steps,
        format!("{count} idle connections"),
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
    let mut instructions = vec![
        "Find who opens so many connections, and how fast: portmedic exhaustion --watch".to_owned(),
        "Let that program keep connections open and reuse them".to_owned(),
    ];
    instructions.push(if planner.is_linux() {
        time_wait_on_linux(planner)
    } else {
        "Where many are bound without a connection, the program leaks them: install its update, or tell its maker".to_owned()
    });
    planner.by_hand(
        "Let the program reuse its connections".to_owned(),
        format!("The lasting answer: fewer, longer connections (a connection pool, HTTP keep-alive).{wsl}"),
        instructions,
        "Nothing",
    )
}

/// What `tcp_tw_reuse` does by `Documentation/networking/ip-sysctl.rst`; `tcp_fin_timeout` does not shorten `TIME_WAIT`, whatever is said.
fn time_wait_on_linux(planner: &Planner<'_>) -> String {
    match planner.snapshot.load.time_wait_reuse {
        Some(TimeWaitReuse::Always) => {
            "Outgoing connections reuse ports in TIME_WAIT already (net.ipv4.tcp_tw_reuse is 1); tcp_fin_timeout does not shorten TIME_WAIT"
        }
        _ => {
            "Where many rest in TIME_WAIT: sysctl -w net.ipv4.tcp_tw_reuse=1 lets outgoing connections reuse their ports after a second; \
             tcp_fin_timeout does not shorten TIME_WAIT"
        }
    }
    .to_owned()
}
