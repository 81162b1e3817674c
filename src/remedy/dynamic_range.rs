//! The steps that set the dynamic range of one protocol, and whether the computer takes it.

use super::preview::windows::FIRST_DYNAMIC_PORT;
use super::step::single_step;
use super::{Operation, Step, Stores};
use crate::machine::{Family, PortRange, Protocol, Snapshot, Store, System, usual_dynamic_range};

/// The smallest dynamic range that Windows takes (`netsh int ipv4 set dynamicport`).
pub const LEAST_PORTS_OF_WINDOWS: u32 = 255;

/// The dynamic range of a computer that nobody has changed.
pub(super) fn usual(snapshot: &Snapshot) -> Option<PortRange> {
    let (start, end) = usual_dynamic_range(snapshot.host.system);
    PortRange::new(start, end).ok()
}

/// Whether this computer takes another dynamic range at all, and this one.
pub(super) fn may_be_set(snapshot: &Snapshot, protocol: Protocol, range: PortRange) -> bool {
    let excluded = snapshot.excluded(protocol, Store::Active);
    let fits = match snapshot.host.system {
        System::Linux => range.start() >= snapshot.unprivileged_port_start.unwrap_or_default(),
        System::Windows => range.start() >= FIRST_DYNAMIC_PORT && range.count() >= LEAST_PORTS_OF_WINDOWS,
    };
    fits && !snapshot.host.wsl && !excluded.contains_range(range)
}

/// The steps that set the dynamic range: on Windows that of the protocol, for each family that has one of its own. What would bring the
/// old range back at the next start goes first.
pub(super) fn set(snapshot: &Snapshot, protocol: Protocol, range: PortRange) -> Vec<Step> {
    let set =
        |protocol, family| single_step(Operation::SetDynamicRange { range, protocol, family, stores: Stores::Both }, snapshot);
    if snapshot.host.system == System::Linux {
        return vec![set(None, None)];
    }
    let widened = snapshot.windows.max_user_port.filter(|_| protocol == Protocol::Tcp);
    let mut steps: Vec<Step> = widened.map(|_| single_step(Operation::RemoveMaxUserPort, snapshot)).into_iter().collect();
    let own = snapshot.dynamic_ranges.iter().filter(|row| row.protocol.is_none_or(|own| own == protocol));
    let mut families: Vec<Option<Family>> = own.filter(|row| row.range != range).map(|row| row.family).collect();
    families.sort_unstable();
    families.dedup();
    steps.extend(families.into_iter().map(|family| set(Some(protocol), family)));
    steps
}
