//! Another program listens on the port.

use super::{Context, Finding, Holder, by_chance};
use crate::diagnosis::names::sentence;
use crate::diagnosis::{Cause, OwnerKind};
use crate::machine::Evidence;

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let held: Vec<_> = context.listeners().collect();
    let first = held.first()?;
    let owner = first.owners.first()?;
    let port = context.port_name();
    let name = context.name_of(owner);
    let mut evidence = vec![context.socket_fact(format!("{} listens on the port", sentence(&name)), held.iter().copied())];
    evidence.extend(context.holder_facts(&held));
    evidence.extend(by_chance::pool_fact(context, owner));
    evidence.extend(through_it(context));
    evidence.extend(context.shared_facts());
    let chance = by_chance::reason(context, owner);
    let is_dns_pool = by_chance::is_in_dns_pool(context, owner);
    let host = &context.scene.snapshot.host;
    let unseen = match owner.kind {
        OwnerKind::Unknown if context.scene.is_windows() => "",
        OwnerKind::Unknown if host.is_captured() && owner.pid.is_none() => {
            " The files name no process: what made them does not show any (ss without -p), it ran without root's rights, or the kernel \
             itself listens there (NFS, WireGuard)."
        }
        OwnerKind::Unknown if host.elevated => {
            " No process was seen to have it: the kernel itself listens there (NFS, WireGuard), or a process that is hidden from here."
        }
        _ => "",
    };
    Some(Finding {
        cause: Cause::HeldByListener,
        certainty: context.certainty(),
        headline: format!("{} listens on {port}", sentence(&name)),
        explanation: format!(
            "{}{unseen}{} {} cannot have the port until it is given up.",
            reach(context, first),
            chance.as_deref().map(|chance| format!(" {chance}")).unwrap_or_default(),
            sentence(&context.scene.server())
        ),
        next_step: match owner.kind {
            _ if is_dns_pool => format!("Keep {name} from the port, and start it again"),
            _ if owner.protected.is_some() && chance.is_some() => {
                "Move the dynamic range away from the port, or the service to another port".to_owned()
            }
            _ if owner.protected.is_some() => "Move the service to another port".to_owned(),
            OwnerKind::Unit | OwnerKind::Service => format!("Stop {name}, or move one of the two to another port"),
            OwnerKind::Unknown if host.is_captured() => "Find out which program has the port".to_owned(),
            OwnerKind::Unknown if !host.elevated => "Look again with administrator rights".to_owned(),
            _ => "End the program, or move the service to another port".to_owned(),
        },
        evidence,
        owners: super::owners(&held),
        // The platform that could not see the process has told why.
        gaps: Vec::new(),
    })
}

/// Which addresses the holder takes, in words that explain why the service meets it.
fn reach(context: &Context<'_>, holder: &Holder<'_>) -> String {
    let local = holder.socket.local.ip();
    let wants_all = context.scene.address().is_none_or(|address| address.is_unspecified());
    match (local.is_unspecified(), local.is_ipv6(), holder.socket.v6only) {
        (true, true, Some(true)) => "It listens on every IPv6 address; IPv4 is left free.".to_owned(),
        (true, true, None) if context.scene.is_windows() => "It listens on every IPv6 address.".to_owned(),
        (true, true, _) => "It listens on every address: its IPv6 socket takes IPv4 as well.".to_owned(),
        (true, false, _) => "It listens on every IPv4 address.".to_owned(),
        (false, _, _) if wants_all => {
            format!("It listens on {local} only, but whoever asks for every address asks for that one too.")
        }
        (false, _, _) => format!("It listens on {local}."),
    }
}

/// Connections through the listener: who stops it interrupts them.
fn through_it(context: &Context<'_>) -> Option<Evidence> {
    let open = context.holders.iter().filter(|holder| holder.socket.state.is_connected()).count();
    if open == 0 {
        return None;
    }
    let connections = if open == 1 { "1 connection is".to_owned() } else { format!("{open} connections are") };
    let rows = context.holders.iter().filter(|holder| holder.socket.state.is_connected());
    Some(context.socket_fact(format!("{connections} open through it"), rows))
}
