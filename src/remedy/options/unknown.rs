//! PortMedic cannot or must not act: what a person can do.

use super::move_port;
use crate::diagnosis::{Owner, OwnerKind};
use crate::machine::SYSTEM_PID;
use crate::remedy::FixOption;
use crate::remedy::evict::{Eviction, evict, look_again};
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    if planner.diagnosis.port.is_none() {
        return Vec::new();
    }
    let unseen = evict(planner, &planner.diagnosis.owners);
    std::iter::once(by_hand(planner, &unseen)).chain(move_port::option(planner)).collect()
}

/// What is left where the holders cannot all be dealt with: the reasons, and what a person can do instead.
pub(super) fn by_hand(planner: &Planner<'_>, eviction: &Eviction) -> FixOption {
    let mut instructions = eviction.by_hand.clone();
    if instructions.is_empty() {
        instructions.push(where_nobody_was_seen(planner));
    }
    let owners = &planner.diagnosis.owners;
    if owners.iter().any(is_known) && !eviction.names.is_empty() {
        let who = eviction.who();
        let effect = format!("PortMedic does not touch {who}; the steps say why and what can be done.");
        return planner.by_hand(format!("Deal with {who} by hand"), effect, instructions, &who);
    }
    let (title, effect) = if owners.iter().any(|owner| owner.pid.is_some() && owner.kind != OwnerKind::Kernel) {
        ("Find out which program has the port", "Nothing is done to a program of which only its number was seen.")
    } else {
        ("Find out who has the port", "Nothing is done to a holder that was not seen.")
    };
    planner.by_hand(title.to_owned(), effect.to_owned(), instructions, "Nothing")
}

/// Not even a socket. Files cannot be looked at again: the verdict says what has to be opened with them.
fn where_nobody_was_seen(planner: &Planner<'_>) -> String {
    let host = &planner.snapshot.host;
    match (host.is_captured(), host.elevated) {
        (true, _) => planner.diagnosis.verdict.next_step.clone(),
        (false, true) => format!("{}. The holder may come and go", look_again(planner)),
        (false, false) => look_again(planner),
    }
}

/// Whether more is known of a holder than its socket and the number of its process.
fn is_known(owner: &Owner) -> bool {
    let has_name = owner.process.is_some() || owner.service.is_some() || owner.container.is_some();
    owner.kind != OwnerKind::Unknown && has_name || owner.pid == Some(SYSTEM_PID)
}
