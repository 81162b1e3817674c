//! What holds for every plan, whatever the computer looks like.

use std::net::{IpAddr, SocketAddr};

use portmedic::diagnosis::{Cause, Diagnosis, OwnerKind, Symptom, diagnose, owners_of};
use portmedic::machine::{
    BindResult, BindTest, Container, FailureKind, PortRange, Process, Protocol, Service, ServiceState, Snapshot, Socket,
    SocketState, System,
};
use portmedic::remedy::{CheckOutcome, FixOption, Operation, Outcome, Plan, PreviewKind, is_essential, plan, verify};
use proptest::prelude::*;

use crate::machine::{With, failed, linux, listen, process, tcp, unit_process};
use crate::verdicts::failure;
use crate::wording::situations;

/// Few values, so that rows meet: the same ports, addresses, processes and names again and again.
pub const PORTS: [u16; 3] = [80, 1433, 40_000];
const ADDRESSES: [&str; 6] = ["0.0.0.0", "127.0.0.1", "10.0.0.5", "::", "::1", "::ffff:10.0.0.5"];
const UNITS: [&str; 6] = ["app.service", "app.socket", "nginx.service", "session-3.scope", "dbus.service", "user@1000.service"];
const STATES: [SocketState; 12] = [
    SocketState::Listen,
    SocketState::SynSent,
    SocketState::SynReceived,
    SocketState::Established,
    SocketState::FinWait1,
    SocketState::FinWait2,
    SocketState::CloseWait,
    SocketState::Closing,
    SocketState::LastAck,
    SocketState::TimeWait,
    SocketState::Bound,
    SocketState::Unconnected,
];
const RESULTS: [BindResult; 7] = [
    BindResult::Free,
    BindResult::InUse,
    BindResult::Denied,
    BindResult::NotLocal,
    BindResult::Exhausted,
    BindResult::Unsupported,
    BindResult::Other,
];
const FAILURES: [FailureKind; 8] = [
    FailureKind::InUse,
    FailureKind::Forbidden,
    FailureKind::Privileged,
    FailureKind::NotLocal,
    FailureKind::Refused,
    FailureKind::Exhausted,
    FailureKind::NotAPort,
    FailureKind::Unknown,
];
const SERVICE_STATES: [ServiceState; 6] = [
    ServiceState::Running,
    ServiceState::Starting,
    ServiceState::Restarting,
    ServiceState::Stopping,
    ServiceState::Stopped,
    ServiceState::Failed,
];

/// So many cases, or more where `PROPTEST_CASES` asks for more.
pub fn at_least(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: cases.max(asked.cases), failure_persistence: None, ..asked }
}

pub fn any_of<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(values)
}

fn address() -> impl Strategy<Value = IpAddr> {
    any_of(&ADDRESSES).prop_map(|text| text.parse().unwrap())
}

fn protocol() -> impl Strategy<Value = Protocol> {
    any_of(&Protocol::ALL)
}

pub fn socket() -> impl Strategy<Value = Socket> {
    let ends = (address(), any_of(&PORTS), prop::option::of((address(), any_of(&PORTS))));
    (protocol(), ends, any_of(&STATES), prop::option::of(any::<bool>()), prop::collection::vec(1..5_u32, 0..3), any::<bool>())
        .prop_map(|(protocol, (ip, port, remote), state, flag, pids, inode)| Socket {
            protocol,
            local: SocketAddr::new(ip, port),
            remote: remote.map(|(ip, port)| SocketAddr::new(ip, port)),
            v6only: flag,
            reuse_port: flag,
            inode: inode.then_some(7),
            cgroup: flag.map(|yes| if yes { "/init.scope".into() } else { "/system.slice/app.service".into() }),
            expires_ms: inode.then_some(1_500),
            ..tcp("0.0.0.0:80", state, &pids)
        })
}

fn any_process() -> impl Strategy<Value = Process> {
    let name = prop::sample::select(vec!["systemd", "nginx", "docker-proxy", "a\u{202E}b\n", "python3"]);
    (1..5_u32, name, prop::option::of(any_of(&UNITS)), any::<[bool; 3]>()).prop_map(
        |(pid, name, unit, [guarded, boxed, user])| {
            let container = boxed.then(|| Container { runtime: "docker".to_owned(), id: "c0ffee".to_owned() });
            let protected = (guarded || pid == 1).then(|| "it is needed".to_owned());
            let plain = unit.map_or_else(|| process(pid, name), |unit| unit_process(pid, name, unit));
            let cgroup =
                if user { Some("/user.slice/user@1000.service/app.slice/app.service".to_owned()) } else { plain.cgroup.clone() };
            Process { container, protected, cgroup, ..plain }
        },
    )
}

