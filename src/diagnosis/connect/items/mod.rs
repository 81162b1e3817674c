//! The answers, question by question.

mod answer;
mod before;
mod filter;
mod name;
mod port;
mod server;
mod sql;

pub(super) use answer::{expected, greeting, in_words};
pub(super) use before::{alias_of, is_elsewhere, target as alias_target};
pub(super) use filter::{concerns, keeps, obstacle, rule_text, where_set};
pub(super) use name::other_name;
pub(super) use port::right_ports;
pub(super) use server::{fullest, only_loopback, program, shows_sockets};
pub(super) use sql::{instance_here, named};

pub use server::service;

use super::{Fact, Facts, Item, Question};
use crate::machine::connect::{HostsEntry, ProbeResult};
use crate::machine::{Snapshot, System};

/// Every question with its answer, as far as the facts go.
pub fn checklist(facts: &Facts) -> Vec<Item> {
    Question::ALL.into_iter().map(|question| item(question, facts)).collect()
}

fn item(question: Question, facts: &Facts) -> Item {
    match question {
        Question::Hosts => before::hosts(facts),
        Question::Alias => before::alias(facts),
        Question::Proxy => before::proxy(facts),
        Question::Name => name::name(facts),
        Question::Back => name::back(facts),
        Question::ThisComputer => name::this_computer(facts),
        Question::Instance => sql::instance(facts),
        Question::Browser => sql::browser(facts),
        Question::Tcp => sql::tcp(facts),
        Question::ProtocolOrder => sql::protocol_order(facts),
        Question::Port => port::port(facts),
        Question::Service => server::running(facts),
        Question::Listening => server::listening(facts),
        Question::Queue => server::queue(facts),
        Question::Log => server::log(facts),
        Question::Reachable => answer::reachable(facts),
        Question::Answer => answer::answer(facts),
        Question::Who => answer::who(facts),
        Question::Firewall => filter::firewall(facts),
        Question::Ipsec => filter::ipsec(facts),
    }
}

/// The item that a fact makes; waiting while nobody has looked, and the reason where nothing could be seen.
fn answered<T>(question: Question, fact: &Fact<T>, make: impl FnOnce(&T) -> Item) -> Item {
    match fact {
        Fact::Waiting => Item::waiting(question),
        Fact::NotSeen(gap) => Item::of_gap(question, gap),
        Fact::Seen(seen) => make(seen),
    }
}

/// The item about the computer that is asked for, which only a look at this one can make.
fn on_the_server(question: Question, facts: &Facts, make: impl FnOnce(&Snapshot) -> Item) -> Item {
    match facts.is_here() {
        Some(true) => answered(question, &facts.here, make),
        Some(false) => Item::could_not(
            question,
            format!("{} is another computer, and only there it can be seen", facts.wanted.host),
            "Run `portmedic connect` on that computer as well",
        ),
        None if facts.name.is_waiting() || facts.own_addresses.is_waiting() => Item::waiting(question),
        None => Item::could_not(question, "it is not known which computer it is", "Ask for an address, or repair the name first"),
    }
}

/// The system of this computer; `None` while it was not looked at.
fn system(facts: &Facts) -> Option<System> {
    facts.here.seen().map(|here| here.host.system)
}

/// Whether an attempt to connect came through.
fn got_through(facts: &Facts) -> bool {
    facts.probes().iter().any(|probe| probe.result == ProbeResult::Accepted)
}

/// The line of the hosts file that may lead away from the computer that is meant.
pub(super) fn hosts_lead_away(facts: &Facts) -> Option<&HostsEntry> {
    let host = &facts.wanted.host;
    let mut entries = facts.redirects.seen()?.hosts.iter().filter(|entry| entry.is_for(host) && facts.wanted.address().is_none());
    entries.find(|entry| before::leads_away(facts, entry))
}
