//! What people call a service or a holder: product before unit, unit before process.

use super::owner::publishes_ports;
use super::{Owner, OwnerKind, Symptom};
use crate::machine::{Service, Snapshot, visible};

/// The name of a unit or service for a sentence: the product, else the unit without `.service`.
///
/// Two instances of one product, such as two database clusters, go by their units: "PostgreSQL has the port of PostgreSQL" tells nobody
/// anything.
pub fn service_name(snapshot: &Snapshot, service: &Service) -> String {
    let other_instance = |other: &Service| {
        let lives = !other.pids.is_empty() || other.is_failing();
        other.name != service.name && other.kind == service.kind && other.product == service.product && lives
    };
    match &service.product {
        Some(product) if !snapshot.services.iter().any(other_instance) => visible(product),
        Some(_) | None => visible(unit_stem(&service.name)),
    }
}

/// The name of the service that does not work; `None` where no service is known.
pub fn wanted_name(snapshot: &Snapshot, symptom: &Symptom) -> Option<String> {
    let known = symptom.service.as_deref().and_then(|name| snapshot.service(name)).map(|service| service_name(snapshot, service));
    let named = || symptom.service.as_deref().map(|name| visible(unit_stem(name)));
    known.or_else(|| symptom.product.as_deref().map(visible)).or_else(named)
}

/// The name of a holder for a sentence: service, container or process; without numbers of processes.
pub fn holder_name(snapshot: &Snapshot, owner: &Owner) -> String {
    let process = owner.process.as_deref().map(visible);
    match owner.kind {
        OwnerKind::Container => {
            let inside = process.filter(|name| !publishes_ports(name));
            inside.map_or_else(|| "a container".to_owned(), |name| format!("{name} in a container"))
        }
        OwnerKind::Kernel => "the kernel".to_owned(),
        OwnerKind::Unit | OwnerKind::Service | OwnerKind::SocketUnit if owner.service.is_some() => {
            let unit = owner.service.as_deref().unwrap_or_default();
            snapshot.service(unit).map_or_else(|| visible(unit_stem(unit)), |service| service_name(snapshot, service))
        }
        OwnerKind::SocketUnit => "systemd".to_owned(),
        OwnerKind::Process
        | OwnerKind::Service
        | OwnerKind::Unit
        | OwnerKind::HttpSys
        | OwnerKind::Portproxy
        | OwnerKind::Reservation
        | OwnerKind::Unknown => process.unwrap_or_else(|| "a program that could not be seen".to_owned()),
    }
}

fn unit_stem(unit: &str) -> &str {
    unit.strip_suffix(".service").unwrap_or(unit)
}

/// A text with its first letter in upper case, to begin a sentence with a common name; names keep their own case.
pub(super) fn sentence(text: &str) -> String {
    match text.strip_prefix("a ").map(|rest| ("A ", rest)).or_else(|| text.strip_prefix("the ").map(|rest| ("The ", rest))) {
        Some((article, rest)) => format!("{article}{rest}"),
        None => text.to_owned(),
    }
}
