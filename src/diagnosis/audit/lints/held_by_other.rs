//! Somebody else listens on the port while its service is down: a container, a program behind HTTP.sys, a process, another service.

use super::{FixedPort, Likelihood, Risk, RiskKind, Scene, is_down, port_name, risk};
use crate::diagnosis::judge::in_the_way;
use crate::diagnosis::owner::owners_of_socket;
use crate::diagnosis::{Owner, OwnerKind, holder_name};
use crate::machine::{KnownFrom, Socket};

pub(super) fn lint(scene: &Scene<'_>, port: &FixedPort<'_>) -> Option<Risk> {
    let own = port.service?;
    if !is_down(port) || scene.is_held(port) || port.known_from == KnownFrom::Catalogue && !own.is_failing() {
        return None;
    }
    let snapshot = scene.snapshot;
    let blocks = |socket: &&Socket| socket.is_listener() && in_the_way(socket, port.address);
    let holder =
        snapshot.sockets_on(port.port, port.protocol).filter(blocks).flat_map(|socket| owners_of_socket(snapshot, socket));
    let holder = holder.into_iter().next()?;
    if is_told_elsewhere(scene, port, &holder) {
        return None;
    }
    let name = holder_name(snapshot, &holder);
    let (likelihood, state) = match (own.is_failing(), port.starts_by_itself()) {
        (_, false) => (Likelihood::Possible, "does not start with the computer"),
        (true, true) => (Likelihood::Certain, "does not run"),
        (false, true) => (Likelihood::Likely, "is stopped"),
    };
    let why = format!(
        "{} needs {} (from {}) and {state}; {name} listens there{}.",
        port.name,
        port_name(port),
        port.known_from.as_str(),
        what(&holder)
    );
    Some(Risk { rival: Some(name), ..risk(port, RiskKind::HeldByOther, likelihood, why) })
}

/// Two services that are both set up for the port are a risk of their own, and so is a portproxy rule.
fn is_told_elsewhere(scene: &Scene<'_>, port: &FixedPort<'_>, holder: &Owner) -> bool {
    let set_up = |other: &FixedPort<'_>| {
        (other.port, other.protocol) == (port.port, port.protocol)
            && other.service.is_some_and(|service| Some(&service.name) == holder.service.as_ref())
    };
    holder.kind == OwnerKind::Portproxy || scene.ports.iter().any(set_up)
}

const fn what(holder: &Owner) -> &'static str {
    match holder.kind {
        OwnerKind::Container => " and publishes it for a container",
        OwnerKind::HttpSys => ", through HTTP.sys",
        OwnerKind::SocketUnit => ", for a socket unit",
        _ => "",
    }
}
