//! Two services that are set up for the same port: both cannot have it.

use std::net::IpAddr;

use super::{FixedPort, Likelihood, Risk, RiskKind, Scene, port_name, risk};
use crate::diagnosis::owner::windows::IP_HELPER;
use crate::machine::{KnownFrom, Service};

pub(super) fn lint(scene: &Scene<'_>, port: &FixedPort<'_>) -> Option<Risk> {
    let own = port.service?;
    let (other, overlap) = scene
        .ports
        .iter()
        .filter(|other| (other.port, other.protocol) == (port.port, port.protocol))
        .filter_map(|other| Some((other, overlap(port.address, other.address)?)))
        .find(|(other, _)| other.service.is_some_and(|service| is_rival(own, service)))?;
    let both_listen = scene.is_held(port) && scene.is_held(other);
    let both_idle = !port.starts_by_itself() && !other.starts_by_itself();
    // What a portproxy rule does is told as the rule's.
    let is_rule = |port: &FixedPort<'_>| port.service_name().eq_ignore_ascii_case(IP_HELPER);
    if is_rule(port) || is_rule(other) {
        return None;
    }
    // A pair is told once: of the one that has to give way, and of two alike of the later one.
    if both_listen || both_idle || gives_way(scene, port) < gives_way(scene, other) {
        return None;
    }
    if gives_way(scene, port) == gives_way(scene, other) && port.service_name() < other.service_name() {
        return None;
    }
    let lost =
        own.is_failing() && scene.is_held(other) && own.failure.as_ref().is_some_and(|failure| failure.port == Some(port.port));
    let is_guess = [port, other].iter().any(|port| port.known_from == KnownFrom::Catalogue);
    let both_start = port.starts_by_itself() && other.starts_by_itself();
    let (likelihood, when) = match (both_start, overlap) {
        _ if lost => (Likelihood::Certain, "The second one has it now, and the first one does not run because of that."),
        _ if is_guess => (Likelihood::Possible, "It is the usual port of one of them; its own setting was not seen."),
        (true, Overlap::Sure) => {
            (Likelihood::Certain, "Both start with the computer: the quicker one gets it, and the other one fails.")
        }
        (true, Overlap::NotTold) => (
            Likelihood::Likely,
            "Both start with the computer: the quicker one gets it, and the other one fails, unless each asks for an address of its own.",
        ),
        (true, Overlap::Unsure) => {
            (Likelihood::Possible, "One asks over IPv6: whether it takes IPv4 as well, its program decides.")
        }
        (false, _) => {
            (Likelihood::Possible, "Only one of them starts with the computer: the other one fails when somebody starts it.")
        }
    };
    let why = format!(
        "{} ({}) and {} ({}) are set up for the same {}. {when}",
        port.name,
        known(port),
        other.name,
        known(other),
        port_name(port)
    );
    Some(Risk { rival: Some(other.service_name()), ..risk(port, RiskKind::SamePort, likelihood, why) })
}

/// Where the port is known from; a line of a log would say more than fits here.
fn known(port: &FixedPort<'_>) -> String {
    if port.known_from == KnownFrom::Log { "from its log".to_owned() } else { port.source.clone() }
}

/// Whether both are services of their own: not one that starts the other, and not two guesses about instances of one product.
fn is_rival(own: &Service, other: &Service) -> bool {
    let linked = own.linked.contains(&other.name) || other.linked.contains(&own.name);
    let instances = own.product.is_some() && own.product == other.product && (guessed(own) || guessed(other));
    own.name != other.name && !linked && !instances
}

fn guessed(service: &Service) -> bool {
    service.ports.iter().all(|port| port.known_from == KnownFrom::Catalogue)
}

/// Who is more likely the one to change: one that does not have the port now, then one that does not start with the computer.
fn gives_way(scene: &Scene<'_>, port: &FixedPort<'_>) -> (bool, bool) {
    (!scene.is_held(port), !port.starts_by_itself())
}

/// How sure it is that two addresses meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overlap {
    Sure,
    /// They do where both ask for every address, as most do: of one at least it is not told.
    NotTold,
    Unsure,
}

/// Whether two listeners meet; `None` stands for every address, or for one that is not told.
fn overlap(one: Option<IpAddr>, other: Option<IpAddr>) -> Option<Overlap> {
    let (Some(one), Some(other)) = (one, other) else { return Some(Overlap::NotTold) };
    let (one, other) = (one.to_canonical(), other.to_canonical());
    let wild_v6 = |address: IpAddr| address.is_ipv6() && address.is_unspecified();
    if one.is_ipv4() == other.is_ipv4() {
        (one == other || one.is_unspecified() || other.is_unspecified()).then_some(Overlap::Sure)
    } else {
        (wild_v6(one) || wild_v6(other)).then_some(Overlap::Unsure)
    }
}

#[cfg(test)]
mod tests {
    use super::{Overlap, overlap};

    #[test]
    fn addresses_meet_as_sockets_do() {
        let address = |text: &str| (text != "*").then(|| text.parse().unwrap());
        for (one, other, expected) in [
            ("*", "*", Some(Overlap::NotTold)),
            ("*", "127.0.0.1", Some(Overlap::NotTold)),
            ("0.0.0.0", "10.0.0.5", Some(Overlap::Sure)),
            ("10.0.0.5", "10.0.0.6", None),
            ("::", "::1", Some(Overlap::Sure)),
            ("::", "0.0.0.0", Some(Overlap::Unsure)),
            ("::1", "127.0.0.1", None),
            ("::ffff:10.0.0.5", "10.0.0.5", Some(Overlap::Sure)),
        ] {
            assert_eq!(overlap(address(one), address(other)), expected, "{one} {other}");
            assert_eq!(overlap(address(other), address(one)), expected, "{other} {one}");
        }
    }
}
