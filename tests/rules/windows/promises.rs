//! What holds for every plan on Windows, whatever the computer looks like and whatever its programs are called.

use portmedic::diagnosis::{Symptom, diagnose};
use portmedic::machine::{
    BindResult, DnsSocketPool, Family, HttpSysUrl, PortproxyRule, Process, Protocol, Service, ServiceKind, ServiceState,
    Snapshot, Socket, SocketState, Store, System, why_windows_needs,
};
use portmedic::remedy::{
    FixOption, Operation, OperationState, PreviewKind, Step, Stores, is_essential_service, plan, verify, way_back,
};
use proptest::prelude::*;

use super::{TCP, UDP, asked, excluded, exe, situations, windows, windows_range};
use crate::machine::{With, failed};
use crate::promises::{PORTS, any_of, any_symptom, at_least, new_range, socket};
use crate::verdicts::failure;

/// What a hostile name would run if it broke out of its quotes.
const BAIT: &str = "calc";
const NAMES: [&str; 9] = [
    "System",
    "lsass.exe",
    "svchost.exe",
    "dns.exe",
    "w3wp.exe",
    "agent.exe",
    "a'; calc; '.exe",
    "b\u{2019}; calc #\u{202E}",
    "$(calc)`\"; calc",
];
const SERVICES: [&str; 8] =
    ["MSSQL$PROD", "DNS", "RpcSs", "W3SVC", "iphlpsvc", "x'; calc; '", "y\u{2018}; calc; \u{2018}", "z\n; calc"];
const PIDS: [u32; 4] = [4, 64, 88, 95];

fn any_process() -> impl Strategy<Value = Process> {
    (any_of(&PIDS), any_of(&NAMES), prop::option::of(any_of(&SERVICES))).prop_map(|(pid, name, service)| {
        let name = if pid == 4 { "System" } else { name };
        Process { service: service.filter(|_| pid != 4).map(str::to_owned), ..exe(pid, name) }
    })
}

fn any_service() -> impl Strategy<Value = Service> {
    let states = [ServiceState::Running, ServiceState::Stopped, ServiceState::Failed, ServiceState::Starting];
    (any_of(&SERVICES), prop::sample::select(states.to_vec()), any_of(&PIDS), any::<bool>()).prop_map(
        |(name, state, pid, by_itself)| Service {
            kind: ServiceKind::WindowsService,
            state,
            main_pid: Some(pid),
            pids: vec![pid],
            may_bind_low_ports: None,
            starts_by_itself: Some(by_itself),
            ..failed(name, failure(portmedic::machine::FailureKind::InUse, "10048"))
        },
    )
}

fn any_socket() -> impl Strategy<Value = Socket> {
    let state = any_of(&[Some(SocketState::Listen), Some(SocketState::Established), None]);
    (socket(), state, prop::collection::vec(any_of(&PIDS), 0..2), prop::option::of(any_of(&SERVICES))).prop_map(
        |(socket, state, pids, service)| Socket {
            state: state.unwrap_or(socket.state),
            pids: pids.into(),
            service: service.map(Into::into),
            inode: None,
            cgroup: None,
            v6only: None,
            ..socket
        },
    )
}

fn any_rule() -> impl Strategy<Value = PortproxyRule> {
    (any_of(&["*", "0.0.0.0", "10.0.0.5", "a'; calc; '"]), any_of(&PORTS)).prop_map(|(address, port)| PortproxyRule {
        listen_family: Family::Ipv4,
        listen_address: address.to_owned(),
        listen_port: port,
        connect_family: Family::Ipv4,
        connect_address: "10.0.0.9".to_owned(),
        connect_port: 80,
    })
}

fn any_url() -> impl Strategy<Value = HttpSysUrl> {
    (any_of(&PORTS), prop::option::of(any_of(&NAMES)), prop::collection::vec(any_of(&PIDS), 0..2)).prop_map(
        |(port, pool, pids)| HttpSysUrl {
            url: format!("http://+:{port}/"),
            queue: None,
            app_pool: pool.map(str::to_owned),
            pids,
        },
    )
}

