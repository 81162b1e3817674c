//! HTTP.sys has the port: the Windows kernel listens, and hands the requests to whoever registered a URL on it.

use super::{Context, Finding, words};
use crate::diagnosis::names::sentence;
use crate::diagnosis::owner::windows::urls_on;
use crate::diagnosis::{Cause, OwnerKind};
use crate::machine::{Evidence, HttpSysUrl, visible};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let through_it = |holder: &&super::Holder<'_>| holder.owners.iter().any(|owner| owner.kind == OwnerKind::HttpSys);
    let held: Vec<_> = context.listeners().filter(through_it).collect();
    held.first()?;
    let owners = super::owners(&held);
    let mut names: Vec<String> = owners.iter().map(|owner| context.name_of(owner)).collect();
    names.dedup();
    let (who, port) = (words::list(&names), context.port_name());
    let mut evidence =
        vec![context.socket_fact("The kernel of Windows listens on the port, as it does for HTTP.sys", held.iter().copied())];
    evidence.push(urls_fact(context));
    evidence.extend(context.holder_facts(&held));
    evidence.extend(context.shared_facts());
    Some(Finding {
        cause: Cause::HeldByHttpSys,
        certainty: context.certainty(),
        headline: format!("{} has {port} through HTTP.sys", sentence(&who)),
        explanation: format!(
            "HTTP.sys, a part of Windows, listens on the port for every program that has registered a URL on it, so other \
             tools name \"System\" only. {} cannot have the port until the last of these URLs is gone.",
            sentence(&context.scene.server())
        ),
        next_step: "Stop what serves these URLs, or move one of the two to another port".to_owned(),
        evidence,
        owners,
        gaps: Vec::new(),
    })
}

/// The registered URLs on the port, with their queues and processes.
fn urls_fact(context: &Context<'_>) -> Evidence {
    let rows: Vec<String> = urls_on(context.scene.snapshot, context.port).map(row).collect();
    let fact = match rows.len() {
        1 => "One URL on the port is registered with HTTP.sys".to_owned(),
        count => format!("{count} URLs on the port are registered with HTTP.sys"),
    };
    context.scene.fact(fact, "netsh http show servicestate view=requestq verbose=yes", Some(rows.join("\n")))
}

fn row(url: &HttpSysUrl) -> String {
    let mut row = visible(&url.url);
    for (what, name) in [("queue", &url.queue), ("application pool", &url.app_pool)] {
        if let Some(name) = name {
            row = format!("{row}, {what} {}", visible(name));
        }
    }
    let pids: Vec<String> = url.pids.iter().map(u32::to_string).collect();
    if pids.is_empty() { row } else { format!("{row}, PID {}", words::list(&pids)) }
}
