//! What came back from the port, where nothing nearer explains it.

use super::super::items::{concerns, expected, greeting, in_words, right_ports};
use super::super::{Facts, Question};
use super::{ConnectCause, ConnectVerdict, place};
use crate::diagnosis::Confidence;
use crate::diagnosis::wording::{capital, list};
use crate::machine::connect::{GreetingKind, Probe, ProbeResult};
use crate::machine::visible;

/// Nobody took the connection.
pub(super) fn not_let_in(facts: &Facts) -> Option<ConnectVerdict> {
    let probes = facts.probes();
    if probes.is_empty() || probes.iter().any(|probe| probe.result == ProbeResult::Accepted) {
        return None;
    }
    let has = |result| probes.iter().find(|probe| probe.result == result);
    let place = place(facts);
    if let Some(probe) = has(ProbeResult::Rejected) {
        return Some(rejected(facts, probe, &place));
    }
    if has(ProbeResult::Refused).is_some() {
        let remote = facts.is_here() != Some(true);
        let asked = right_ports(facts).is_some_and(|(right, _)| facts.wanted.port.is_some_and(|port| right.contains(&port)));
        let next = if asked {
            "See on that computer whether the service listens there"
        } else {
            "See on that computer whether the service runs, and on which port"
        };
        let confidence = if remote { Confidence::Likely } else { Confidence::Certain };
        return Some(ConnectVerdict::new(ConnectCause::NothingListens, confidence, &[Question::Answer, Question::Reachable]).says(
            format!("Nobody listens on {place}"),
            "The computer is there and says no at once: the service does not run, or has another port or address. A firewall that answers in its name looks the same.",
            next,
        ));
    }
    if has(ProbeResult::Reset).is_some() {
        return Some(reset(facts, &place));
    }
    if has(ProbeResult::TimedOut).is_some() {
        return Some(silent(facts, &place));
    }
    let unreachable = has(ProbeResult::HostUnreachable).or_else(|| has(ProbeResult::NetworkUnreachable));
    let told: Vec<String> = probes.iter().map(in_words).collect();
    unreachable.map(|_| {
        ConnectVerdict::new(
            ConnectCause::NotReachable,
            Confidence::Certain,
            &[Question::Reachable, Question::Name, Question::Answer],
        )
        .says(
            format!("{} cannot be reached", visible(&facts.wanted.host)),
            format!("{}.", list(&told)),
            "Check the address, the cable or wireless network, the VPN and the routes of this computer",
        )
    })
}

fn rejected(facts: &Facts, probe: &Probe, place: &str) -> ConnectVerdict {
    let here = facts.is_here() == Some(true);
    if !here && probe.told_by.is_some_and(|by| facts.is_own(by) == Some(true)) {
        let questions = [Question::Answer, Question::Firewall];
        return ConnectVerdict::new(ConnectCause::FirewallOut, Confidence::Certain, &questions).says(
            format!("A firewall of this computer does not let programs out to {place}"),
            "The message that the port is not to be reached comes from this computer itself.",
            "Change the rule for outgoing connections on this computer",
        );
    }
    let by = match probe.told_by {
        Some(by) if facts.addresses().contains(&by) => "A firewall on that computer".to_owned(),
        Some(by) => format!("A firewall on the way ({by})"),
        None => "A firewall, on the way or on that computer,".to_owned(),
    };
    ConnectVerdict::new(
        ConnectCause::FirewallRejects,
        Confidence::Certain,
        &[Question::Answer, Question::Reachable, Question::Firewall],
    )
    .says(
        format!("A firewall rejects connections to {place}"),
        format!("{by} says that the port is not to be reached. A computer on which nobody listens answers in another way."),
        "Ask whoever looks after that firewall to let the port through",
    )
}

fn reset(facts: &Facts, place: &str) -> ConnectVerdict {
    let headline = format!("The connection to {place} is ended as soon as it is made");
    if let Some(line) = facts.log.seen().and_then(|lines| lines.last()) {
        let questions = [Question::Log, Question::Answer, Question::Who];
        return ConnectVerdict::new(ConnectCause::Reset, Confidence::Certain, &questions).says(
            headline,
            format!("The program takes the connection and ends it. In the same moment it wrote: {}", visible(&line.fact)),
            "Do what its log asks for, or read on there",
        );
    }
    ConnectVerdict::new(ConnectCause::Reset, Confidence::Certain, &[Question::Answer, Question::Who]).says(
        headline,
        "Something takes the connection and ends it: the program turns this client away, or a device on the way does.",
        "See the log of the program, and its lists of allowed addresses",
    )
}

