//! A container has the port: published by its runtime, or by a program inside that uses the computer's own network.

use super::{Context, Finding};
use crate::diagnosis::owner::publishes_ports;
use crate::diagnosis::{Cause, OwnerKind};
use crate::machine::visible;

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let deciding = context.deciding();
    let in_container = |holder: &&super::Holder<'_>| holder.owners.iter().any(|owner| owner.kind == OwnerKind::Container);
    let held: Vec<_> = deciding.into_iter().filter(in_container).collect();
    let owner = held.iter().flat_map(|holder| &holder.owners).find(|owner| owner.kind == OwnerKind::Container)?;
    let port = context.port_name();
    let published = owner.process.as_deref().is_some_and(publishes_ports);
    let which =
        owner.container.as_ref().map(|container| format!("{} container {}", visible(&container.runtime), visible(&container.id)));
    let headline = if published {
        format!("A container has published {port}")
    } else {
        let name = owner.process.as_deref().map_or_else(|| "A program".to_owned(), visible);
        format!("{name} in a container has {port}")
    };
    let what = which.as_ref().map_or_else(|| "The container".to_owned(), |which| format!("The {which}"));
    let explanation = if published {
        format!(
            "{what} publishes the port on this computer, so no service of the computer can have it until the container stops or publishes \
             another."
        )
    } else {
        format!("{what} uses the computer's own network, so what listens inside has the port outside as well.")
    };
    let mut evidence = vec![context.socket_fact("The port belongs to a container", held.iter().copied())];
    if let (Some(which), Some(pid)) = (&which, owner.pid) {
        evidence.push(context.scene.fact(
            format!("The holder belongs to {which}"),
            if context.scene.is_windows() {
                "process table".to_owned()
            } else {
                format!("/proc/{pid}/cgroup and its command line")
            },
            None,
        ));
    }
    evidence.extend(context.holder_facts(&held));
    evidence.extend(context.shared_facts());
    Some(Finding {
        cause: Cause::HeldByContainer,
        certainty: context.certainty(),
        headline,
        explanation,
        next_step: "Stop the container, or publish another port".to_owned(),
        evidence,
        owners: super::owners(&held),
        gaps: Vec::new(),
    })
}
