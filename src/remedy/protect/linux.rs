//! Linux keeps one list for TCP and UDP over both families, takes ports that are in use, and interrupts nobody.

use super::Draft;
use crate::diagnosis::audit::Risk;
use crate::machine::{PortRange, PortSet, Protocol, Snapshot, Store};
use crate::remedy::MAX_STEPS;
use crate::remedy::exclusions::add_in_turn;

pub(super) fn draft(snapshot: &Snapshot, exposed: &[&Risk]) -> Draft {
    let mut draft = Draft::default();
    let ports: PortSet = exposed.iter().map(|risk| PortRange::single(risk.port)).collect();
    let leaves_none = Protocol::ALL.into_iter().any(|protocol| {
        let excluded = snapshot.excluded(protocol, Store::Active).union(&ports);
        snapshot.dynamic_range(protocol).is_some_and(|row| excluded.contains_range(row.range))
    });
    if leaves_none {
        let instructions = vec![
            "Widen the dynamic range first: without the ports of the services it would have none for clients. portmedic range \
             32768-60999 sets the usual one"
                .to_owned(),
            "Run the audit again: portmedic audit --fix".to_owned(),
        ];
        draft.left.extend(exposed.iter().map(|risk| (risk.port, risk.protocol, instructions.clone())));
        return draft;
    }
    let (first, rest) = ports.ranges().split_at(ports.ranges().len().min(MAX_STEPS));
    draft.steps = add_in_turn(snapshot, first, None);
    for range in rest {
        let later = exposed.iter().filter(|risk| range.contains(risk.port));
        draft.left.extend(later.map(|risk| (risk.port, risk.protocol, vec![super::by_hand::next_run()])));
    }
    draft
}
