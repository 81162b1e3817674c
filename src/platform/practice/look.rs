//! Looks at a practice machine as far as somebody asks, and hides what the rights of the one who looks do not show.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bind;
use super::state::State;
use crate::catalog;
use crate::machine::{Gap, Port, Process, Service, ServiceKind, Snapshot, Socket, System, visible};
use crate::platform::{OwnerSearch, PlatformError, Scope, ServiceScope, SocketScope};

/// How many sockets a gap names one by one.
const NAMED: usize = 3;

pub fn look(state: &State, scope: &Scope) -> Result<Snapshot, PlatformError> {
    let mut snapshot = Snapshot::new(state.now, state.host.clone());
    snapshot.services = services(state, &scope.services)?;
    if matches!(scope.services, ServiceScope::Named(_)) {
        let pids = snapshot.services.iter().flat_map(|service| service.pids.iter().copied());
        snapshot.processes = with_ancestors(state, pids);
    }
    look_at_sockets(state, scope, &mut snapshot);
    if scope.ranges {
        snapshot.dynamic_ranges.clone_from(&state.dynamic_ranges);
        snapshot.exclusions.clone_from(&state.exclusions);
        snapshot.unprivileged_port_start = state.is_linux().then_some(state.unprivileged_port_start);
    }
    if scope.ranges || matches!(scope.sockets, SocketScope::Port { .. }) {
        snapshot.windows.clone_from(&state.windows);
    }
    if let (true, SocketScope::Port { port, .. }) = (scope.sightings, &scope.sockets) {
        snapshot.sightings = state.sightings.iter().filter(|own| own.port() == *port).cloned().collect();
    }
    if scope.load {
        snapshot.load.clone_from(&state.load);
        snapshot.load.handles.retain(|own| state.processes.contains_key(&own.pid));
    }
    if scope.bind_tests {
        bind::look(state, scope, &mut snapshot);
        snapshot.addresses.clone_from(&state.addresses);
    }
    let unseen = state.gaps.iter().filter(|own| !own.needs_rights || !state.host.elevated);
    snapshot.gaps.extend(unseen.map(|own| own.gap.clone()));
    Ok(snapshot)
}

fn services(state: &State, scope: &ServiceScope) -> Result<Vec<Service>, PlatformError> {
    let all = || state.services.iter().map(|own| seen(state, &own.service));
    let sockets = || all().filter(|service| service.kind == ServiceKind::SocketUnit);
    Ok(match scope {
        ServiceScope::None => Vec::new(),
        ServiceScope::SocketUnits => sockets().collect(),
        ServiceScope::All => all().collect(),
        ServiceScope::Failing => {
            all().filter(|service| service.is_failing() || service.kind == ServiceKind::SocketUnit).collect()
        }
        ServiceScope::Named(name) => {
            let mut meant: Vec<Service> = all().filter(|service| is_called(service, name)).collect();
            if meant.is_empty() {
                return Err(PlatformError::NoSuchService(visible(name)));
            }
            meant.sort_by_key(|service| (!service.is_failing(), !is_exactly(service, name)));
            let linked: Vec<String> = meant.iter().flat_map(|service| service.linked.clone()).collect();
            let more = all().filter(|service| linked.contains(&service.name) || service.kind == ServiceKind::SocketUnit);
            for service in more {
                if meant.iter().all(|own| own.name != service.name) {
                    meant.push(service);
                }
            }
            meant
        }
    })
}

/// The service with the processes that it has now.
fn seen(state: &State, service: &Service) -> Service {
    let mut service = service.clone();
    for pid in state.pids_of(&service.name) {
        if !service.pids.contains(&pid) {
            service.pids.push(pid);
        }
    }
    service
}

fn is_exactly(service: &Service, name: &str) -> bool {
    let stem = service.name.rsplit_once('.').map_or(service.name.as_str(), |(stem, _)| stem);
    service.name.eq_ignore_ascii_case(name) || (service.kind != ServiceKind::WindowsService && stem.eq_ignore_ascii_case(name))
}

/// Whether people may mean the service when they say `name`: its name, its description, its product.
fn is_called(service: &Service, name: &str) -> bool {
    let product = catalog::product_called(name).map(|product| product.name.as_str());
    is_exactly(service, name)
        || service.description.eq_ignore_ascii_case(name)
        || service.product.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name) || product == Some(own))
}

fn look_at_sockets(state: &State, scope: &Scope, snapshot: &mut Snapshot) {
    let asked = |socket: &Socket| match scope.sockets {
        SocketScope::None => false,
        SocketScope::Listeners => socket.is_listener(),
        SocketScope::All => true,
        SocketScope::Port { port, protocol } => {
            socket.local.port() == port && protocol.is_none_or(|protocol| protocol == socket.protocol)
        }
    };
    let mut hidden: Vec<Socket> = Vec::new();
    for own in state.sockets.iter().filter(|own| asked(&own.socket)) {
        let mut socket = own.socket.clone();
        match scope.owners {
            OwnerSearch::None => socket.pids = Arc::default(),
            OwnerSearch::ControlGroup | OwnerSearch::All => {
                let had_any = !socket.pids.is_empty();
                socket.pids = socket
                    .pids
                    .iter()
                    .copied()
                    .filter(|pid| state.processes.get(pid).is_none_or(|own| is_seen(state, own)))
                    .collect();
                if had_any && socket.pids.is_empty() {
                    hidden.push(socket.clone());
                }
            }
        }
        snapshot.sockets.push(socket);
    }
    if scope.sockets != SocketScope::None && scope.owners != OwnerSearch::None {
        // Windows has no control groups: its table names the process of every socket.
        snapshot.searched_everywhere = scope.owners == OwnerSearch::All || state.host.system == System::Windows;
        let ports: BTreeSet<Port> = snapshot.sockets.iter().map(|socket| socket.local.port()).collect();
        // The kernel listens for them.
        let urls = state.windows.http_sys.iter().filter(|url| url.port().is_some_and(|port| ports.contains(&port)));
        let behind = urls.flat_map(|url| url.pids.iter().copied());
        let holders: BTreeSet<u32> =
            snapshot.sockets.iter().flat_map(|socket| socket.pids.iter().copied()).chain(behind).collect();
        snapshot.processes.extend(with_ancestors(state, holders));
        snapshot.gaps.extend(gap(&hidden));
    }
}

/// Linux lets only an administrator look into the processes of other users; Windows tells every socket's process to everybody.
fn is_seen(state: &State, process: &Process) -> bool {
    state.host.system == System::Windows || state.host.elevated || process.user.as_deref() == Some(state.host.user.as_str())
}

fn gap(hidden: &[Socket]) -> Option<Gap> {
    if hidden.is_empty() {
        return None;
    }
    let names: Vec<String> = hidden.iter().map(|socket| format!("{} {}", socket.protocol, socket.local)).collect();
    let names = if names.len() > NAMED { format!("{} sockets", names.len()) } else { names.join(", ") };
    Some(Gap::new(
        format!("which process has {names}"),
        "only an administrator may look into the processes of other users",
        "the same as administrator (root)",
    ))
}

/// The processes and those that started them.
fn with_ancestors(state: &State, pids: impl IntoIterator<Item = u32>) -> BTreeMap<u32, Process> {
    let mut all = BTreeMap::new();
    let mut next: Vec<u32> = pids.into_iter().collect();
    while let Some(pid) = next.pop() {
        let Some(process) = state.processes.get(&pid).filter(|_| !all.contains_key(&pid)) else { continue };
        next.extend(process.parent);
        all.insert(pid, process.clone());
    }
    all
}
