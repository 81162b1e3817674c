//! What only the computer that is asked for can tell: its service, who listens, how full the queue is, its logs.

use super::super::{Fact, Facts, Item, Question, hears};
use super::on_the_server;
use crate::diagnosis::wording::list;
use crate::machine::connect::{Greeting, GreetingKind, ProbeResult};
use crate::machine::{Evidence, KnownFrom, Protocol, Service, ServiceState, Snapshot, Socket, System, Table, visible};

/// The service that is asked for, where the computer is this one: by its name, its instance, its product or its port.
pub fn service(facts: &Facts) -> Option<&Service> {
    let here = facts.server()?;
    let wanted = &facts.wanted;
    if let Some(name) = &wanted.instance {
        let by_name = [format!("MSSQL${name}"), name.clone()];
        if let Some(own) = here.services.iter().find(|own| by_name.iter().any(|name| is_called(own, name))) {
            return Some(own);
        }
    }
    if wanted.is_sql()
        && let Some(own) =
            here.services.iter().find(|own| is_called(own, super::super::DEFAULT_INSTANCE) || is_called(own, "mssql-server"))
        && wanted.named_instance().is_none()
    {
        return Some(own);
    }
    let of_product = |own: &&Service| {
        wanted.product.is_some() && (own.product == wanted.product || wanted.product.as_deref() == Some(&own.name))
    };
    let by_product = || in_trouble_first(here.services.iter().filter(of_product));
    let wants = |own: &Service, from: &dyn Fn(KnownFrom) -> bool| {
        own.ports.iter().any(|port| Some(port.port) == wanted.port && port.protocol == Protocol::Tcp && from(port.known_from))
    };
    let by_setting = || in_trouble_first(here.services.iter().filter(|own| wants(own, &|from| from != KnownFrom::Catalogue)));
    let by_catalogue = || in_trouble_first(here.services.iter().filter(|own| wants(own, &|_| true)));
    by_product().or_else(by_setting).or_else(by_catalogue)
}

/// Of several services the one in trouble is meant, before one that runs.
fn in_trouble_first<'a>(services: impl Iterator<Item = &'a Service>) -> Option<&'a Service> {
    let all: Vec<&Service> = services.collect();
    all.iter().find(|own| own.is_failing()).or_else(|| all.first()).copied()
}

fn is_called(service: &Service, name: &str) -> bool {
    let stem = service.name.strip_suffix(".service").unwrap_or(&service.name);
    service.name.eq_ignore_ascii_case(name) || stem.eq_ignore_ascii_case(name)
}

pub(super) fn running(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Service;
    on_the_server(QUESTION, facts, |here| {
        let Some(own) = service(facts) else {
            if here.services.is_empty() {
                return Item::could_not(QUESTION, "no service of this computer could be seen", "`portmedic services`");
            }
            return Item::could_not(
                QUESTION,
                "no service of this computer is known to want the port",
                "Name the service: `portmedic services` lists them",
            );
        };
        let name = visible(own.display_name());
        let finding = format!("{name} {}", own.state.in_words());
        let item = match own.state {
            ServiceState::Running => Item::ok(QUESTION, finding),
            ServiceState::Starting => Item::problem(QUESTION, finding).next("Wait until it has started, and look again"),
            ServiceState::Restarting | ServiceState::Failed => {
                Item::problem(QUESTION, finding).next(format!("Find out why: portmedic diagnose {}", visible(&own.name)))
            }
            ServiceState::Stopping | ServiceState::Stopped => Item::problem(QUESTION, finding).next(format!("Start {name}")),
        };
        let source = if here.host.system == System::Windows { "service manager of Windows" } else { "systemd" };
        item.shown(format!("{}: {}", visible(&own.name), visible(&own.state_detail)), source)
    })
}

pub(super) fn listening(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Listening;
    let Some(port) = facts.wanted.port else { return no_port(QUESTION, facts) };
    on_the_server(QUESTION, facts, |here| {
        if !here.shows(Table::TcpSockets) {
            return Item::could_not(
                QUESTION,
                "the sockets of that computer are not shown",
                "`netstat -ano` or `ss -tlnp` of that computer",
            );
        }
        let listeners = facts.listeners();
        if listeners.is_empty() {
            let elsewhere = here.sockets_elsewhere.iter().filter(|own| own.local.port() == port && own.is_listener()).count();
            let item = Item::problem(QUESTION, format!("no program listens on port {port}"))
                .next("Start the service that should listen there");
            return match elsewhere {
                0 => item,
                _ => item.explained("A program of another network namespace, such as a container, listens on that port there; it is not to be reached through this one."),
            };
        }
        let places: Vec<String> = listeners.iter().map(|own| own.local.to_string()).collect();
        let who = program(here, &listeners).unwrap_or_else(|| "a program".to_owned());
        let finding = format!("{who} listens on {}", list(&places));
        let unheard: Vec<String> = facts
            .addresses()
            .iter()
            .filter(|own| !listeners.iter().any(|socket| hears(socket, (**own, port).into())))
            .map(ToString::to_string)
            .collect();
        let loopback_only = only_loopback(&listeners);
        let item = match (loopback_only, unheard.is_empty()) {
            (true, false) => Item::problem(QUESTION, format!("{finding}: that is for programs of this computer only"))
                .next("Set the service to listen on an address of the network, and restart it"),
            (false, false) if unheard.len() == facts.addresses().len() => {
                Item::problem(QUESTION, format!("{finding}, and not on {}", list(&unheard)))
                    .next("Ask for an address that it listens on, or set the service to listen on every address")
            }
            (_, false) => Item::problem(
                QUESTION,
                format!("{finding}, and not on {}: clients that try this address first are refused", list(&unheard)),
            )
            .next("Set the service to listen on both families, or take the address out of the name"),
            (true, true) => Item::ok(QUESTION, finding).explained("Programs of this computer get in. Other computers do not."),
            (false, true) => Item::ok(QUESTION, finding),
        };
        places.iter().fold(item, |item, place| item.shown(format!("LISTEN {place}"), "socket table"))
    })
}