prop_compose! {
    fn any_computer()(
        sockets in prop::collection::vec(any_socket(), 0..5),
        processes in prop::collection::vec(any_process(), 0..5),
        services in prop::collection::vec(any_service(), 0..4),
        urls in prop::collection::vec(any_url(), 0..3),
        rules in prop::collection::vec(any_rule(), 0..3),
        results in prop::collection::vec(
            (any_of(&PORTS), any_of(&Protocol::ALL), any_of(&[BindResult::Free, BindResult::InUse, BindResult::Denied])), 0..4),
        blocks in prop::collection::vec((any_of(&PORTS), any_of(&Protocol::ALL), any::<bool>()), 0..3),
        range in prop::sample::select(vec![None, Some((1_024, 65_534)), Some((1_025, 5_000)), Some((49_152, 65_535))]),
        widened in prop::option::of(1_024..65_535_u32),
        flags in any::<[bool; 3]>(),
    ) -> Snapshot {
        let mut snapshot = windows();
        for protocol in Protocol::ALL {
            match range {
                Some((start, end)) => snapshot = windows_range(snapshot, protocol, start, end),
                None => snapshot.dynamic_ranges.clear(),
            }
        }
        for (port, protocol, result) in results {
            snapshot = asked(snapshot, protocol, port, result);
        }
        for (port, protocol, administered) in blocks {
            let block = if administered { (port, port) } else { (port, port + 99) };
            snapshot = excluded(snapshot, protocol, block, administered);
        }
        snapshot = processes.into_iter().fold(snapshot, With::with_process);
        (snapshot.sockets, snapshot.services) = (sockets, services);
        (snapshot.windows.http_sys, snapshot.windows.portproxy) = (urls, rules);
        snapshot.windows.max_user_port = widened;
        snapshot.windows.dns_socket_pool =
            flags[2].then(|| DnsSocketPool { size: 2500, excluded: "5353".parse().unwrap() });
        [snapshot.host.elevated, snapshot.host.service_manager, _] = flags;
        snapshot
    }
}

/// Panics where a plan breaks a promise.
fn check(snapshot: &Snapshot, symptom: &Symptom) {
    let diagnosis = diagnose(snapshot, symptom);
    let plan = plan(snapshot, symptom, &diagnosis);
    assert_eq!(plan.options.iter().filter(|option| option.recommended).count(), usize::from(!plan.options.is_empty()));
    for option in &plan.options {
        let manual = option.steps.iter().filter(|step| step.is_manual()).count();
        assert!(!option.steps.is_empty() && (manual == 0 || manual == option.steps.len()), "{option:?}");
        frees_before_it_excludes(option);
        for step in &option.steps {
            leaves_windows_alone(snapshot, option, &step.operation);
            cannot_break_out(step);
            goes_back_as_told(snapshot, step);
        }
        let proof = verify(snapshot, snapshot, &diagnosis, option, Ok(&PORTS));
        assert!(proof.checks.iter().all(|check| !check.what.is_empty() && !check.source.contains("/proc")), "{proof:?}");
    }
}

/// Windows refuses to exclude a port that is in use.
fn frees_before_it_excludes(option: &FixOption) {
    let names: Vec<_> = option.steps.iter().map(|step| step.operation.name()).collect();
    let Some(exclusion) = names.iter().position(|name| *name == "add_exclusion") else { return };
    let frees = ["close_connection", "end_process", "stop_service", "delete_portproxy"];
    assert!(names[exclusion..].iter().all(|name| !frees.contains(name)), "{names:?}");
}

fn leaves_windows_alone(snapshot: &Snapshot, option: &FixOption, operation: &Operation) {
    match operation {
        Operation::EndProcess { process, name } => {
            assert!(process.pid > 4 && why_windows_needs(name).is_none(), "{operation:?}");
            assert_eq!(snapshot.processes[&process.pid].id, *process);
        }
        Operation::StopService { service } => {
            assert!(!is_essential_service(service) && snapshot.host.service_manager, "{service}");
        }
        Operation::StartService { .. } | Operation::RestartService { .. } | Operation::RestartWinnat { .. } => {
            assert!(snapshot.host.service_manager, "{operation:?}");
        }
        Operation::CloseConnection { local, remote, .. } => {
            assert!(local.is_ipv4(), "SetTcpEntry knows IPv4 only: {operation:?}");
            let ends = |socket: &&Socket| socket.local == *local && socket.remote == Some(*remote);
            let needed =
                |pid: &u32| snapshot.processes.get(pid).is_some_and(|process| why_windows_needs(&process.name).is_some());
            assert!(snapshot.sockets.iter().filter(ends).any(|socket| !socket.pids.iter().any(needed)), "{operation:?}");
        }
        Operation::SetDynamicRange { range, protocol, .. } => {
            assert!(range.start() >= 1025 && range.count() >= 255 && protocol.is_some(), "{operation:?}");
        }
        Operation::AddExclusion { range, protocol, .. } => {
            let dynamic = snapshot.dynamic_range(protocol.unwrap()).unwrap().range;
            let asked_for = dynamic.contains(range.start()) && range.count() == 1;
            let in_use =
                || snapshot.sockets.iter().any(|own| Some(own.protocol) == *protocol && range.contains(own.local.port()));
            let kept = new_range(option).is_some_and(|new| new.contains(range.start()) && new.contains(range.end())) && !in_use();
            assert!(asked_for || kept, "{operation:?}");
        }
        Operation::DeletePortproxy { rule } => assert!(snapshot.windows.portproxy.contains(rule)),
        Operation::StartTrace | Operation::StopTrace => panic!("no fix makes a trace: {operation:?}"),
        Operation::InstallTask { .. } | Operation::RemoveTask { .. } => panic!("no fix sets up a task: {operation:?}"),
        Operation::AllowLowPort { .. } => panic!("Windows has no such right"),
        Operation::RemoveExclusion { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort
        | Operation::Manual { .. } => {}
    }
}

/// Takes the quoted parts out of a line as PowerShell reads it. `None` where a quote is left open.
fn outside_of_quotes(line: &str) -> Option<String> {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201B}');
    let mut outside = String::new();
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        if character == '"' {
            rest.by_ref().find(|c| *c == '"')?;
        } else if is_quote(character) {
            loop {
                let inside = rest.next()?;
                if is_quote(inside) && rest.next_if(|c| is_quote(*c)).is_none() {
                    break;
                }
            }
        } else {
            outside.push(character);
        }
    }
    Some(outside)
}

