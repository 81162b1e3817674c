//! The service has its port: it runs and listens, or its socket unit listens for it. Not a port conflict.

use super::{Certainty, Context, Finding, Holder};
use crate::diagnosis::{Cause, Owner, OwnerKind};
use crate::machine::{ServiceKind, ServiceState};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let service = context.scene.service?;
    let all = || context.holders.iter().chain(&context.beside).filter(|holder| holder.socket.is_listener());
    let having = |is_own: &dyn Fn(&Owner) -> bool| all().filter(|holder| holder.owners.iter().any(is_own)).collect::<Vec<_>>();
    let name = context.scene.server();
    let port = context.port_name();

    if matches!(service.state, ServiceState::Running | ServiceState::Starting) {
        let own = having(&|owner| context.is_own(owner));
        if !own.is_empty() {
            let state = if service.state == ServiceState::Running { "runs" } else { "is starting" };
            return Some(finding(context, &own, format!("{name} {state} and listens on {port}")));
        }
    }
    let by_own_socket_unit = |owner: &Owner| {
        owner.kind == OwnerKind::SocketUnit && owner.service.as_ref().is_some_and(|unit| service.linked.contains(unit))
    };
    if service.kind == ServiceKind::Unit && !service.is_failing() {
        let own = having(&by_own_socket_unit);
        if !own.is_empty() {
            return Some(finding(
                context,
                &own,
                format!("systemd listens on {port} for {name}, and starts it when somebody connects"),
            ));
        }
    }
    None
}

fn finding(context: &Context<'_>, own: &[&Holder<'_>], headline: String) -> Finding {
    let scene = &context.scene;
    let local_only = own.iter().all(|holder| holder.socket.local.ip().to_canonical().is_loopback());
    let reach = if local_only {
        "It listens for this computer only, so clients elsewhere cannot reach it."
    } else {
        "If clients do not reach it, look at the address they use and at the firewall."
    };
    let mut evidence = vec![context.socket_fact("The port belongs to the service itself", own.iter().copied())];
    evidence.extend(scene.state_fact());
    evidence.extend(context.bind_fact());
    Finding {
        cause: Cause::NotAPortProblem,
        certainty: Certainty::Certain,
        headline,
        explanation: format!("The service has its port; this is not a port conflict. {reach}"),
        next_step: "Look at the clients: address, firewall, credentials".to_owned(),
        evidence,
        owners: super::owners(own),
        gaps: Vec::new(),
    }
}