/// Whether nobody but this computer itself gets in.
pub(in super::super) fn only_loopback(listeners: &[&Socket]) -> bool {
    !listeners.is_empty() && listeners.iter().all(|own| own.local.ip().to_canonical().is_loopback())
}

/// What has the sockets, for a sentence; `None` where that cannot be seen.
pub(in super::super) fn program(here: &Snapshot, listeners: &[&Socket]) -> Option<String> {
    let process = listeners.iter().flat_map(|own| own.pids.iter()).find_map(|pid| here.processes.get(pid))?;
    let service = process.service.as_deref().and_then(|name| here.service(name)).map(|own| visible(own.display_name()));
    service.or_else(|| Some(visible(&process.name)))
}

fn no_port(question: Question, facts: &Facts) -> Item {
    if facts.wanted.pipe {
        Item::not_applicable(question, "a named pipe was asked for, and no port")
    } else if facts.browser.is_waiting() {
        Item::waiting(question)
    } else {
        Item::could_not(question, "the port is not known", "Name the port of the instance")
    }
}

pub(super) fn queue(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Queue;
    if facts.wanted.port.is_none() {
        return no_port(QUESTION, facts);
    }
    on_the_server(QUESTION, facts, |_| {
        let listeners = facts.listeners();
        if listeners.is_empty() {
            return Item::not_applicable(QUESTION, "nobody listens");
        }
        let Some((waiting, most)) = fullest(&listeners) else {
            return Item::could_not(QUESTION, "this system does not tell how many connections wait", "The program's own log");
        };
        let finding = format!("{waiting} connections wait to be taken, and {most} may");
        let item = if waiting > most {
            Item::problem(QUESTION, finding)
                .explained("The program does not take its connections. The system keeps no more of them, and drops the first packet of every new one.")
                .next("Find out why the program does not take them: it hangs, or is overloaded; then restart it")
        } else {
            Item::ok(QUESTION, finding)
        };
        item.shown(format!("Accept queue: {waiting} of {most}"), "socket table (sock_diag)")
    })
}

/// The queue that is the fullest: how many wait, and how many may.
pub(in super::super) fn fullest(listeners: &[&Socket]) -> Option<(u32, u32)> {
    listeners.iter().filter_map(|own| own.backlog).max_by_key(|(waiting, most)| i64::from(*waiting) - i64::from(*most))
}

pub(super) fn log(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Log;
    on_the_server(QUESTION, facts, |here| {
        let Some(own) = service(facts) else {
            return Item::could_not(
                QUESTION,
                "no service is known whose log could be read",
                "Name the service: `portmedic services` lists them",
            );
        };
        let Some(failure) = &own.failure else { return around(facts, own, here) };
        let mut item = Item::problem(QUESTION, visible(&failure.message))
            .next(format!("Find out what can be done: portmedic diagnose {}", visible(&own.name)));
        item.evidence.push(Evidence {
            fact: visible(&failure.message),
            source: failure.source.clone(),
            raw: None,
            time: failure.time,
        });
        item
    })
}

/// What the service wrote around the attempt.
fn around(facts: &Facts, own: &Service, here: &Snapshot) -> Item {
    const QUESTION: Question = Question::Log;
    let name = visible(own.display_name());
    let lines = match &facts.log {
        Fact::Seen(lines) => lines,
        Fact::NotSeen(gap) => return Item::of_gap(QUESTION, gap),
        Fact::Waiting => return Item::ok(QUESTION, format!("{name} tells of no failure to start")),
    };
    let Some(last) = lines.last() else {
        let where_to =
            if here.host.system == System::Windows { "the application log in the event viewer" } else { "journalctl -u" };
        return Item::ok(QUESTION, format!("{name} wrote nothing around the attempt"))
            .explained(format!("What it wrote before stands in its own log; see {where_to} for {}.", visible(&own.name)));
    };
    let finding = format!("{name} wrote around the attempt: {}", visible(&last.fact));
    let mut item = if turned_away(facts) {
        Item::problem(QUESTION, finding).next("See what the lines ask for: they were written when the connection was ended")
    } else {
        Item::ok(QUESTION, finding).explained("Others may have caused these lines as well: they were written in the same moment.")
    };
    item.evidence.extend(lines.iter().cloned());
    item
}

/// Whether the connection was ended as soon as it was made.
fn turned_away(facts: &Facts) -> bool {
    let ended = |greeting: &Greeting| matches!(greeting.kind, GreetingKind::Closed | GreetingKind::Reset);
    facts.probes().iter().any(|probe| probe.result == ProbeResult::Reset || probe.greeting.as_ref().is_some_and(ended))
}

/// Whether the computer that is asked for is this one and its sockets are known.
pub(in super::super) fn shows_sockets(facts: &Facts) -> bool {
    facts.server().is_some_and(|here| here.shows(Table::TcpSockets))
}