fn any_service() -> impl Strategy<Value = Service> {
    let failure = any_of(&FAILURES).prop_map(|kind| failure(kind, "it ended"));
    (any_of(&UNITS), any_of(&SERVICE_STATES), failure, any::<[bool; 3]>(), prop::collection::vec(1..5_u32, 0..3)).prop_map(
        |(name, state, told, [user_manager, low, limit], pids)| Service {
            state,
            user_manager,
            may_bind_low_ports: Some(low),
            start_limit_hit: limit,
            main_pid: pids.first().copied(),
            pids,
            listens: vec![listen(Protocol::Tcp, 80)],
            linked: vec!["app.service".to_owned(), "app.socket".to_owned()],
            ..failed(name, told)
        },
    )
}

fn bind_test() -> impl Strategy<Value = BindTest> {
    (protocol(), address(), any_of(&PORTS), any_of(&RESULTS), any::<[bool; 2]>()).prop_map(
        |(protocol, address, port, result, [v6only, reuse_address])| BindTest {
            protocol,
            address,
            port,
            v6only,
            reuse_address,
            result,
            error: (result != BindResult::Free).then(|| "98 (Address already in use)".to_owned()),
        },
    )
}

prop_compose! {
    fn any_snapshot()(
        sockets in prop::collection::vec(socket(), 0..6),
        elsewhere in prop::collection::vec(socket(), 0..2),
        processes in prop::collection::vec(any_process(), 0..4),
        services in prop::collection::vec(any_service(), 0..4),
        bind_tests in prop::collection::vec(bind_test(), 0..8),
        excluded in prop::collection::vec(any_of(&PORTS), 0..2),
        dynamic in prop::sample::select(vec![None, Some((1_433, 1_433)), Some((1_024, 65_535)), Some((32_768, 60_999))]),
        flags in any::<[bool; 3]>(),
    ) -> Snapshot {
        let mut snapshot = linux();
        snapshot.dynamic_ranges.clear();
        if let Some((start, end)) = dynamic {
            snapshot = snapshot.with_dynamic_range(start, end);
        }
        snapshot = excluded.into_iter().fold(snapshot, With::with_exclusion);
        snapshot = processes.into_iter().fold(snapshot, With::with_process);
        (snapshot.sockets, snapshot.sockets_elsewhere, snapshot.services, snapshot.bind_tests) = (sockets, elsewhere, services, bind_tests);
        [snapshot.host.wsl, snapshot.host.elevated, snapshot.host.service_manager] = flags;
        snapshot
    }
}

prop_compose! {
    pub fn any_symptom()(
        service in prop::option::of(any_of(&UNITS)),
        port in prop::option::of(any_of(&PORTS)),
        protocol in prop::option::of(protocol()),
        address in prop::option::of(address()),
        told in prop::option::of(any_of(&FAILURES)),
    ) -> Symptom {
        Symptom {
            service: service.map(str::to_owned),
            port,
            protocol,
            address,
            failure: told.map(|kind| failure(kind, "it ended")),
            ..Symptom::default()
        }
    }
}

/// Panics where a plan breaks a promise.
fn check(snapshot: &Snapshot, diagnosis: &Diagnosis, plan: &Plan) {
    assert!(plan.options.len() <= 4);
    let recommended = plan.options.iter().filter(|option| option.recommended).count();
    assert_eq!(recommended, usize::from(!plan.options.is_empty()));
    for option in &plan.options {
        assert!(!option.title.is_empty() && option.effect.ends_with('.') && !option.title.ends_with('.'), "{option:?}");
        assert!(!option.steps.is_empty() && !option.reversible.is_empty() && !option.interrupts.is_empty());
        assert_eq!(Some(option.risk), option.steps.iter().map(|step| step.risk).max());
        let manual = option.steps.iter().filter(|step| step.preview_kind == PreviewKind::Manual).count();
        assert!(
            manual == 0 || manual == option.steps.len(),
            "what a person does and what the helper does do not mix: {option:?}"
        );
        for step in &option.steps {
            assert!(!step.title.is_empty() && !step.preview.is_empty() && !step.check.is_empty(), "{step:?}");
            assert_eq!(step.elevation, step.preview_kind != PreviewKind::Manual);
            allowed(snapshot, diagnosis, option, &step.operation);
        }
        leaves_clients_a_port(snapshot, option);
    }
}

/// An exclusion of the only port of the range comes after another range, or no program could open a connection any more.
fn leaves_clients_a_port(snapshot: &Snapshot, option: &FixOption) {
    let Some(only) = snapshot.dynamic_range(Protocol::Tcp).map(|dynamic| dynamic.range).filter(|range| range.count() == 1) else {
        return;
    };
    let takes_it =
        |operation: &Operation| matches!(operation, Operation::AddExclusion { range, .. } if range.contains(only.start()));
    if let Some(exclusion) = option.steps.iter().position(|step| takes_it(&step.operation)) {
        let range = option.steps.iter().position(|step| step.operation.name() == "set_dynamic_range");
        assert!(range.is_some_and(|range| range < exclusion), "{option:?}");
    }
}

/// The dynamic range that the option sets.
pub fn new_range(option: &FixOption) -> Option<PortRange> {
    option.steps.iter().find_map(|step| match step.operation {
        Operation::SetDynamicRange { range, .. } => Some(range),
        _ => None,
    })
}

