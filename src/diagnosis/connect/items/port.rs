//! Whether the port that is asked for is the one that the service has.

use super::super::{Facts, Item, PortFrom, Question, service};
use super::{instance_here, named};
use crate::diagnosis::wording::list;
use crate::machine::connect::BrowserResult;
use crate::machine::{KnownFrom, Port, Protocol, visible};

pub(super) fn port(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Port;
    let wanted = &facts.wanted;
    if wanted.pipe {
        return Item::not_applicable(QUESTION, "a named pipe was asked for, which goes over the port of file shares (445)");
    }
    let looked = !facts.browser.is_waiting() || wanted.named_instance().is_none();
    let Some(port) = wanted.port else {
        return if let Some(own) = service(facts).filter(|_| wanted.instance.is_none()) {
            let name = visible(own.display_name());
            Item::could_not(QUESTION, format!("nothing tells a TCP port of {name}"), "Name the port that it should have")
        } else if looked {
            Item::could_not(QUESTION, "nobody told the port of the instance", "Name the port of the instance")
        } else {
            Item::waiting(QUESTION)
        };
    };
    let from = wanted.port_from.map_or("you", PortFrom::as_str);
    let Some((right, source)) = right_ports(facts) else {
        return Item::ok(QUESTION, format!("port {port}, known from {from}"));
    };
    if right.is_empty() || right.contains(&port) {
        return Item::ok(QUESTION, format!("port {port} is the one that the service wants"))
            .shown(format!("The service wants port {port}"), source);
    }
    let ports: Vec<String> = right.iter().map(ToString::to_string).collect();
    Item::problem(QUESTION, format!("port {port} was asked for, and the service is set to port {}", list(&ports)))
        .explained("A client that is not told the other port asks at the wrong door.")
        .next(format!("Tell the client port {}, or set the service back to port {port}", ports[0]))
        .shown(format!("The service is set to port {}", list(&ports)), source)
}

/// The ports that the service is known to want, and where that is known from; `None` where nothing tells.
pub(in super::super) fn right_ports(facts: &Facts) -> Option<(Vec<Port>, String)> {
    if let Some(BrowserResult::Instances(all)) = facts.browser.seen().map(|answer| &answer.result)
        && let Some(port) = named(facts, all).and_then(|own| own.tcp)
    {
        return Some((vec![port], "SQL Server Browser".to_owned()));
    }
    facts.server()?;
    if facts.wanted.is_sql()
        && let Some(own) = facts.sql_servers.seen().and_then(|servers| instance_here(facts, servers))
        && !own.ports.is_empty()
    {
        return Some((own.ports.iter().map(|port| port.port).collect(), own.source.clone()));
    }
    // A service that was found by its port has that port; only a name or product tells that another one is right.
    let named = facts.wanted.product.is_some() || facts.wanted.instance.is_some();
    let service = service(facts).filter(|_| named)?;
    let known = |from: KnownFrom| !matches!(from, KnownFrom::Catalogue | KnownFrom::User);
    let own: Vec<_> = service.ports.iter().filter(|own| own.protocol == Protocol::Tcp && known(own.known_from)).collect();
    let source = own.first()?.source.clone();
    let mut ports: Vec<Port> = own.iter().map(|own| own.port).collect();
    ports.dedup();
    Some((ports, source))
}
