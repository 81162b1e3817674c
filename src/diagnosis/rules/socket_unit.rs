//! systemd itself has the port, for a socket unit.

use super::{Context, Finding};
use crate::diagnosis::{Cause, OwnerKind};
use crate::machine::visible;

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let of_systemd = |holder: &&super::Holder<'_>| holder.owners.iter().any(|owner| owner.kind == OwnerKind::SocketUnit);
    let held: Vec<_> = context.listeners().filter(of_systemd).collect();
    let owner = held.iter().flat_map(|holder| &holder.owners).find(|owner| owner.kind == OwnerKind::SocketUnit)?;
    let port = context.port_name();
    let server = context.scene.server();
    let unit = owner.service.as_deref().map(visible);
    let own =
        context.scene.service.is_some_and(|service| owner.service.as_ref().is_some_and(|unit| service.linked.contains(unit)));
    let headline = unit.as_ref().map_or_else(
        || format!("systemd listens on {port} for a socket unit"),
        |unit| format!("systemd listens on {port} for {unit}"),
    );
    let explanation = if own {
        format!(
            "That socket unit belongs to {server}: systemd listens and hands the socket over. {server} tried to open the port by itself \
             and met its own socket unit."
        )
    } else {
        "systemd keeps the port open and starts a service when somebody connects, so no process of that service need run. Ending processes \
         frees nothing; stopping the socket unit does."
            .to_owned()
    };
    let mut evidence = vec![context.socket_fact("The listener belongs to systemd", held.iter().copied())];
    if let Some(service) = owner.service.as_deref().and_then(|unit| context.scene.snapshot.service(unit)) {
        let name = visible(&service.name);
        let starts = service.linked.iter().map(|unit| visible(unit)).collect::<Vec<_>>().join(", ");
        let fact = if starts.is_empty() {
            format!("{name} listens on the port")
        } else {
            format!("{name} listens on the port and starts {starts}")
        };
        evidence.push(context.scene.fact(fact, format!("systemctl show {name}"), None));
    }
    evidence.extend(context.holder_facts(&held));
    evidence.extend(context.shared_facts());
    Some(Finding {
        cause: Cause::HeldBySocketUnit,
        certainty: context.certainty(),
        headline,
        explanation,
        next_step: unit
            .map_or_else(|| "Find the socket unit and stop it".to_owned(), |unit| format!("Stop {unit}, then start the service")),
        evidence,
        owners: super::owners(&held),
        gaps: Vec::new(),
    })
}
