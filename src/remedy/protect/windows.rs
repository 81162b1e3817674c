//! Windows excludes no port that is in use: a service that runs stops for a moment, one after another. Where the dynamic range starts lower
//! than usual, moving it back frees all ports below without stopping anybody.

use std::collections::BTreeMap;

use super::{Draft, by_hand};
use crate::diagnosis::audit::{Risk, RiskKind};
use crate::diagnosis::{Owner, owners_of, service_name};
use crate::machine::{Exclusion, PortRange, PortSet, Protocol, Reserver, ServiceState, Snapshot, Store};
use crate::remedy::step::single_step;
use crate::remedy::{MAX_STEPS, Operation, Step, Stores, dynamic_range, is_essential_service};

pub(super) fn draft(snapshot: &Snapshot, exposed: &[&Risk], dependants: &dyn Fn(&str) -> Vec<String>) -> Draft {
    let mut draft = Draft::default();
    let mut services: BTreeMap<&str, BTreeMap<Protocol, PortSet>> = BTreeMap::new();
    let mut blocks: Vec<Step> = Vec::new();
    for protocol in Protocol::ALL {
        let own: Vec<&Risk> = exposed.iter().copied().filter(|risk| risk.protocol == protocol).collect();
        let range = move_back(snapshot, protocol, &own);
        let in_range = |risk: &Risk| range.as_ref().is_none_or(|(range, _)| range.contains(risk.port));
        draft.steps.extend(range.iter().flat_map(|(_, steps)| steps.clone()));
        let (in_blocks, open): (Vec<&Risk>, Vec<&Risk>) =
            own.iter().copied().partition(|risk| risk.kind == RiskKind::ReservedBlock);
        let mut reserved = PortSet::new();
        for risk in in_blocks {
            if is_of_winnat(snapshot, risk) {
                reserved.insert(PortRange::single(risk.port));
            } else {
                draft.left.push((risk.port, protocol, by_hand::reserved(snapshot, risk)));
            }
        }
        let open: Vec<&Risk> = open.into_iter().filter(|risk| in_range(risk)).collect();
        let wanted: PortSet = open.iter().map(|risk| PortRange::single(risk.port)).collect();
        if leaves_none(snapshot, protocol, range.as_ref().map(|(range, _)| *range), &wanted) {
            draft.left.extend(open.iter().map(|risk| (risk.port, protocol, by_hand::widen_first(snapshot))));
            continue;
        }
        let mut free = PortSet::new();
        for risk in open {
            let port = PortRange::single(risk.port);
            match in_use(snapshot, risk) {
                InUse::No => free.insert(port),
                InUse::ByService(service) => services.entry(service).or_default().entry(protocol).or_default().insert(port),
                InUse::ByOther(owner) => draft.left.push((risk.port, protocol, by_hand::in_use(snapshot, risk, &owner))),
            }
        }
        draft.steps.extend(exclusions(snapshot, protocol, &free));
        let restart = |range: &PortRange| single_step(Operation::RestartWinnat { range: *range, protocol }, snapshot);
        blocks.extend(reserved.ranges().iter().map(restart));
    }
    for (service, ports) in services {
        around(snapshot, service, &ports, &mut draft, exposed, dependants(service));
    }
    if !blocks.is_empty() {
        draft.interrupted.push("networks of virtual machines and containers".to_owned());
    }
    draft.steps.extend(blocks);
    draft.steps.truncate(MAX_STEPS);
    draft
}

/// The usual range and the steps that set it, where the range in force starts lower and has ports at risk below.
fn move_back(snapshot: &Snapshot, protocol: Protocol, risks: &[&Risk]) -> Option<(PortRange, Vec<Step>)> {
    let usual = dynamic_range::usual(snapshot)?;
    let helps = risks.iter().any(|risk| risk.kind != RiskKind::ReservedBlock && risk.port < usual.start());
    let may = helps && dynamic_range::may_be_set(snapshot, protocol, usual);
    may.then(|| (usual, dynamic_range::set(snapshot, protocol, usual)))
}

