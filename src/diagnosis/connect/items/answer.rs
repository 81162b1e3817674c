//! What came back when the port was asked for a connection, and who answered.

use super::super::{Fact, Facts, Item, Question};
use super::answered;
use crate::diagnosis::wording::list;
use crate::machine::connect::{Greeting, GreetingKind, Opening, Probe, ProbeResult};
use crate::machine::visible;

pub(super) fn reachable(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Reachable;
    if let Some(item) = nowhere(QUESTION, facts) {
        return item;
    }
    answered(QUESTION, &facts.probes, |probes| {
        let item = if probes.iter().any(|probe| probe.result.is_answer()) {
            Item::ok(QUESTION, "it answers")
        } else if let Some(by) = probes.iter().filter(|own| own.result == ProbeResult::Rejected).find_map(|probe| probe.told_by) {
            match () {
                () if facts.addresses().contains(&by) => Item::ok(QUESTION, "it answers, and says no"),
                () if facts.is_own(by) == Some(true) => Item::could_not(
                    QUESTION,
                    "this computer itself said no, and nothing was sent",
                    "See the firewall of this computer, below",
                ),
                () => Item::ok(QUESTION, format!("{by} answers for it, and says no")),
            }
        } else if probes.iter().any(|probe| probe.result == ProbeResult::Rejected) {
            Item::ok(QUESTION, "something answers for it, and says no")
        } else if let Fact::Seen(other) = &facts.other_door
            && other.result.is_answer()
        {
            Item::ok(QUESTION, format!("yes: at port {} it answers at once, so only this port is kept", other.to.port()))
                .shown(in_words(other), source(other))
        } else if probes.iter().all(|probe| matches!(probe.result, ProbeResult::Forbidden | ProbeResult::NoLocalPort)) {
            Item::could_not(QUESTION, "this computer did not let us ask", "See what the port answers, below")
        } else if facts.is_here() == Some(true) {
            Item::ok(QUESTION, "yes: it is this computer, and nothing is sent over a network")
        } else if probes.iter().any(|probe| probe.result == ProbeResult::TimedOut) {
            let doors = match &facts.other_door {
                Fact::Seen(other) => format!("neither at this port nor at port {}", other.to.port()),
                _ => "within the time".to_owned(),
            };
            Item::problem(QUESTION, format!("nothing came back, {doors}"))
                .explained("The computer is off or elsewhere, or a firewall drops everything without a word.")
                .next("See whether it runs and has this address, and whether a firewall stands in between")
        } else {
            Item::problem(QUESTION, list(&probes.iter().map(in_words).collect::<Vec<_>>()))
                .next("Check the address, the cable or wireless network, the VPN and the routes of this computer")
        };
        probes.iter().fold(item, |item, probe| item.shown(in_words(probe), source(probe)))
    })
}

pub(super) fn answer(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Answer;
    if let Some(item) = nowhere(QUESTION, facts) {
        return item;
    }
    answered(QUESTION, &facts.probes, |probes| {
        let accepted = probes.iter().filter(|probe| probe.result == ProbeResult::Accepted).count();
        let told: Vec<String> = probes.iter().map(in_words).collect();
        let item = if accepted == probes.len() { Item::ok(QUESTION, list(&told)) } else { Item::problem(QUESTION, list(&told)) };
        let item = match meaning(probes) {
            Some(meaning) => item.explained(meaning),
            None => item,
        };
        probes.iter().fold(item, |item, probe| {
            let error = probe.error.as_deref().map(|error| format!(" ({})", visible(error))).unwrap_or_default();
            item.shown(format!("{}{error}, after {} ms", in_words(probe), probe.took_ms), source(probe))
        })
    })
}

/// What the worst answer means.
fn meaning(probes: &[Probe]) -> Option<&'static str> {
    let has = |result| probes.iter().any(|probe| probe.result == result);
    if has(ProbeResult::Refused) {
        Some("A refusal comes from the computer itself when no program listens there. A firewall can send the same.")
    } else if has(ProbeResult::Rejected) {
        Some(
            "A computer on which nobody listens answers otherwise: this message is sent by a firewall, on the way or on the computer.",
        )
    } else if has(ProbeResult::TimedOut) {
        Some("A computer that runs says no when nobody listens. That nothing comes back means that the packets were dropped.")
    } else if has(ProbeResult::Forbidden) {
        Some("The packet never left this computer: a firewall or a security program here does not allow it.")
    } else if has(ProbeResult::NoLocalPort) {
        Some("The other side was never asked: this computer had no port or address of its own left for the connection.")
    } else {
        None
    }
}