fn allowed(snapshot: &Snapshot, diagnosis: &Diagnosis, option: &FixOption, operation: &Operation) {
    match operation {
        Operation::EndProcess { process, .. } => {
            let known = &snapshot.processes[&process.pid];
            assert!(
                process.pid > 1 && known.protected.is_none() && known.id == *process && !known.kernel_thread,
                "{operation:?}"
            );
        }
        Operation::StopService { service } => {
            let mut processes = diagnosis.owners.iter().filter(|owner| owner.kind == OwnerKind::Unit);
            let needed = processes.any(|owner| owner.service.as_ref() == Some(service) && owner.protected.is_some());
            assert!(!is_essential(service) && !needed, "{service}");
        }
        Operation::RestartService { service } | Operation::StartService { service } => {
            assert!(snapshot.host.service_manager, "{service}");
        }
        Operation::SetDynamicRange { range, .. } => {
            assert!(!snapshot.host.wsl && range.start() >= snapshot.unprivileged_port_start.unwrap());
        }
        Operation::AddExclusion { range, .. } => {
            let dynamic = snapshot.dynamic_range(Protocol::Tcp).unwrap().range;
            let new = new_range(option).is_some_and(|new| new.contains(range.start()));
            assert!(dynamic.contains(range.start()) || new, "{operation:?}");
        }
        Operation::CloseConnection { local, remote, .. } => {
            assert!(snapshot.sockets.iter().any(|socket| socket.local == *local && socket.remote == Some(*remote)));
        }
        Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort => assert_eq!(snapshot.host.system, System::Windows, "{operation:?}"),
        Operation::StartTrace | Operation::StopTrace => panic!("no fix makes a trace: {operation:?}"),
        Operation::InstallTask { .. } | Operation::RemoveTask { .. } => panic!("no fix sets up a task: {operation:?}"),
        Operation::RemoveExclusion { .. } | Operation::AllowLowPort { .. } | Operation::Manual { .. } => {}
    }
}

proptest! {
    #![proptest_config(at_least(500))]

    #[test]
    fn any_computer_gets_a_verdict_and_a_plan_that_keeps_the_promises(snapshot in any_snapshot(), symptom in any_symptom()) {
        let diagnosis = diagnose(&snapshot, &symptom);
        let verdict = &diagnosis.verdict;
        prop_assert!(!verdict.headline.is_empty() && !verdict.explanation.is_empty() && !verdict.next_step.is_empty());
        let hidden = verdict.headline.contains(['\u{202E}', '\n']);
        prop_assert!(!hidden, "{}", verdict.headline);
        check(&snapshot, &diagnosis, &plan(&snapshot, &symptom, &diagnosis));
    }

    #[test]
    fn any_two_looks_can_be_compared(before in any_snapshot(), after in any_snapshot(), symptom in any_symptom()) {
        let diagnosis = diagnose(&before, &symptom);
        for option in &plan(&before, &symptom, &diagnosis).options {
            let proof = verify(&before, &after, &diagnosis, option, Ok(&PORTS));
            prop_assert!(!proof.headline.is_empty() && proof.outcome != Outcome::Declined);
            let failed = proof.checks.iter().any(|check| check.outcome == CheckOutcome::Failed);
            prop_assert!(!failed || proof.outcome != Outcome::Fixed);
            prop_assert!(proof.checks.iter().all(|check| !check.what.is_empty() && !check.source.is_empty()));
        }
    }

    #[test]
    fn a_free_port_has_no_owner_and_a_held_one_has(snapshot in any_snapshot(), symptom in any_symptom()) {
        let diagnosis = diagnose(&snapshot, &symptom);
        let held = matches!(
            diagnosis.verdict.cause,
            Cause::HeldByListener
                | Cause::HeldByOwnInstance
                | Cause::HeldByClient
                | Cause::HeldByBoundSocket
                | Cause::HeldByClosingConnection
                | Cause::HeldBySocketUnit
                | Cause::HeldByContainer
        );
        prop_assert!(!held || !diagnosis.owners.is_empty());
        prop_assert!(diagnosis.verdict.cause != Cause::PortFree || diagnosis.owners.is_empty());
    }

    #[test]
    fn every_socket_on_a_port_has_an_owner(snapshot in any_snapshot(), port in any_of(&PORTS)) {
        let sockets = snapshot.sockets.iter().filter(|socket| socket.local.port() == port).count();
        prop_assert!(owners_of(&snapshot, port, None).len() >= sockets);
    }
}

#[test]
fn known_situations_keep_the_promises() {
    for (snapshot, symptom) in situations() {
        let diagnosis = diagnose(&snapshot, &symptom);
        check(&snapshot, &diagnosis, &plan(&snapshot, &symptom, &diagnosis));
    }
}

#[test]
fn essential_units_are_known_by_name_and_kind() {
    for name in ["dbus.service", "user@1000.service", "session-3.scope", "init.scope", "system.slice", "getty@tty1.service"] {
        assert!(is_essential(name), "{name}");
    }
    for name in ["nginx.service", "ssh.socket", "systemd-resolved.service"] {
        assert!(!is_essential(name), "{name}");
    }
}
