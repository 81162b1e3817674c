//! Steps one after another: what the first ones do is there when the later ones begin, and their commands say so.

use super::paths::EXCLUSIONS_FILE;
use super::{Operation, Stores};
use crate::machine::{Exclusion, PortRange, PortSet, Protocol, Snapshot, Store, System};

/// Notes in `snapshot` what `operation` does to the lists of excluded ports. Of other operations no later step needs to know.
pub fn note_done(operation: &Operation, snapshot: &mut Snapshot) {
    match operation {
        Operation::AddExclusion { range, protocol, stores } => {
            let rows = in_both(*stores).map(|store| row(*range, *protocol, store, snapshot.host.system));
            snapshot.exclusions.extend(rows.collect::<Vec<_>>());
        }
        Operation::RemoveExclusion { range, protocol, stores } => {
            let is_meant = |row: &Exclusion| {
                let same = row.protocol.is_none() || protocol.is_none() || row.protocol == *protocol;
                row.administered && same && in_both(*stores).any(|store| store == row.store)
            };
            let left = |row: Exclusion| {
                let ports = PortSet::from(row.range);
                let ports = if is_meant(&row) { ports.difference(&(*range).into()) } else { ports };
                ports.ranges().iter().map(|range| Exclusion { range: *range, ..row.clone() }).collect::<Vec<_>>()
            };
            snapshot.exclusions = std::mem::take(&mut snapshot.exclusions).into_iter().flat_map(left).collect();
        }
        _ => {}
    }
}

fn in_both(stores: Stores) -> impl Iterator<Item = Store> {
    let active = stores.active().then_some(Store::Active);
    active.into_iter().chain(stores.persistent().then_some(Store::Persistent))
}

/// The row of an exclusion that PortMedic has made.
fn row(range: PortRange, protocol: Option<Protocol>, store: Store, system: System) -> Exclusion {
    let source = match system {
        System::Linux => EXCLUSIONS_FILE,
        System::Windows => "netsh int ipv4 show excludedportrange",
    };
    Exclusion {
        range,
        protocol,
        family: None,
        store,
        administered: true,
        owner: Some("PortMedic".to_owned()),
        source: source.to_owned(),
    }
}
