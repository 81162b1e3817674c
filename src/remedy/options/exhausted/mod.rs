//! No port is left for clients: who uses them up gives them back, or there are more of them.

mod widen;

use crate::diagnosis::{Owner, OwnerKind};
use crate::machine::{Service, Socket, SocketState, TimeWaitReuse};
use crate::remedy::planner::{Planner, held_by};
use crate::remedy::{FixOption, Operation, Step};

/// More connections than this are not closed one by one.
const MOST_CLOSED: usize = 32;

const MAY_LEAK_AGAIN: &str = "It may use the ports up again: where it leaks, only its makers can mend that.";

/// Where one program uses the ports up, what frees them comes first: more ports only gain time. Where nobody stands out, nobody is
/// interrupted before there are more.
pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let widen = if planner.diagnosis.lack.on_server_port { None } else { widen::option(planner) };
    let (close, restart) = (close_idle(planner), restart(planner));
    let in_order = match (stands_out(planner), &restart, &close) {
        (true, None, None) => [start_anew(planner), widen, None],
        (true, ..) => [restart, close, widen],
        (false, ..) => [widen, close, restart],
    };
    in_order.into_iter().flatten().chain([use_less(planner)]).collect()
}

fn stands_out(planner: &Planner<'_>) -> bool {
    planner.diagnosis.lack.culprit.is_some()
}

/// Who stands out, else who has the most.
fn top<'a>(planner: &Planner<'a>) -> Option<&'a Owner> {
    let owners = &planner.diagnosis.owners;
    match planner.diagnosis.lack.culprit {
        Some(pid) => owners.iter().find(|owner| owner.pid == Some(pid)),
        None => owners.first(),
    }
}

/// Closes the connections of the one with the most ports that the far end has closed already. Windows closes those of IPv4 only.
fn close_idle(planner: &Planner<'_>) -> Option<FixOption> {
    let owner = top(planner).filter(|owner| owner.protected.is_none())?;
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
    let (count, who) = (steps.len(), held_by(planner.snapshot, owner));
    let (steps, and_start) = with_start(planner, steps);
    Some(planner.option(
        format!("Close the {count} idle connections of {who}{and_start}"),
        format!("Their far ends have closed them already, so nobody uses them. {who} goes on, and may leave others behind."),
        steps,
        format!("{count} idle connections"),
    ))
}

/// Whoever uses up the ports lets go of them when it starts anew.
fn restart(planner: &Planner<'_>) -> Option<FixOption> {
    let owner = top(planner).filter(|owner| is_a_service(owner))?;
    let unit = owner.service.clone().filter(|unit| planner.may_stop(unit))?;
    let who = held_by(planner.snapshot, owner);
    let is_the_failing_one = planner.service.is_some_and(|service| service.name == unit);
    let restart = vec![planner.step(Operation::RestartService { service: unit })];
    let (steps, and_start) = if is_the_failing_one { (restart, String::new()) } else { with_start(planner, restart) };
    let has = if stands_out(planner) { "" } else { " has the most ports. It" };
    let effect = format!(
        "{who}{has} closes all its sockets and so gives its ports back. Whoever uses {who} is interrupted, since its connections break. \
         {MAY_LEAK_AGAIN}"
    );
    Some(planner.option(format!("Restart {who}{and_start}"), effect, steps, who))
}

/// The same for a program that nobody but its users can start again.
fn start_anew(planner: &Planner<'_>) -> Option<FixOption> {
    let owner = top(planner).filter(|owner| owner.kind == OwnerKind::Process && owner.protected.is_none())?;
    let who = held_by(planner.snapshot, owner);
    Some(planner.by_hand(
        format!("Restart {who} by hand"),
        format!("{who} closes all its sockets and so gives its ports back. {MAY_LEAK_AGAIN}"),
        vec![
            format!("End {who} the way its users do, and start it again; which way that is, PortMedic cannot know"),
            "Look again: portmedic exhaustion".to_owned(),
        ],
        &who,
    ))
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
