//! What people call a service or a holder: product before unit, unit before process.

use super::owner::publishes_ports;
use super::owner::windows::urls_on;
use super::{Owner, OwnerKind, Symptom};
use crate::machine::{HttpSysUrl, SYSTEM_PID, Service, Snapshot, System, visible};

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

/// The name of a holder for a sentence: service, container or process; the number of a process only where nothing else is known of it.
pub fn holder_name(snapshot: &Snapshot, owner: &Owner) -> String {
    let process = owner.process.as_deref().map(visible);
    match owner.kind {
        OwnerKind::Container => {
            let inside = process.filter(|name| !publishes_ports(name));
            inside.map_or_else(|| "a container".to_owned(), |name| format!("{name} in a container"))
        }
        OwnerKind::Kernel if snapshot.host.system == System::Windows => "Windows".to_owned(),
        OwnerKind::Kernel => "the kernel".to_owned(),
        OwnerKind::HttpSys if let Some(pool) = app_pool(snapshot, owner) => format!("the application pool {}", visible(pool)),
        OwnerKind::Portproxy => "a portproxy rule".to_owned(),
        OwnerKind::Unit | OwnerKind::Service | OwnerKind::SocketUnit | OwnerKind::HttpSys if owner.service.is_some() => {
            let unit = owner.service.as_deref().unwrap_or_default();
            snapshot.service(unit).map_or_else(|| visible(unit_stem(unit)), |service| service_name(snapshot, service))
        }
        OwnerKind::SocketUnit => "systemd".to_owned(),
        OwnerKind::HttpSys if owner.pid == Some(SYSTEM_PID) => "a program that could not be seen".to_owned(),
        OwnerKind::Process
        | OwnerKind::Service
        | OwnerKind::Unit
        | OwnerKind::HttpSys
        | OwnerKind::Reservation
        | OwnerKind::Unknown => match (snapshot.host.system, process) {
            (System::Windows, Some(name)) => windows_program(&name),
            (System::Linux, Some(name)) => name,
            (System::Windows, None) if owner.pid == Some(SYSTEM_PID) => "Windows itself".to_owned(),
            // Lists of sockets from other computers name a process by its number alone. Here, one without a name is gone.
            (_, None)
                if let Some(pid) = owner.pid
                    && snapshot.host.is_captured() =>
            {
                format!("a program that could not be seen (process {pid})")
            }
            (_, None) => "a program that could not be seen".to_owned(),
        },
    }
}

/// The application pool of IIS for which a process takes requests.
fn app_pool<'a>(snapshot: &'a Snapshot, owner: &Owner) -> Option<&'a str> {
    let served = |url: &&HttpSysUrl| owner.pid.is_some_and(|pid| url.pids.contains(&pid));
    urls_on(snapshot, owner.local.port()).filter(served).find_map(|url| url.app_pool.as_deref())
}

/// Programs of Windows go by what they are.
fn windows_program(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "system" => "Windows itself".to_owned(),
        "lsass.exe" => "LSASS".to_owned(),
        "svchost.exe" => "a service of Windows".to_owned(),
        _ => name.to_owned(),
    }
}

fn unit_stem(unit: &str) -> &str {
    unit.strip_suffix(".service").unwrap_or(unit)
}

/// A text with its first letter in upper case, to begin a sentence with a common name; names keep their own case.
pub(crate) fn sentence(text: &str) -> String {
    match text.strip_prefix("a ").map(|rest| ("A ", rest)).or_else(|| text.strip_prefix("the ").map(|rest| ("The ", rest))) {
        Some((article, rest)) => format!("{article}{rest}"),
        None => text.to_owned(),
    }
}
