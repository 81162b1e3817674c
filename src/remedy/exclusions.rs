//! Exclusions one after another, as steps of one plan.

use super::in_turn::note_done;
use super::step::single_step;
use super::{Operation, Step, Stores};
use crate::machine::{PortRange, Protocol, Snapshot};

/// A step for each range, now and after a restart. On Linux each command writes the whole list, so whoever types them one after another needs
/// the ports of the ones before in it.
pub(super) fn add_in_turn(snapshot: &Snapshot, ranges: &[PortRange], protocol: Option<Protocol>) -> Vec<Step> {
    let mut so_far = Snapshot::new(snapshot.taken_at, snapshot.host.clone());
    so_far.exclusions.clone_from(&snapshot.exclusions);
    let add = |range: &PortRange| {
        let operation = Operation::AddExclusion { range: *range, protocol, stores: Stores::Both };
        let step = single_step(operation.clone(), &so_far);
        note_done(&operation, &mut so_far);
        step
    };
    ranges.iter().map(add).collect()
}