/// Nothing came back.
fn silent(facts: &Facts, place: &str) -> ConnectVerdict {
    let blocks = facts.ipsec.seen().is_some_and(|all| all.iter().any(|own| own.blocks == Some(true) && concerns(facts, own)));
    if blocks {
        return ConnectVerdict::new(ConnectCause::Ipsec, Confidence::Likely, &[Question::Ipsec, Question::Answer]).says(
            "IPsec on this computer lets nothing through",
            "A policy of IPsec blocks the traffic, and nothing came back.",
            "See whether the service IPsec Policy Agent runs and has its ports 500 and 4500 over UDP",
        );
    }
    let questions = [Question::Reachable, Question::Answer, Question::Firewall];
    let other_answers = facts.other_door.seen().filter(|other| other.result.is_answer());
    if let Some(other) = other_answers {
        return ConnectVerdict::new(ConnectCause::FirewallDrops, Confidence::Likely, &questions).says(
            format!("Something drops connections to {place} without a word"),
            format!(
                "The computer answers at port {} at once, and at this one not at all. A firewall drops the packets, or a program that hangs has let its queue fill up.",
                other.to.port()
            ),
            "Ask whoever looks after the firewall of that computer, and run `portmedic connect` there",
        );
    }
    if facts.other_door.is_waiting() && facts.is_here() != Some(true) {
        // The look that would tell is on its way.
        return ConnectVerdict::new(ConnectCause::Unknown, Confidence::CannotTell, &questions).says(
            format!("Nothing came back from {place}"),
            "Whether the computer answers elsewhere was not looked at.",
            "Wait for the rest of the checklist",
        );
    }
    ConnectVerdict::new(ConnectCause::NotReachable, Confidence::Likely, &questions).says(
        format!("Nothing came back from {}", visible(&facts.wanted.host)),
        "The computer is off, has another address, or a firewall drops everything that comes from here.",
        "See whether it runs and has this address, and whether a firewall stands in between",
    )
}

/// Where a name has several addresses and one of them takes the connection, it depends on the others what clients make of it: most try
/// the next one when one says no, and wait long for one that says nothing.
fn some_addresses(facts: &Facts, probes: &[Probe]) -> Option<ConnectVerdict> {
    let (accepted, others): (Vec<&Probe>, Vec<&Probe>) = probes.iter().partition(|probe| probe.result == ProbeResult::Accepted);
    let said = |probes: &[&Probe]| list(&probes.iter().map(|probe| in_words(probe)).collect::<Vec<_>>());
    let no_way =
        |probe: &&&Probe| matches!(probe.result, ProbeResult::NetworkUnreachable | ProbeResult::NoLocalPort | ProbeResult::Other);
    let says_no = |probe: &&Probe| matches!(probe.result, ProbeResult::Refused | ProbeResult::Rejected | ProbeResult::Reset);
    let heard: Vec<&Probe> = others.iter().filter(|probe| !no_way(probe)).copied().collect();
    if accepted.is_empty() || heard.is_empty() {
        return None;
    }
    let questions = [Question::Answer, Question::Name];
    let host = visible(&facts.wanted.host);
    let next = "Let the service listen on every address, or take the address out of the name";
    if heard.iter().all(says_no) {
        let takes: Vec<String> = accepted.iter().map(|probe| probe.to.ip().to_string()).collect();
        return Some(ConnectVerdict::new(ConnectCause::Works, Confidence::Likely, &questions).says(
            format!("{} takes connections on {}, not on its other addresses", capital(&place(facts)), list(&takes)),
            format!("{}. Most clients try the next address at once; one that tries only the first is turned away.", said(&heard)),
            next,
        ));
    }
    Some(ConnectVerdict::new(ConnectCause::OtherAddress, Confidence::Likely, &questions).says(
        format!("Only some addresses of {host} take the connection"),
        format!("{}. Clients that try such an address first wait long for it, and some of them give up.", said(&heard)),
        next,
    ))
}

/// The connection was made: who answers tells whether that is good.
pub(super) fn let_in(facts: &Facts) -> Option<ConnectVerdict> {
    let probes = facts.probes();
    let accepted: Vec<&Probe> = probes.iter().filter(|probe| probe.result == ProbeResult::Accepted).collect();
    if accepted.is_empty() {
        return None;
    }
    let place = place(facts);
    if let Some((_, greeting)) = greeting(probes) {
        if matches!(greeting.kind, GreetingKind::Reset | GreetingKind::Closed) {
            return Some(reset(facts, &place));
        }
        let wanted = expected(facts);
        if let (Some(answers), Some(wanted)) = (greeting.kind.protocol(), wanted)
            && answers != wanted
        {
            return Some(
                ConnectVerdict::new(ConnectCause::OtherProtocol, Confidence::Certain, &[Question::Who, Question::Answer]).says(
                    format!("{answers} answers on {place}, and {wanted} was expected"),
                    "The connection is made, and another kind of program has the port.",
                    "Check the port, and which program has it on that computer",
                ),
            );
        }
    }
    if let Some(verdict) = some_addresses(facts, probes) {
        return Some(verdict);
    }
    let proxied = super::super::checklist(facts).iter().any(|item| item.question == Question::Proxy && item.next_step.is_some());
    let beside = if proxied { " A proxy is set that programs may ask in its place." } else { "" };
    let questions: &[Question] =
        if proxied { &[Question::Answer, Question::Who, Question::Proxy] } else { &[Question::Answer, Question::Who] };
    Some(ConnectVerdict::new(ConnectCause::Works, Confidence::Certain, questions).says(
        format!("{} takes connections", capital(&place)),
        format!("The connection was made from this computer.{beside} Where a client still has trouble, it asks for another computer or port, or is turned away after it has connected."),
        "Compare the computer and port that the client is set to with these",
    ))
}