pub(super) fn who(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Who;
    if let Some(item) = nowhere(QUESTION, facts) {
        return item;
    }
    answered(QUESTION, &facts.probes, |probes| {
        let Some((probe, greeting)) = greeting(probes) else {
            return Item::not_applicable(QUESTION, "nobody took the connection");
        };
        let expected = expected(facts);
        let line = greeting.text.as_deref().map(|text| format!(" (\"{}\")", visible(text))).unwrap_or_default();
        let sent = match greeting.opening {
            Opening::Nothing => "nothing was sent".to_owned(),
            opening => format!("we sent {}", opening.as_str()),
        };
        let item = match (greeting.kind, greeting.kind.protocol()) {
            (GreetingKind::Silent, _) => Item::ok(QUESTION, "it took the connection and waits for its client to speak first")
                .explained("Many servers do. So this does not tell which program it is."),
            (GreetingKind::Closed | GreetingKind::Reset, _) => Item::problem(QUESTION, "it took the connection and ended it at once")
                .explained("The program turns clients away, by their address, their number or their language; or something in between ends the connection.")
                .next("See its log and its lists of allowed addresses"),
            (_, Some(protocol)) if expected.is_some_and(|expected| expected != protocol) => {
                Item::problem(QUESTION, format!("{protocol} answers{line}, and {} was expected", expected.unwrap_or_default()))
                    .explained("Another program has this port.")
                    .next("Check the port, and which program has it on that computer")
            }
            (_, Some(protocol)) => Item::ok(QUESTION, format!("{protocol} answers{line}")),
            (GreetingKind::Text, None) => Item::ok(QUESTION, format!("it says{line}")),
            (_, None) => Item::ok(QUESTION, "it answers in a language that PortMedic does not know"),
        };
        item.shown(format!("{}; {sent}", said(greeting)), source(probe))
    })
}

fn said(greeting: &Greeting) -> String {
    match &greeting.text {
        Some(text) => format!("It said \"{}\"", visible(text)),
        None => match greeting.kind {
            GreetingKind::Silent => "It said nothing".to_owned(),
            GreetingKind::Closed => "It closed the connection".to_owned(),
            GreetingKind::Reset => "It tore the connection down".to_owned(),
            kind => format!("It spoke {}", kind.protocol().unwrap_or("an unknown language")),
        },
    }
}

/// The first greeting, and the attempt that it came with.
pub(in super::super) fn greeting(probes: &[Probe]) -> Option<(&Probe, &Greeting)> {
    probes.iter().find_map(|probe| Some((probe, probe.greeting.as_ref()?)))
}

/// The protocol that the product speaks, where the catalogue tells it.
pub(in super::super) fn expected(facts: &Facts) -> Option<&'static str> {
    match super::super::opening(&facts.wanted) {
        Opening::Tds => Some("SQL Server"),
        Opening::Tls => Some("TLS"),
        Opening::Http => Some("HTTP"),
        Opening::Nothing => None,
    }
}

/// The answer where nobody can be asked.
fn nowhere(question: Question, facts: &Facts) -> Option<Item> {
    if facts.wanted.pipe {
        return Some(Item::not_applicable(question, "a named pipe was asked for; its port 445 belongs to file sharing"));
    }
    if !facts.name.is_waiting() && facts.addresses().is_empty() {
        return Some(Item::could_not(question, "there is no address to ask", "Repair the name first"));
    }
    let port_is_out = facts.wanted.port.is_none() && !facts.browser.is_waiting();
    port_is_out.then(|| Item::could_not(question, "there is no port to ask", "Name the port of the instance"))
}

/// "10.0.0.5:1433 refused the connection".
pub(in super::super) fn in_words(probe: &Probe) -> String {
    let by = match probe.told_by {
        Some(by) if by != probe.to.ip() && probe.result == ProbeResult::Rejected => format!(", said by {by}"),
        _ => String::new(),
    };
    format!("{} {}{by}", probe.to, probe.result.as_str())
}

fn source(probe: &Probe) -> String {
    format!("connect to TCP {}", probe.to)
}
