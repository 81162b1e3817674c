//! The services that failed, with what the logs tell of each.

use std::collections::{HashMap, HashSet};

use crate::catalog;
use crate::evidence::fact::{Failure, Reading};
use crate::machine::{KnownFrom, Service, ServiceKind, ServicePort, ServiceState, Snapshot, StartFailure, System};

use super::source;

/// Adds the services that failed.
pub fn add(reading: &Reading, snapshot: &mut Snapshot) {
    let system = snapshot.host.system;
    // Of several failures of a service the first one says why.
    let mut failures: HashMap<&str, &Failure> = HashMap::new();
    for failure in &reading.failures {
        if let Some(service) = failure.service.as_deref() {
            failures.entry(service).or_insert(failure);
        }
    }
    let named = reading.failed_services.iter().map(|failed| failed.name.as_str());
    let of_failures = reading.failures.iter().filter_map(|failure| failure.service.as_deref());
    let mut added = HashSet::new();
    for name in named.chain(of_failures).filter(|name| added.insert(*name)) {
        snapshot.services.push(service(name, failures.get(name).copied(), system));
    }
}

/// What a log line says, as the failure of a service.
pub fn failure_of(failure: &Failure) -> StartFailure {
    StartFailure {
        kind: failure.cause,
        message: failure.message.clone(),
        source: source(&failure.place),
        time: failure.time.as_deref().and_then(|time| time.parse().ok()),
        port: failure.port,
        protocol: failure.protocol,
        address: None,
    }
}

fn service(name: &str, failure: Option<&Failure>, system: System) -> Service {
    let product = match system {
        System::Linux => catalog::product_of_unit(name),
        System::Windows => catalog::product_of_windows_service(short_name(name)),
    };
    let port = failure.and_then(|failure| failure.port.zip(failure.protocol).map(|port| (failure, port)));
    Service {
        name: name.to_owned(),
        kind: match system {
            System::Linux if name.ends_with(".socket") => ServiceKind::SocketUnit,
            System::Linux => ServiceKind::Unit,
            System::Windows => ServiceKind::WindowsService,
        },
        user_manager: false,
        description: String::new(),
        product: product.map(|product| product.name.clone()),
        state: ServiceState::Failed,
        state_detail: "failed".to_owned(),
        since: None,
        starts_by_itself: None,
        failure: failure.map(failure_of),
        start_limit_hit: false,
        main_pid: None,
        pids: Vec::new(),
        cgroup: None,
        user: None,
        may_bind_low_ports: None,
        command_line: Vec::new(),
        listens: Vec::new(),
        linked: Vec::new(),
        ports: port
            .map(|(failure, (port, protocol))| ServicePort {
                port,
                protocol,
                address: None,
                known_from: KnownFrom::Log,
                source: source(&failure.place),
            })
            .into_iter()
            .collect(),
    }
}

/// The name that Windows gives a service, where it stands in brackets behind the name for people: `SQL Server (MSSQLSERVER)`.
fn short_name(name: &str) -> &str {
    let inner = name.rsplit_once('(').and_then(|(_, inner)| inner.strip_suffix(')'));
    inner.unwrap_or(name)
}
