//! The computer that is asked for is this one: what it shows of its service, its sockets and its firewall.

use super::super::items::{fullest, keeps, obstacle, only_loopback, program, right_ports, rule_text, shows_sockets, where_set};
use super::super::{Facts, Question, hears, service};
use super::{ConnectCause, ConnectVerdict, place};
use crate::diagnosis::Confidence;
use crate::diagnosis::wording::{capital, list};
use crate::machine::connect::{FirewallAction, Hook, ProbeResult};
use crate::machine::{Service, ServiceState, Snapshot, Socket, visible};

/// What a program is told where a rule rejects its connection, with one message or another.
const REFUSALS: [ProbeResult; 4] =
    [ProbeResult::Refused, ProbeResult::Rejected, ProbeResult::HostUnreachable, ProbeResult::NetworkUnreachable];

/// A rule of this computer, and what came back fits to it.
pub(super) fn own_firewall(facts: &Facts) -> Option<ConnectVerdict> {
    let found = obstacle(facts)?;
    let probes = facts.probes();
    let any = |results: &[ProbeResult]| probes.iter().any(|probe| results.contains(&probe.result));
    let from_others = found.packet.hook == Hook::Input && !found.packet.loopback;
    let explains = if from_others {
        // An attempt from here comes through, and one from elsewhere would not.
        any(&[ProbeResult::Accepted]) && found.decision.certain
    } else {
        match found.decision.action {
            FirewallAction::Drop => any(&[ProbeResult::TimedOut]),
            FirewallAction::Reject => any(&REFUSALS),
            FirewallAction::Accept => false,
        }
    };
    if !explains {
        return None;
    }
    let cause = match (found.packet.hook, found.decision.action) {
        (Hook::Output, _) => ConnectCause::FirewallOut,
        (Hook::Input, FirewallAction::Reject) => ConnectCause::FirewallRejects,
        (Hook::Input, _) => ConnectCause::FirewallDrops,
    };
    let confidence = if found.decision.certain { Confidence::Certain } else { Confidence::Likely };
    let headline = match (cause, from_others) {
        (_, true) => format!("A firewall of this computer keeps other computers from {}", place(facts)),
        (ConnectCause::FirewallOut, _) => format!("A firewall of this computer does not let programs out to {}", place(facts)),
        _ => format!("A firewall of this computer keeps {}", place(facts)),
    };
    let sure = if found.decision.certain { "" } else { " The rule has conditions that PortMedic does not read." };
    let what = capital(&keeps(&found));
    Some(ConnectVerdict::new(cause, confidence, &[Question::Firewall, Question::Answer]).says(
        headline,
        format!("{what}: {}.{sure}", rule_text(&found)),
        format!("Allow the port in {}", where_set(&found)),
    ))
}

pub(super) fn full_queue(facts: &Facts) -> Option<ConnectVerdict> {
    let here = facts.server()?;
    let listeners = facts.listeners();
    let (waiting, most) = fullest(&listeners).filter(|(waiting, most)| waiting > most)?;
    let timed_out = facts.probes().iter().any(|probe| probe.result == ProbeResult::TimedOut);
    if !timed_out && !facts.probes().is_empty() {
        return None;
    }
    let (subject, who) = names(here, &listeners);
    Some(ConnectVerdict::new(ConnectCause::QueueFull, Confidence::Certain, &[Question::Queue, Question::Answer, Question::Listening]).says(
        format!("{subject} does not take its connections on {}", place(facts)),
        format!("{waiting} connections wait and {most} may. The system drops the first packet of every new one until some are taken."),
        format!("Find out why {who} does not take them: it hangs, or is overloaded; then restart it"),
    ))
}

/// What has the sockets, at the beginning of a sentence and inside one.
fn names(here: &Snapshot, listeners: &[&Socket]) -> (String, String) {
    match program(here, listeners) {
        Some(name) => (name.clone(), name),
        None => ("The program".to_owned(), "the program".to_owned()),
    }
}

/// The service is set to another port than the one that is asked for.
pub(super) fn other_port(facts: &Facts) -> Option<ConnectVerdict> {
    let port = facts.wanted.port?;
    let (right, _) = right_ports(facts)?;
    let nobody_here = facts.listeners().is_empty();
    if right.is_empty() || right.contains(&port) || !nobody_here || accepted(facts) || facts.probes().is_empty() {
        return None;
    }
    // A service that is down is the nearer cause.
    if service(facts).is_some_and(|own| own.state != ServiceState::Running) {
        return None;
    }
    let ports: Vec<String> = right.iter().map(ToString::to_string).collect();
    Some(
        ConnectVerdict::new(
            ConnectCause::OtherPort,
            Confidence::Certain,
            &[Question::Port, Question::Listening, Question::Answer],
        )
        .says(
            format!("The service has port {}, and port {port} was asked for", list(&ports)),
            format!("Nobody listens on {}, so clients that are not told the other port are refused.", place(facts)),
            format!("Tell the clients port {}, or set the service back to port {port}", ports[0]),
        ),
    )
}

