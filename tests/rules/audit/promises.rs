//! What holds for every audit and its plan, whatever the computer looks like.

use std::collections::BTreeSet;

use portmedic::diagnosis::audit::{Risk, audit};
use portmedic::machine::{Exclusion, PortRange, Protocol, Service, ServiceState, Snapshot, Store, System};
use portmedic::remedy::{FixOption, MAX_STEPS, Operation, protect};
use proptest::prelude::*;

use super::serving;
use crate::machine::{With, linux, listener, service_port, udp, unit_process};
use crate::promises::at_least;
use crate::windows::{TCP, UDP, excluded, windows, windows_range};

/// Few ports, so that services meet; some beside each other, some outside of every range.
const PORTS: [u16; 10] = [80, 1433, 5432, 8080, 33_000, 33_001, 50_000, 50_001, 50_080, 60_000];
const NAMES: [&str; 5] = ["a", "b", "c", "TermService", "d"];
const RANGES: [(u16, u16); 5] = [(1024, 65_535), (32_768, 60_999), (49_152, 65_535), (50_000, 50_300), (33_000, 33_001)];

#[derive(Debug, Clone)]
struct Wish {
    name: &'static str,
    port: u16,
    protocol: Protocol,
    runs: bool,
    starts: bool,
}

fn wish() -> impl Strategy<Value = Wish> {
    let names = prop::sample::select(NAMES.to_vec());
    let ports = prop::sample::select(PORTS.to_vec());
    (names, ports, any::<[bool; 3]>()).prop_map(|(name, port, [udp, runs, starts])| Wish {
        name,
        port,
        protocol: if udp { UDP } else { TCP },
        runs,
        starts,
    })
}

fn add(snapshot: Snapshot, pid: u32, wish: &Wish) -> Snapshot {
    let name = if snapshot.host.system == System::Linux { format!("{}.service", wish.name) } else { wish.name.to_owned() };
    if let Some(service) = snapshot.services.iter().position(|service| service.name == name) {
        let mut snapshot = snapshot;
        snapshot.services[service].ports.push(service_port(wish.port, wish.protocol));
        return snapshot;
    }
    let service = Service {
        ports: vec![service_port(wish.port, wish.protocol)],
        starts_by_itself: Some(wish.starts),
        state: if wish.runs { ServiceState::Running } else { ServiceState::Stopped },
        ..serving(&name, pid, &[])
    };
    let snapshot = snapshot.with_service(service);
    if !wish.runs {
        return snapshot;
    }
    let at = format!("0.0.0.0:{}", wish.port);
    let socket = if wish.protocol == TCP { listener(&at, &[pid]) } else { udp(&at, &[pid]) };
    snapshot.with_process(unit_process(pid, wish.name, &name)).with_socket(socket)
}

prop_compose! {
    fn any_computer()(
        is_windows in any::<bool>(),
        (start, end) in prop::sample::select(RANGES.to_vec()),
        wishes in prop::collection::vec(wish(), 1..7),
        excluded_ports in prop::collection::vec((prop::sample::select(PORTS.to_vec()), 0..3_u8), 0..3),
        block in prop::option::of(Just((50_000_u16, 50_099_u16))),
    ) -> Snapshot {
        let mut snapshot = if is_windows {
            windows_range(windows(), TCP, start.max(1025), end.max(start.max(1025) + 254))
        } else {
            linux().with_dynamic_range(start, end)
        };
        for (port, stores) in excluded_ports {
            let before = snapshot.exclusions.len();
            snapshot = if is_windows { excluded(snapshot, TCP, (port, port), true) } else { snapshot.with_exclusion(port) };
            let dropped = match stores { 0 => Some(Store::Active), 1 => Some(Store::Persistent), _ => None };
            let own = snapshot.exclusions.split_off(before);
            snapshot.exclusions.extend(own.into_iter().filter(|row| Some(row.store) != dropped));
        }
        if let Some(block) = block.filter(|_| is_windows) {
            snapshot = excluded(snapshot, TCP, block, false);
        }
        for (index, wish) in (70..).zip(&wishes) {
            snapshot = add(snapshot, index, wish);
        }
        snapshot
    }
}

