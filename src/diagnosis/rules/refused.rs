//! A client was refused: nobody listens where it asked.

use std::net::IpAddr;

use super::{Certainty, Context, Finding, words};
use crate::diagnosis::Cause;
use crate::machine::{FailureKind, Gap, Table};

/// Fires on a symptom that says so, unless the service itself is in trouble: then its own trouble is the answer.
pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let scene = &context.scene;
    if !scene.says(FailureKind::Refused) || scene.is_failing() {
        return None;
    }
    if let Some(address) =
        scene.failure().and_then(|failure| failure.address).filter(|own| scene.has_address(*own) == Some(false))
    {
        return Some(elsewhere(context, address));
    }
    let listeners: Vec<_> = context.holders.iter().chain(&context.beside).filter(|holder| holder.socket.is_listener()).collect();
    let port = context.port_name();
    let mut evidence: Vec<_> = scene.log_fact().into_iter().collect();
    let Some(first) = listeners.first() else {
        let shown = scene.snapshot.shows(Table::sockets(context.protocol));
        let table = if scene.snapshot.sockets_elsewhere.is_empty() {
            "No socket listens on the port"
        } else {
            "No socket of this network namespace listens on the port"
        };
        evidence.extend(shown.then(|| scene.fact(table, "socket table", None)));
        evidence.extend(context.bind_fact());
        evidence.extend(scene.state_fact());
        evidence.extend(context.elsewhere_fact());
        let asked_here = scene.failure().is_some_and(|failure| {
            failure.address.is_some_and(|own| scene.has_address(own) == Some(true)) || failure.message.contains("localhost")
        });
        let certainty = match (shown, asked_here) {
            (false, _) => Certainty::likely("the sockets of that computer are not shown"),
            (true, false) => Certainty::likely("it is not known whether the client asked this computer"),
            (true, true) => Certainty::Certain,
        };
        let or_elsewhere = if asked_here {
            String::new()
        } else {
            format!(" Where it asked another computer, that one refused: portmedic connect NAME {} asks it.", context.port)
        };
        return Some(Finding {
            cause: Cause::Refused,
            certainty,
            headline: if shown { format!("Nobody listens on {port}") } else { format!("Nobody listened on {port}") },
            explanation: format!(
                "A client asked for {port}, and {} refused it because no program listens there.{or_elsewhere}",
                scene.kernel()
            ),
            next_step: scene
                .wanted()
                .map_or_else(|| "Start the service that should listen there".to_owned(), |name| format!("Start {name}")),
            evidence,
            owners: super::owners(&context.holders.iter().collect::<Vec<_>>()),
            gaps: Vec::new(),
        });
    };
    let local_only = listeners.iter().all(|holder| holder.socket.local.ip().to_canonical().is_loopback());
    let name = first.owners.first().map_or_else(|| "a program".to_owned(), |owner| context.name_of(owner));
    let addresses: Vec<String> = listeners.iter().map(|holder| holder.socket.local.ip().to_string()).collect();
    evidence.push(context.socket_fact(format!("{name} listens on {}", words::list(&addresses)), listeners.iter().copied()));
    evidence.extend(scene.state_fact());
    let (certainty, headline, explanation, next_step) = if local_only {
        (
            Certainty::likely("it is not known from where the client asked"),
            format!("{name} listens on {port}, but only for this computer"),
            "Programs on this computer reach it, clients elsewhere are refused.".to_owned(),
            format!("Let {name} listen on an address that the client can reach"),
        )
    } else {
        (
            Certainty::likely("somebody listens there now"),
            format!("{name} listens on {port} now"),
            "The refusal was before it listened, or came from another address, another computer or a firewall on the way."
                .to_owned(),
            "Try the client again; if it is refused again, check the address and the firewall".to_owned(),
        )
    };
    Some(Finding {
        cause: Cause::Refused,
        certainty,
        headline,
        explanation,
        next_step,
        evidence,
        owners: super::owners(&listeners),
        gaps: Vec::new(),
    })
}

/// The one who refused is another computer: what is seen here says nothing about it.
fn elsewhere(context: &Context<'_>, address: IpAddr) -> Finding {
    let scene = &context.scene;
    let port = context.port_name();
    Finding {
        cause: Cause::Refused,
        certainty: Certainty::CannotTell("the other computer was not looked at".to_owned()),
        headline: format!("Another computer refused {port}"),
        explanation: format!(
            "The address {address} is not this computer's. There nobody listens on {port}, or a firewall refuses in its place."
        ),
        next_step: format!("Ask it for a connection: portmedic connect {address} {}", context.port),
        evidence: scene.log_fact().into_iter().collect(),
        owners: Vec::new(),
        gaps: vec![Gap::new(
            format!("who listens on {address}"),
            "it is another computer's address",
            format!(
                "portmedic connect {address} {} on the client, portmedic diagnose {} on that computer",
                context.port, context.port
            ),
        )],
    }
}