/// Who has a port that is to be excluded.
enum InUse<'a> {
    /// Nobody.
    No,
    /// A service that can be stopped for a moment.
    ByService(&'a str),
    /// Somebody who cannot.
    ByOther(Box<Owner>),
}

impl InUse<'_> {
    /// Whether nobody else than this service has the port so far.
    fn is_free_for(&self, name: &str) -> bool {
        match self {
            Self::No => true,
            Self::ByService(service) => *service == name,
            Self::ByOther(_) => false,
        }
    }
}

fn in_use<'a>(snapshot: &'a Snapshot, risk: &Risk) -> InUse<'a> {
    let mut holder = InUse::No;
    for owner in owners_of(snapshot, risk.port, Some(risk.protocol)) {
        let service = owner.service.as_deref().and_then(|name| snapshot.service(name));
        let may_stop = |name: &str| snapshot.host.service_manager && !is_essential_service(name);
        match service.filter(|service| service.state == ServiceState::Running && may_stop(&service.name)) {
            Some(service) if owner.protected.is_none() && holder.is_free_for(&service.name) => {
                holder = InUse::ByService(&service.name);
            }
            _ => return InUse::ByOther(Box::new(owner)),
        }
    }
    holder
}

fn is_of_winnat(snapshot: &Snapshot, risk: &Risk) -> bool {
    let block = snapshot.reservation_of(risk.port, risk.protocol);
    snapshot.host.service_manager && block.and_then(Exclusion::reserver) == Some(Reserver::WinNat)
}

fn leaves_none(snapshot: &Snapshot, protocol: Protocol, range: Option<PortRange>, ports: &PortSet) -> bool {
    let range = range.or_else(|| snapshot.dynamic_range(protocol).map(|row| row.range));
    let excluded = snapshot.excluded(protocol, Store::Active).union(ports);
    !ports.is_empty() && range.is_some_and(|range| excluded.contains_range(range))
}

fn exclusions(snapshot: &Snapshot, protocol: Protocol, ports: &PortSet) -> Vec<Step> {
    let add = |range: &PortRange| {
        let operation = Operation::AddExclusion { range: *range, protocol: Some(protocol), stores: Stores::Both };
        single_step(operation, snapshot)
    };
    ports.ranges().iter().map(add).collect()
}

/// Stops the service, excludes its ports, and starts it again, with those that stop along with it; left for the next run where the plan is long
/// enough already.
fn around(
    snapshot: &Snapshot,
    service: &str,
    ports: &BTreeMap<Protocol, PortSet>,
    draft: &mut Draft,
    exposed: &[&Risk],
    dependants: Vec<String>,
) {
    let needed = dependants.iter().find(|own| is_essential_service(own)).cloned();
    let mut steps = vec![single_step(Operation::StopService { service: service.to_owned() }, snapshot)];
    steps.extend(ports.iter().flat_map(|(protocol, ports)| exclusions(snapshot, *protocol, ports)));
    let again = [service.to_owned()].into_iter().chain(dependants.into_iter().rev());
    steps.extend(again.map(|service| single_step(Operation::StartService { service }, snapshot)));
    let own = exposed.iter().filter(|risk| ports.get(&risk.protocol).is_some_and(|ports| ports.contains(risk.port)));
    if let Some(needed) = needed {
        draft.left.extend(own.map(|risk| (risk.port, risk.protocol, by_hand::needed(snapshot, risk, service, &needed))));
    } else if steps.len() > MAX_STEPS {
        draft.left.extend(own.map(|risk| (risk.port, risk.protocol, by_hand::around(snapshot, risk, service))));
    } else if draft.steps.len() + steps.len() > MAX_STEPS {
        draft.left.extend(own.map(|risk| (risk.port, risk.protocol, vec![by_hand::next_run()])));
    } else {
        draft.steps.extend(steps);
        draft.interrupted.extend(snapshot.service(service).map(|service| service_name(snapshot, service)));
    }
}