/// What the computer is like after the plan.
fn after(mut snapshot: Snapshot, option: &FixOption) -> Snapshot {
    let keep = |snapshot: &mut Snapshot, range: PortRange, protocol: Option<Protocol>| {
        for store in [Store::Active, Store::Persistent] {
            snapshot.exclusions.push(Exclusion {
                range,
                protocol,
                family: None,
                store,
                administered: true,
                owner: None,
                source: "the plan".to_owned(),
            });
        }
    };
    for step in &option.steps {
        match &step.operation {
            Operation::AddExclusion { range, protocol, .. } => keep(&mut snapshot, *range, *protocol),
            Operation::RestartWinnat { range, protocol } => {
                snapshot.exclusions.retain(|row| row.administered);
                keep(&mut snapshot, *range, Some(*protocol));
            }
            Operation::SetDynamicRange { range, protocol, family, .. } => {
                let is_meant = |own: Option<Protocol>| own == *protocol;
                let rows = snapshot.dynamic_ranges.iter_mut();
                rows.filter(|row| is_meant(row.protocol) && row.family == *family).for_each(|row| row.range = *range);
            }
            _ => {}
        }
    }
    snapshot
}

/// The exclusions of a plan, each with the services that are stopped at that moment.
fn exclusions(option: &FixOption) -> Vec<(PortRange, Option<Protocol>, BTreeSet<String>)> {
    let mut stopped = BTreeSet::new();
    let mut all = Vec::new();
    for step in &option.steps {
        match &step.operation {
            Operation::StopService { service } => {
                assert!(stopped.insert(service.clone()), "{service} is stopped twice");
            }
            Operation::StartService { service } => assert!(stopped.remove(service), "{service} was not stopped"),
            Operation::AddExclusion { range, protocol, .. } => all.push((*range, *protocol, stopped.clone())),
            _ => {}
        }
    }
    assert!(stopped.is_empty(), "{stopped:?} stay stopped");
    all
}

proptest! {
    #![proptest_config(at_least(400))]

    #[test]
    fn the_plan_solves_every_risk_that_it_is_for(snapshot in any_computer()) {
        let found = audit(&snapshot, &[]);
        let plan = protect(&snapshot, &found.risks, &|_| Vec::new());
        prop_assert_eq!(plan.fixes.len(), found.risks.len());
        let Some(option) = &plan.option else {
            prop_assert!(plan.fixes.iter().all(|fix| !fix.in_plan));
            return Ok(());
        };
        prop_assert!(plan.fixes.iter().any(|fix| fix.in_plan), "a plan for nothing: {:?}", option.title);
        let then = audit(&after(snapshot.clone(), option), &[]).risks;
        for (risk, _) in found.risks.iter().zip(&plan.fixes).filter(|(_, fix)| fix.in_plan) {
            let same = |other: &&Risk| {
                (other.port, other.protocol, &other.service) == (risk.port, risk.protocol, &risk.service)
                    && other.kind.is_solved_by_exclusion()
            };
            prop_assert!(!then.iter().any(|other| same(&other)), "{} is at risk still: {:#?}", risk.port, option.steps);
        }
    }

    #[test]
    fn the_plan_excludes_what_is_at_risk_and_nothing_else(snapshot in any_computer()) {
        let found = audit(&snapshot, &[]);
        let Some(option) = protect(&snapshot, &found.risks, &|_| Vec::new()).option else { return Ok(()) };
        prop_assert!(!option.steps.is_empty() && option.steps.len() <= MAX_STEPS);
        let own = exclusions(&option);
        for (index, (range, protocol, _)) in own.iter().enumerate() {
            for port in range.start()..=range.end() {
                let at_risk = found.risks.iter().any(|risk| risk.port == port && protocol.is_none_or(|own| own == risk.protocol));
                prop_assert!(at_risk, "{port} is excluded and not at risk");
            }
            prop_assert!(own[..index].iter().all(|(other, its, _)| its != protocol || !other.overlaps(*range)));
        }
        let then = after(snapshot.clone(), &option);
        for protocol in Protocol::ALL {
            let left = then.dynamic_range(protocol).is_some_and(|row| !then.excluded(protocol, Store::Active).contains_range(row.range));
            prop_assert!(left, "no {protocol} port is left for clients");
        }
    }

    #[test]
    fn windows_is_never_asked_to_exclude_a_port_in_use(snapshot in any_computer()) {
        let found = audit(&snapshot, &[]);
        let Some(option) = protect(&snapshot, &found.risks, &|_| Vec::new()).option.filter(|_| snapshot.host.system == System::Windows) else {
            return Ok(());
        };
        for (range, protocol, stopped) in exclusions(&option) {
            let has = |service: &Service| snapshot.sockets.iter().any(|socket| {
                range.contains(socket.local.port())
                    && protocol.is_none_or(|own| own == socket.protocol)
                    && socket.pids.iter().any(|pid| service.pids.contains(pid))
            });
            for service in snapshot.services.iter().filter(|service| has(service)) {
                prop_assert!(stopped.contains(&service.name), "{} has a port of {range}", service.name);
                prop_assert!(service.name != "TermService", "the session in use is cut");
            }
        }
    }
}
