//! What becomes of a port now and after the next restart: may clients be given it?

use std::net::IpAddr;

use super::fixed::FixedPort;
use crate::diagnosis::rules::span;
use crate::machine::{DynamicRange, Family, PortRange, PortSet, Protocol, Snapshot, Store, System, usual_dynamic_range};

/// What one store says of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outlook {
    /// No range that is handed out has it.
    Outside,
    /// It lies in a range and is excluded from it.
    Excluded,
    /// It lies in this range, and any client may be given it.
    HandedOut(PortRange),
}

/// What `store` says of a port.
pub(super) fn outlook(snapshot: &Snapshot, port: &FixedPort<'_>, store: Store) -> Outlook {
    let ranges = ranges(snapshot, port.protocol, port.address, store);
    match ranges.into_iter().find(|range| range.contains(port.port)) {
        None => Outlook::Outside,
        Some(_) if excluded(snapshot, port.protocol, store).contains(port.port) => Outlook::Excluded,
        Some(range) => Outlook::HandedOut(range),
    }
}

/// The ports that `store` keeps from clients.
pub(super) fn excluded(snapshot: &Snapshot, protocol: Protocol, store: Store) -> PortSet {
    snapshot.excluded(protocol, shown(snapshot, store))
}

/// Files of another computer mostly show one store, and its ranges are the best guess for the other.
fn shown(snapshot: &Snapshot, store: Store) -> Store {
    let is_from_files = snapshot.host.is_captured();
    if is_from_files && snapshot.exclusions.iter().all(|row| row.store != store) { Store::Active } else { store }
}

/// The ranges that `store` hands out for a protocol, over the families that reach `address`.
pub(super) fn ranges(snapshot: &Snapshot, protocol: Protocol, address: Option<IpAddr>, store: Store) -> Vec<PortRange> {
    let fits = |row: &&DynamicRange| {
        row.protocol.is_none_or(|own| own == protocol) && row.family.is_none_or(|own| reaches(own, address))
    };
    let in_store = |store| -> Vec<PortRange> {
        snapshot.dynamic_ranges.iter().filter(fits).filter(|row| row.store == store).map(|row| row.range).collect()
    };
    let own = in_store(store);
    if store == Store::Active || !own.is_empty() {
        return own;
    }
    let host = &snapshot.host;
    // Linux begins every start with its own range where no file sets another one. In WSL Windows gives it.
    let begins_anew = host.system == System::Linux && !host.wsl && !host.is_captured();
    let (start, end) = usual_dynamic_range(host.system);
    match PortRange::new(start, end) {
        Ok(usual) if begins_anew && !snapshot.dynamic_ranges.is_empty() => vec![usual],
        _ => in_store(Store::Active),
    }
}

/// Whether a range of one family matters for a listener on `address`. One on every IPv6 address mostly serves IPv4 as well.
fn reaches(family: Family, address: Option<IpAddr>) -> bool {
    address.is_none_or(|address| Family::of(address) == family || address.is_unspecified())
}

/// Why nothing is to be feared for a port, as far as that was seen.
pub(super) fn why_safe(snapshot: &Snapshot, port: &FixedPort<'_>) -> String {
    let reserved = snapshot.reservation_of(port.port, port.protocol);
    match (outlook(snapshot, port, Store::Persistent), reserved) {
        (_, Some(_)) => "reserved by who listens there".to_owned(),
        (Outlook::Excluded, None) => "excluded, now and after a restart".to_owned(),
        (Outlook::HandedOut(_), None) => "nothing was found against it, but the exclusions were not seen".to_owned(),
        (Outlook::Outside, None) => match ranges(snapshot, port.protocol, port.address, Store::Active).first() {
            None => "nothing was found against it, but the dynamic range was not seen".to_owned(),
            Some(range) => format!("outside the dynamic range {}", span(*range)),
        },
    }
}
