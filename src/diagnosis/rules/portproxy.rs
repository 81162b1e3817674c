//! A portproxy rule has the port: the service iphlpsvc listens, and passes each connection on.

use super::{Context, Finding};
use crate::diagnosis::names::sentence;
use crate::diagnosis::owner::windows::rules_on;
use crate::diagnosis::{Cause, OwnerKind};
use crate::machine::{PortproxyRule, visible};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let by_rule = |holder: &&super::Holder<'_>| holder.owners.iter().any(|owner| owner.kind == OwnerKind::Portproxy);
    let held: Vec<_> = context.listeners().filter(by_rule).collect();
    held.first()?;
    let mut rules: Vec<&PortproxyRule> = held.iter().flat_map(|holder| rules_on(context.scene.snapshot, holder.socket)).collect();
    rules.dedup();
    let to: Vec<String> = rules.iter().map(|rule| format!("{}:{}", visible(&rule.connect_address), rule.connect_port)).collect();
    let port = context.port_name();
    let rows: Vec<String> = rules.iter().map(|rule| row(rule)).collect();
    let source = "netsh interface portproxy show all";
    let mut evidence = vec![context.socket_fact("The service iphlpsvc listens on the port", held.iter().copied())];
    evidence.push(context.scene.fact("A portproxy rule listens there", source, Some(rows.join("\n"))));
    evidence.extend(context.holder_facts(&held));
    evidence.extend(context.shared_facts());
    Some(Finding {
        cause: Cause::HeldByPortproxy,
        certainty: context.certainty(),
        headline: format!("A portproxy rule has {port}"),
        explanation: format!(
            "Somebody told Windows to pass connections to {port} on to {}, and the service IP Helper listens for that. {} cannot have \
             the port while the rule is there; stopping the service would stop other things with it.",
            super::words::list(&to),
            sentence(&context.scene.server())
        ),
        next_step: "Delete the portproxy rule, then start the service".to_owned(),
        evidence,
        owners: super::owners(&held),
        gaps: Vec::new(),
    })
}

fn row(rule: &PortproxyRule) -> String {
    let (listen, connect) = (visible(&rule.listen_address), visible(&rule.connect_address));
    format!("{} {listen}:{} -> {connect}:{}", rule.kind(), rule.listen_port, rule.connect_port)
}
