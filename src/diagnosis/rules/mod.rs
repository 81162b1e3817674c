//! The rules: each looks at the facts and either says nothing or gives the answer. The first that answers is right.

mod address_not_local;
mod bound;
mod by_chance;
mod client;
mod closing;
mod complaint;
mod container;
mod context;
mod exhausted;
mod facts;
mod finding;
mod forbidden;
mod free;
mod http_sys;
mod known;
mod listener;
mod no_port;
mod not_shown;
mod other_reason;
mod own_instance;
mod portproxy;
mod privileged;
mod recorded;
mod refused;
mod reserved;
mod running;
mod socket_unit;
mod unseen;
mod words;

use context::{Context, Holder, Scene};
use finding::{Certainty, Finding};
pub use not_shown::sockets_command;
pub(super) use words::span;

use super::exhaustion::Lack;
use super::{Cause, Diagnosis, Owner, Symptom, Verdict};
use crate::machine::{Port, Protocol, Snapshot};

type PortRule = fn(&Context<'_>) -> Option<Finding>;

/// The rules about one port, in the order in which they are asked.
///
/// First what the symptom itself proves, then who has the port (the one that blocks first), then what keeps a free port from being
/// given, at last why a service fails although its port is free. What is left over is free.
const PORT_RULES: &[PortRule] = &[
    address_not_local::rule,
    privileged::told_by_symptom,
    exhausted::rule_with_port,
    refused::rule,
    running::rule,
    own_instance::rule,
    socket_unit::rule,
    container::rule,
    http_sys::rule,
    portproxy::rule,
    listener::rule,
    client::rule,
    bound::rule,
    closing::rule,
    reserved::rule,
    not_shown::rule,
    unseen::rule,
    forbidden::rule,
    privileged::known_beforehand,
    other_reason::rule,
];

/// The verdict over the facts.
///
/// Where no protocol is named, TCP is looked at first, and UDP where TCP is free.
pub fn diagnose(snapshot: &Snapshot, symptom: &Symptom) -> Diagnosis {
    let scene = Scene::new(snapshot, symptom);
    let named = symptom.protocol.or_else(|| scene.failure().and_then(|failure| failure.protocol));
    let Some(port) = wanted_port(&scene) else {
        return diagnosis(&scene, None, named, no_port::answer(&scene, named.unwrap_or(Protocol::Tcp)));
    };
    let (protocol, finding) = match named {
        Some(protocol) => (protocol, ask(&Context::new(scene, port, protocol))),
        None => ask_both(scene, port),
    };
    diagnosis(&scene, Some(port), Some(protocol), finding)
}

fn wanted_port(scene: &Scene<'_>) -> Option<Port> {
    let logged = || scene.failure().and_then(|failure| failure.port);
    let known = || scene.service.and_then(|service| service.ports.first()).map(|known| known.port);
    scene.symptom.port.or_else(logged).or_else(known)
}

fn ask_both(scene: Scene<'_>, port: Port) -> (Protocol, Finding) {
    let tcp = ask(&Context::new(scene, port, Protocol::Tcp));
    if tcp.cause == Cause::PortFree {
        let udp = ask(&Context::new(scene, port, Protocol::Udp));
        if udp.cause != Cause::PortFree && !udp.owners.is_empty() {
            return (Protocol::Udp, udp);
        }
    }
    (Protocol::Tcp, tcp)
}

fn ask(context: &Context<'_>) -> Finding {
    let mut finding = PORT_RULES.iter().find_map(|rule| rule(context)).unwrap_or_else(|| free::answer(context));
    finding.evidence.extend(recorded::facts(context));
    finding
}

fn diagnosis(scene: &Scene<'_>, port: Option<Port>, protocol: Option<Protocol>, finding: Finding) -> Diagnosis {
    let (owners, gaps) = (finding.owners.clone(), finding.gaps.clone());
    let notes = known::notes(scene, finding.cause, &owners);
    let lack = match finding.cause {
        Cause::Exhausted => exhausted::lack(scene, protocol.unwrap_or(Protocol::Tcp)),
        _ => Lack::default(),
    };
    Diagnosis {
        service: scene.symptom.service.clone(),
        port,
        protocol,
        address: scene.address(),
        verdict: Verdict { notes, ..finding.verdict() },
        owners,
        gaps,
        lack,
    }
}

/// Everybody behind these sockets.
fn owners(holders: &[&Holder<'_>]) -> Vec<Owner> {
    holders.iter().flat_map(|holder| holder.owners.iter().cloned()).collect()
}
