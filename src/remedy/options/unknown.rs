//! PortMedic cannot or must not act: what a person can do.

use super::move_port;
use crate::remedy::FixOption;
use crate::remedy::evict::{Eviction, evict};
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
    let port = format!("{}/{}", planner.port(), planner.protocol().as_str());
    let elevated = planner.snapshot.host.elevated;
    let mut instructions = eviction.by_hand.clone();
    if instructions.is_empty() {
        instructions.push(if elevated {
            format!("Look again, as the holder may come and go: portmedic diagnose {port}")
        } else if !planner.is_linux() {
            format!("Look again as administrator: portmedic diagnose {port}")
        } else {
            format!("Look again with administrator rights: sudo portmedic diagnose {port}")
        });
    }
    let seen = !eviction.names.is_empty() && planner.diagnosis.owners.iter().any(|owner| owner.pid.is_some());
    let (title, effect, interrupts) = if seen {
        let who = eviction.who();
        (
            format!("Deal with {who} by hand"),
            format!("PortMedic does not touch {who}; the steps say why and what can be done."),
            who,
        )
    } else {
        (
            "Find out who has the port".to_owned(),
            "Nothing is done to a holder that was not seen.".to_owned(),
            "Nothing".to_owned(),
        )
    };
    planner.by_hand(title, effect, instructions, &interrupts)
}
