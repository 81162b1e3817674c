//! From the name to addresses and back, and whose they are.

use std::net::IpAddr;

use super::super::{Facts, Item, Question};
use super::{answered, got_through};
use crate::diagnosis::wording::list;
use crate::machine::connect::NameProblem;
use crate::machine::visible;

const SOURCE: &str = "the system's own look-up (getaddrinfo)";

pub(super) fn name(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Name;
    let host = visible(&facts.wanted.host);
    answered(QUESTION, &facts.name, |lookup| {
        if facts.wanted.address().is_some() && lookup.problem.is_none() {
            return Item::not_applicable(QUESTION, "an address was asked for, and no name");
        }
        let addresses: Vec<String> = lookup.addresses.iter().map(ToString::to_string).collect();
        match &lookup.problem {
            None if addresses.is_empty() => {
                Item::problem(QUESTION, format!("{host} has no address")).next("Check how the name is written")
            }
            None => Item::ok(QUESTION, format!("{host} has {}", list(&addresses)))
                .shown(format!("{host}: {}", addresses.join(", ")), SOURCE),
            Some(NameProblem::Unknown) => Item::problem(QUESTION, format!("nobody knows the name {host}"))
                .explained("Neither the hosts file nor DNS has it. It is misspelt, or the computer is not entered there.")
                .next("Check how the name is written; try its full name with the domain")
                .shown(format!("{host}: no such name"), SOURCE),
            Some(NameProblem::NoAnswer) => Item::problem(QUESTION, format!("no name server answered the question for {host}"))
                .explained("The name itself may be right: nobody was there to tell its address.")
                .next("Check the connection to the name servers, or ask for the address in place of the name")
                .shown(format!("{host}: no answer"), SOURCE),
            Some(NameProblem::NoInterface) => Item::problem(QUESTION, format!("{host} names a network interface that is not here"))
                .next("Write an interface of this computer behind the address: `ip link` lists them, on Windows `netsh interface ipv6 show interface` with their numbers"),
            Some(NameProblem::Other(why)) => Item::problem(QUESTION, format!("{host} could not be looked up: {}", visible(why)))
                .next("Ask for the address in place of the name")
                .shown(visible(why), SOURCE),
        }
    })
}

pub(super) fn back(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Back;
    let host = &facts.wanted.host;
    let nothing_known = !facts.name.is_waiting() && facts.addresses().is_empty();
    if nothing_known {
        return Item::not_applicable(QUESTION, "there is no address to look back from");
    }
    answered(QUESTION, &facts.back, |names| {
        let found: Vec<(&IpAddr, &str)> = names.iter().filter_map(|(address, name)| Some((address, name.as_deref()?))).collect();
        let Some((_, first)) = found.first() else {
            return Item::could_not(
                QUESTION,
                "no name is kept for the address, which is nothing unusual",
                "Ask whoever looks after DNS",
            );
        };
        let facts_of = |item: Item| {
            found.iter().fold(item, |item, (address, name)| {
                item.shown(format!("{address}: {}", visible(name)), "the system's own look-up (getnameinfo)")
            })
        };
        if facts.wanted.address().is_some() {
            return facts_of(Item::ok(QUESTION, format!("it is called {}", visible(first))));
        }
        match other_name(facts) {
            None => facts_of(Item::ok(QUESTION, format!("it is called {}", visible(first)))),
            Some(other) => {
                let finding = format!("the address is that of {}, and {} was asked for", visible(other), visible(host));
                let item = if got_through(facts) { Item::ok(QUESTION, finding) } else { Item::problem(QUESTION, finding) };
                facts_of(item)
                    .explained("That is usual for a second name of the same computer. Where it is not one, the name leads to the wrong computer, by an old entry in DNS or the hosts file.")
                    .next(format!("See on {} whether the address is its own", visible(host)))
            }
        }
    })
}

/// The name that the addresses lead back to, where none of them leads back to the one that was asked for.
pub(in super::super) fn other_name(facts: &Facts) -> Option<&str> {
    let names = facts.back.seen()?;
    let known: Vec<&str> = names.iter().filter_map(|(_, name)| name.as_deref()).collect();
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_lowercase();
    let host = first(&facts.wanted.host);
    let of_loopback = names.iter().all(|(address, _)| address.is_loopback());
    let same = known.iter().any(|name| first(name) == host);
    if same || of_loopback || facts.wanted.address().is_some() { None } else { known.first().copied() }
}

pub(super) fn this_computer(facts: &Facts) -> Item {
    const QUESTION: Question = Question::ThisComputer;
    answered(QUESTION, &facts.own_addresses, |own| match facts.is_here() {
        None if facts.name.is_waiting() => Item::waiting(QUESTION),
        None => Item::could_not(QUESTION, "there is no address to compare with", "Repair the name first"),
        Some(here) => {
            let addresses: Vec<String> = facts.addresses().iter().map(ToString::to_string).collect();
            let finding = if here {
                format!("yes: {} is an address of this computer", list(&addresses))
            } else {
                format!("no: {} belongs to another computer, and only what it answers can be seen from here", list(&addresses))
            };
            let own: Vec<String> = own.iter().map(ToString::to_string).collect();
            Item::ok(QUESTION, finding)
                .shown(format!("This computer has {}", own.join(", ")), "the list of its network addresses")
        }
    })
}
