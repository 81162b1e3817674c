//! A connection that is over still rests on the port. It frees itself.

use super::{Context, Finding, recorded};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::diagnosis::names::sentence;
use crate::diagnosis::wording::more_seconds;
use crate::machine::SocketState;

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let held: Vec<_> = context.holders.iter().filter(|holder| holder.socket.state.is_closing()).collect();
    let first = held.first()?;
    let longest = held.iter().filter_map(|holder| holder.socket.expires_ms).max();
    // Windows keeps them for two minutes, older ones for four.
    let usual = if context.scene.is_windows() { "a few minutes" } else { "about a minute" };
    let wait = longest.map_or_else(|| usual.to_owned(), more_seconds);
    let (port, kernel) = (context.port_name(), context.scene.kernel());
    let keeps = match first.socket.state {
        SocketState::TimeWait => format!("for {wait}, so that late packets do not reach a new connection"),
        _ => format!("for {wait} at most, until the other side has closed it too"),
    };
    let reuse = match context.answer {
        Answer::FreeWithReuse => " A server that sets SO_REUSEADDR, as most do, can have the port at once.",
        Answer::InUse if !context.scene.is_windows() => {
            " Setting SO_REUSEADDR does not help: the connection was made without it."
        }
        _ => "",
    };
    let count = match held.len() {
        1 => "A connection that is over still rests on the port".to_owned(),
        several => format!("{several} connections that are over still rest on the port"),
    };
    let program = recorded::culprit(context).unwrap_or_else(|| "The program".to_owned());
    let mut evidence = vec![context.socket_fact(count, held.iter().copied())];
    evidence.extend(context.client_facts());
    let lasting = context.in_dynamic_range() == Some(true) && !context.is_excluded();
    Some(Finding {
        cause: Cause::HeldByClosingConnection,
        certainty: context.certainty(),
        headline: format!("A finished connection still rests on {port}"),
        explanation: format!("{program} has closed the connection, and {kernel} keeps the port {keeps}.{reuse}"),
        next_step: match (context.scene.wanted(), lasting) {
            (_, true) if context.scene.is_windows() => format!("Wait {wait}, then exclude the port"),
            (_, true) => "Exclude the port, and wait or close what rests on it".to_owned(),
            (Some(name), false) => format!("Wait {wait}, then start {}", sentence(&name)),
            (None, false) => format!("Wait {wait}"),
        },
        evidence,
        owners: super::owners(&context.deciding()),
        gaps: Vec::new(),
    })
}
