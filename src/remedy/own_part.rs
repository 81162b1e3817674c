//! The ways to take a step back: exactly; only what is PortMedic's own, where somebody changed the same thing since; or everything.

use serde::{Deserialize, Serialize};

use super::standing::{Standing, table};
use super::{Operation, OperationState, Stores};
use crate::machine::{PortRange, PortSet};

/// How much is taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoMode {
    /// All is as before the change then. Refused where somebody changed the same thing since.
    #[default]
    Exact,
    /// What PortMedic did is taken back, and what others changed since stays.
    OwnOnly,
    /// All is as before the change then, and what others changed since is lost.
    Everything,
}

/// One act of taking back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayBack {
    /// What the operation changed gets this state.
    Restore {
        /// The operation.
        operation: Operation,
        /// The state.
        to: OperationState,
    },
    /// Another operation does the opposite.
    Do(Operation),
}

impl Operation {
    /// What takes the step back that found `before` and left `after` (`None` where nobody read it), where there is `now` today; nothing where
    /// there is nothing to take back.
    pub fn ways_back(
        &self,
        mode: UndoMode,
        before: &OperationState,
        after: Option<&OperationState>,
        now: &OperationState,
    ) -> Vec<WayBack> {
        let restore = |operation: Self| vec![WayBack::Restore { operation, to: before.clone() }];
        match (self.standing(before, after, now), mode) {
            (Ok(Standing::Before), _) => Vec::new(),
            (Ok(Standing::Begun), _) | (Err(_), UndoMode::Exact) => restore(self.clone()),
            (Err(_), UndoMode::Everything) => restore(self.for_every_port()),
            (Err(_), UndoMode::OwnOnly) => self.own_part(before, after, now),
        }
    }

    /// Takes back what the step did and nobody has undone since, and nothing else.
    fn own_part(&self, before: &OperationState, after: Option<&OperationState>, now: &OperationState) -> Vec<WayBack> {
        let tables = self.told_tables([Some(before), after, Some(now)]);
        if !tables.is_empty() {
            let of_table = |(operation, name): &(Self, String)| {
                let after = after.map(|state| table(state, name));
                operation.own_part(&table(before, name), after.as_ref(), &table(now, name))
            };
            return tables.iter().flat_map(of_table).collect();
        }
        match *self {
            Self::AddExclusion { range, protocol, stores } => {
                let own = own_ports(range, [before, now], after, |before, after, now| after.difference(before).intersection(now));
                in_stores(own, stores, |range, stores| Self::RemoveExclusion { range, protocol, stores })
            }
            Self::RestartWinnat { range, protocol } => {
                Self::AddExclusion { range, protocol: Some(protocol), stores: Stores::Both }.own_part(before, after, now)
            }
            Self::RemoveExclusion { range, protocol, stores } => {
                let own = own_ports(range, [before, now], after, |before, after, now| before.difference(after).difference(now));
                in_stores(own, stores, |range, stores| Self::AddExclusion { range, protocol, stores })
            }
            Self::SetDynamicRange { range, protocol, family, stores: Stores::Both } => {
                let one = |stores| Self::SetDynamicRange { range, protocol, family, stores };
                let is_ours = |operation: &Self| operation.standing(before, after, now) == Ok(Standing::Begun);
                let restore = |operation| WayBack::Restore { operation, to: before.clone() };
                [one(Stores::Active), one(Stores::Persistent)].into_iter().filter(is_ours).map(restore).collect()
            }
            Self::ExcludeFromDnsPool { ref ports } => match (before, now) {
                (OperationState::DnsPool { excluded: before }, OperationState::DnsPool { excluded: now }) => {
                    let left = now.difference(&ports.difference(before));
                    let to = OperationState::DnsPool { excluded: left.clone() };
                    if left == *now { Vec::new() } else { vec![WayBack::Restore { operation: self.clone(), to }] }
                }
                _ => Vec::new(),
            },
            // What has one value only is somebody else's where it is neither as before nor as after.
            _ => Vec::new(),
        }
    }

    /// The same for every port: Windows puts lists back only as far as they are about the ports of the operation.
    fn for_every_port(&self) -> Self {
        let Ok(range) = PortRange::new(1, u16::MAX) else { return self.clone() };
        match *self {
            Self::AddExclusion { protocol, stores, .. } => Self::AddExclusion { range, protocol, stores },
            Self::RemoveExclusion { protocol, stores, .. } => Self::RemoveExclusion { range, protocol, stores },
            Self::RestartWinnat { protocol, .. } => Self::AddExclusion { range, protocol: Some(protocol), stores: Stores::Both },
            _ => self.clone(),
        }
    }
}

/// The ports of `range` that the step changed and nobody has changed back, in the running system and for the next start.
fn own_ports(
    range: PortRange,
    [before, now]: [&OperationState; 2],
    after: Option<&OperationState>,
    own: impl Fn(&PortSet, &PortSet, &PortSet) -> PortSet,
) -> [PortSet; 2] {
    let (Some(before), Some(now)) = (lists(before), lists(now)) else { return [PortSet::new(), PortSet::new()] };
    let asked = PortSet::from(range);
    // What nobody read is what was asked for, as far as it is there.
    let after = after.and_then(lists).unwrap_or_else(|| [0, 1].map(|store| now[store]));
    [0, 1].map(|store| own(before[store], after[store], now[store]).intersection(&asked))
}

fn lists(state: &OperationState) -> Option<[&PortSet; 2]> {
    match state {
        OperationState::Exclusions { active, persistent, .. } => Some([active, persistent]),
        _ => None,
    }
}

/// An operation for each block of ports, for both stores at once where both have it.
fn in_stores(
    [active, persistent]: [PortSet; 2],
    stores: Stores,
    operation: impl Fn(PortRange, Stores) -> Operation,
) -> Vec<WayBack> {
    let none = PortSet::new();
    let (active, persistent) =
        (if stores.active() { &active } else { &none }, if stores.persistent() { &persistent } else { &none });
    let both = active.intersection(persistent);
    let parts = [
        (both.clone(), Stores::Both),
        (active.difference(&both), Stores::Active),
        (persistent.difference(&both), Stores::Persistent),
    ];
    let blocks = parts.iter().flat_map(|(ports, stores)| ports.ranges().iter().map(|range| (*range, *stores)));
    blocks.map(|(range, stores)| WayBack::Do(operation(range, stores))).collect()
}
