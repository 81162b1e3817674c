//! A reading as the computer that it tells of: the same Snapshot that a look at a live one gives, so that one diagnosis serves both.

mod looks;
mod services;
mod sockets;
mod use_of_ports;

pub use looks::{earlier_looks, port_events};
pub use services::failure_of;
pub use sockets::{processes, sockets};
pub use use_of_ports::{counted, refused, use_not_shown};

use jiff::Timestamp;

use super::fact::{NETSH, Place, Reading};
use super::kind::Kind;
use crate::machine::{DynamicRange, Exclusion, Gap, Host, Snapshot, Store, System, Table};

/// What the files tell of their computer, without the sockets, of which there can be very many (see [`sockets()`]). `now` is when they were
/// read: most of them do not say when they were written.
pub fn snapshot(reading: &Reading, now: Timestamp) -> Snapshot {
    let system = system(reading);
    let mut snapshot = Snapshot::new(now, host(reading, system));
    sockets::summarise(reading, &mut snapshot);
    services::add(reading, &mut snapshot);
    snapshot.dynamic_ranges = reading
        .dynamic_ranges
        .iter()
        .map(|stated| DynamicRange {
            range: stated.range,
            protocol: stated.protocol,
            family: stated.family,
            store: Store::Active,
            source: source(&stated.place),
        })
        .collect();
    snapshot.exclusions = reading
        .excluded_ranges
        .iter()
        .map(|excluded| Exclusion {
            range: excluded.range,
            protocol: excluded.protocol,
            family: excluded.family,
            store: Store::Active,
            // Linux knows no others; where a table of Windows shows no stars, a service may still ask for the port.
            administered: excluded.administered.unwrap_or(true),
            owner: None,
            source: source(&excluded.place),
        })
        .collect();
    if !has_exclusions(reading, system) {
        snapshot.not_shown.push(Table::Exclusions);
    }
    snapshot
}

/// What the files leave open about ranges.
pub fn ranges_not_shown(snapshot: &Snapshot) -> Vec<Gap> {
    let (dynamic, excluded) = match snapshot.host.system {
        System::Windows => ("netsh interface ipv4 show dynamicport tcp", "netsh interface ipv4 show excludedportrange tcp"),
        System::Linux => ("sysctl net.ipv4.ip_local_port_range", "sysctl net.ipv4.ip_local_reserved_ports"),
    };
    let ranges = snapshot.dynamic_ranges.is_empty().then(|| Gap::new("the dynamic port range", "no file shows it", dynamic));
    let exclusions = (!snapshot.shows(Table::Exclusions)).then(|| Gap::new("the excluded ports", "no file shows them", excluded));
    ranges.into_iter().chain(exclusions).collect()
}

/// Where a fact stands, for people.
pub fn source(place: &Place) -> String {
    if place.line == place.line_end {
        format!("{}, line {}", place.file, place.line)
    } else {
        format!("{}, lines {} to {}", place.file, place.line, place.line_end)
    }
}

fn host(reading: &Reading, system: System) -> Host {
    Host {
        name: reading.machines.first().map_or_else(|| "another computer".to_owned(), |machine| machine.name.clone()),
        // Nobody can look again with more rights.
        elevated: true,
        captured_from: reading.files.iter().map(|file| file.name.to_string()).collect(),
        ..Host::of(system)
    }
}

/// The operating system: by the kinds of output, and where only logs are there, by a tool or the error numbers that only one system has.
fn system(reading: &Reading) -> System {
    let by_kind = reading.files.iter().find_map(|file| file.kind.system());
    by_kind
        .or_else(|| reading.failures.iter().any(|failure| failure.is_of(NETSH)).then_some(System::Windows))
        .or_else(|| reading.failures.iter().filter_map(|failure| failure.code.as_deref()).find_map(system_of_code))
        .unwrap_or(System::Linux)
}

/// Sockets of Windows count their errors from 10000 on, Linux below 200.
fn system_of_code(code: &str) -> Option<System> {
    match code.parse() {
        Ok(10_000..12_000) => Some(System::Windows),
        Ok(1..200) => Some(System::Linux),
        Ok(_) | Err(_) => None,
    }
}

fn has_exclusions(reading: &Reading, system: System) -> bool {
    let table = match system {
        System::Windows => Kind::NetshExcludedPortRange,
        System::Linux => Kind::Sysctl,
    };
    !reading.excluded_ranges.is_empty() || reading.files.iter().any(|file| file.kind == table)
}