fn cannot_break_out(step: &Step) {
    if step.preview_kind != PreviewKind::Command {
        return;
    }
    for line in step.preview.lines() {
        let outside = outside_of_quotes(line).unwrap_or_else(|| panic!("an open quote in {line}"));
        assert!(!outside.contains(BAIT) && !outside.contains([';', '$', '`', '|', '&']), "{line}");
    }
}

/// What can be taken back says how, and has commands for it.
fn goes_back_as_told(snapshot: &Snapshot, step: &Step) {
    let operation = &step.operation;
    if operation.irreversible_because().is_some() {
        assert!(way_back(System::Windows, operation, &OperationState::Nothing).is_none(), "{operation:?}");
        return;
    }
    assert!(step.undo.is_some(), "{step:?}");
    let commands = way_back(System::Windows, operation, &before(snapshot, operation)).unwrap();
    // A name with a line break never gets as far as a journal: the helper refuses it.
    let typed = step.preview_kind == PreviewKind::Command;
    assert!(
        !typed || commands.lines().all(|line| outside_of_quotes(line).is_some_and(|outside| !outside.contains(BAIT))),
        "{commands}"
    );
}

fn before(snapshot: &Snapshot, operation: &Operation) -> OperationState {
    let lists = |protocol| OperationState::Exclusions {
        active: snapshot.administered(protocol, Store::Active),
        persistent: snapshot.administered(protocol, Store::Persistent),
        own_file: None,
    };
    match operation {
        Operation::AddExclusion { protocol, .. } | Operation::RemoveExclusion { protocol, .. } => lists(protocol.unwrap()),
        Operation::RestartWinnat { protocol, .. } => lists(*protocol),
        Operation::SetDynamicRange { protocol, family, .. } => OperationState::DynamicRange {
            active: snapshot.dynamic_range_of(*protocol, *family, Store::Active).unwrap(),
            persistent: snapshot.dynamic_range_of(*protocol, *family, Store::Persistent),
            own_file: None,
        },
        Operation::DeletePortproxy { .. } => OperationState::Portproxy { present: true },
        Operation::SetRpcPort { .. } => OperationState::RpcPort { port: None },
        Operation::ExcludeFromDnsPool { .. } => OperationState::DnsPool { excluded: "5353".parse().unwrap() },
        Operation::RemoveMaxUserPort => OperationState::MaxUserPort { value: snapshot.windows.max_user_port },
        _ => OperationState::Service { state: ServiceState::Running, main_pid: None, dependants: Vec::new() },
    }
}

proptest! {
    #![proptest_config(at_least(600))]

    #[test]
    fn any_windows_computer_gets_a_plan_that_keeps_the_promises(
        snapshot in any_computer(),
        symptom in any_symptom(),
        service in prop::option::of(any_of(&SERVICES)),
    ) {
        check(&snapshot, &Symptom { service: service.map(str::to_owned), ..symptom });
    }
}

#[test]
fn known_situations_keep_the_promises() {
    for (snapshot, symptom) in situations() {
        check(&snapshot, &symptom);
    }
}

#[test]
fn an_open_quote_and_what_stands_outside_of_quotes_are_found() {
    assert_eq!(outside_of_quotes("a 'b; c' d"), Some("a  d".to_owned()));
    assert_eq!(outside_of_quotes("a 'b''; c'"), Some("a ".to_owned()));
    assert_eq!(outside_of_quotes("a 'b'; calc"), Some("a ; calc".to_owned()));
    assert_eq!(outside_of_quotes("a 'b"), None);
    assert_eq!(outside_of_quotes("'b\u{2019}; calc '"), None);
}

#[test]
fn an_exclusion_may_be_for_udp_alone() {
    let operation = |protocol| Operation::AddExclusion {
        range: crate::machine::range(1433, 1433),
        protocol: Some(protocol),
        stores: Stores::Both,
    };
    assert_ne!(operation(TCP).subject(), operation(UDP).subject(), "each protocol has a list of its own");
}