fn accepted(facts: &Facts) -> bool {
    facts.probes().iter().any(|probe| probe.result == ProbeResult::Accepted)
}

/// A service of this computer was named, and nothing tells its port.
pub(super) fn no_port(facts: &Facts) -> Option<ConnectVerdict> {
    if facts.wanted.port.is_some() || facts.wanted.instance.is_some() || facts.wanted.pipe {
        return None;
    }
    let own = service(facts)?;
    if own.state != ServiceState::Running {
        return Some(service_down(own, &[Question::Service], "nobody listens"));
    }
    let name = visible(own.display_name());
    Some(ConnectVerdict::new(ConnectCause::Unknown, Confidence::CannotTell, &[Question::Service, Question::Port]).says(
        format!("It is not known which port {name} has"),
        "It runs, and neither its settings, its log nor its sockets tell a TCP port.",
        format!("Name the port that {name} should have, and check again"),
    ))
}

/// Nothing is to be reached while the service does not run; `so` is what follows from that.
fn service_down(own: &Service, questions: &[Question], so: &str) -> ConnectVerdict {
    let name = visible(own.display_name());
    let mut verdict = ConnectVerdict::new(ConnectCause::ServiceDown, Confidence::Certain, questions);
    if own.is_failing() {
        verdict.diagnose = Some(own.name.clone());
    }
    let next = if own.is_failing() { format!("Find out why {name} does not start") } else { format!("Start {name}") };
    verdict.says(
        format!("{name} does not run"),
        format!("It {}, so {so}, and the system refuses every client.", own.state.in_words()),
        next,
    )
}

/// Nobody listens on the port of this computer.
pub(super) fn no_listener(facts: &Facts) -> Option<ConnectVerdict> {
    facts.wanted.port?;
    if !shows_sockets(facts) || !facts.listeners().is_empty() || accepted(facts) {
        return None;
    }
    let questions = [Question::Listening, Question::Service, Question::Answer];
    if let Some(own) = service(facts).filter(|own| own.state != ServiceState::Running) {
        return Some(service_down(own, &questions, &format!("nobody listens on {}", place(facts))));
    }
    let next = match service(facts) {
        Some(own) => format!("Check which port {} is set to; it runs, and does not listen here", visible(own.display_name())),
        None => "Start the service that should listen there".to_owned(),
    };
    Some(ConnectVerdict::new(ConnectCause::NothingListens, Confidence::Certain, &questions).says(
        format!("Nobody listens on {}", place(facts)),
        "The computer is there, and no program listens on that port, so the system refuses every client.",
        next,
    ))
}

/// Somebody listens, and not on the address that is asked for.
pub(super) fn not_heard(facts: &Facts) -> Option<ConnectVerdict> {
    let here = facts.server()?;
    let port = facts.wanted.port?;
    let listeners = facts.listeners();
    let unheard: Vec<String> = facts
        .addresses()
        .iter()
        .filter(|address| !listeners.iter().any(|own| hears(own, (**address, port).into())))
        .map(ToString::to_string)
        .collect();
    if listeners.is_empty() || unheard.is_empty() {
        return None;
    }
    let (subject, who) = names(here, &listeners);
    let places: Vec<String> = listeners.iter().map(|own| own.local.ip().to_string()).collect();
    let questions = [Question::Listening, Question::Answer];
    if only_loopback(&listeners) && unheard.iter().any(|own| own.parse().is_ok_and(|own: std::net::IpAddr| !own.is_loopback())) {
        return Some(ConnectVerdict::new(ConnectCause::LoopbackOnly, Confidence::Certain, &questions).says(
            format!("{subject} listens for programs of its own computer only"),
            format!("It has port {port} on {}, which no other computer reaches.", list(&places)),
            format!("Set {who} to listen on an address of the network, and restart it"),
        ));
    }
    // What clients make of it depends on what the addresses answer.
    if accepted(facts) {
        return None;
    }
    Some(ConnectVerdict::new(ConnectCause::OtherAddress, Confidence::Certain, &questions).says(
        format!("{subject} does not listen on {}", list(&unheard)),
        format!("It has port {port} on {} only. Clients that try another address first are refused, and not all of them try the next one.", list(&places)),
        format!("Set {who} to listen on every address, or take the address out of the name"),
    ))
}
