//! A connection sits on the port, and nobody listens there: the system gave the port to an outgoing connection by chance.

use super::{Certainty, Context, Finding, Holder, words};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::diagnosis::names::sentence;
use crate::machine::{Evidence, SocketState};

/// Which end began a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// A program here called somebody: the port was given to it by chance.
    Outgoing,
    /// Somebody called a listener here that is gone since.
    Accepted,
    /// The facts do not tell.
    Unclear,
}

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    if context.listeners().next().is_some() {
        return None;
    }
    let held: Vec<_> = context.holders.iter().filter(|holder| holder.socket.state.is_connected()).collect();
    let first = held.first()?;
    let direction = direction(context, first);
    let name = first.owners.first().map_or_else(|| "a program that could not be seen".to_owned(), |owner| context.name_of(owner));
    let (port, server) = (context.port_name(), sentence(&context.scene.server()));
    let until = if held.len() == 1 { "until the connection ends" } else { "until the connections end" };
    let (headline, fact, explanation) = match direction {
        Direction::Outgoing => (
            format!("An outgoing connection of {name} took {port}"),
            format!("{} is the local port of an outgoing connection, not a listener", context.port),
            format!("{} {server} cannot listen {until}.", why_given(context, &name)),
        ),
        Direction::Accepted => (
            format!("A connection of {name} still has {port}"),
            format!("{} is the local port of a connection whose listener is gone", context.port),
            format!(
                "A listener accepted the connection and closed since, but the connection lives on. {server} cannot listen {until}{}.",
                if context.scene.is_windows() || context.answer == Answer::InUse { "" } else { ", unless it sets SO_REUSEADDR" }
            ),
        ),
        Direction::Unclear => (
            format!("A connection of {name} has {port}"),
            format!("{} is the local port of a connection, and nobody listens there", context.port),
            format!("{} {server} cannot listen {until}.", why_given(context, &name)),
        ),
    };
    let mut evidence = vec![context.socket_fact(fact, held.iter().copied())];
    evidence.extend(context.holder_facts(&held));
    evidence.extend(far_end_fact(context, first));
    evidence.extend(context.client_facts());
    let lasting = context.in_dynamic_range() == Some(true) && !context.is_excluded();
    Some(Finding {
        cause: Cause::HeldByClient,
        certainty: match (direction, context.certainty()) {
            (Direction::Unclear, Certainty::Certain) => Certainty::likely("the facts do not tell which end began the connection"),
            (_, certainty) => certainty,
        },
        headline,
        explanation,
        next_step: match (lasting, context.scene.is_windows()) {
            (true, true) => "Close the connection, then exclude the port",
            (true, false) => "Exclude the port, then close the connection",
            (false, _) => "Close the connection",
        }
        .to_owned(),
        evidence,
        owners: super::owners(&context.deciding()),
        gaps: Vec::new(),
    })
}

fn direction(context: &Context<'_>, holder: &Holder<'_>) -> Direction {
    match holder.socket.state {
        SocketState::SynSent => return Direction::Outgoing,
        SocketState::SynReceived => return Direction::Accepted,
        _ => {}
    }
    // Accepted connections inherit SO_REUSEADDR from their listener, and clients do not set it.
    if context.answer == Answer::FreeWithReuse {
        return Direction::Accepted;
    }
    // Who is at the other end of a listener has called it.
    if context.scene.snapshot.listener_at_far_end(holder.socket).is_some() {
        return Direction::Outgoing;
    }
    let Some(range) = context.scene.snapshot.dynamic_range(context.protocol) else { return Direction::Unclear };
    let far_is_dynamic = holder.socket.remote.is_some_and(|remote| range.range.contains(remote.port()));
    match (range.range.contains(context.port), far_is_dynamic) {
        (true, false) => Direction::Outgoing,
        (false, true) => Direction::Accepted,
        (true, true) | (false, false) => Direction::Unclear,
    }
}

/// The listener that was called, where it is on this computer.
fn far_end_fact(context: &Context<'_>, holder: &Holder<'_>) -> Option<Evidence> {
    let listener = context.scene.snapshot.listener_at_far_end(holder.socket)?;
    let far_end = holder.socket.remote?;
    let raw = format!("{} {} {}", listener.protocol, listener.local, listener.state);
    Some(context.scene.fact(
        format!("The other end, {far_end}, has a listener on this computer, so the connection was begun at this end"),
        "socket table",
        Some(raw),
    ))
}

/// Why the system gave this port of all ports to a client.
fn why_given(context: &Context<'_>, name: &str) -> String {
    let Some(range) = context.scene.snapshot.dynamic_range(context.protocol) else {
        return format!("{} has the port for a connection to somebody else.", sentence(name));
    };
    let kernel = words::capital(context.scene.kernel());
    let port = context.port;
    if !range.range.contains(port) {
        return format!(
            "{port} lies outside the dynamic range, so {name} asked for it by number, or the range was another one when the connection \
             began."
        );
    }
    if context.is_excluded() {
        return format!("{port} is excluded now, but the connection is older than the exclusion.");
    }
    let reach =
        if range.range.count() == 1 { format!("consists of {port} alone") } else { format!("starts at {}", range.range.start()) };
    format!(
        "{kernel} gave {name} this port by chance, because the dynamic range of this computer {reach}{}.",
        context.and_not_excluded(),
    )
}
