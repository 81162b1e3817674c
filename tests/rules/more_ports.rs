//! The ways out where no port is left: who frees ports for good comes first, and more ports take none from servers.

use portmedic::diagnosis::{Symptom, diagnose};
use portmedic::machine::{FailureKind, Process, Protocol, Service, Snapshot, Socket, SocketState};
use portmedic::remedy::{FixOption, Operation, Plan, Risk, plan};

use crate::exhaustion::{after, at_once, bound, connected, given, narrow, none_left, with};
use crate::machine::{With, connection, failed, linux, listener, process, range, running, service_port, tcp, unit_process};
use crate::verdicts::failure;
use crate::windows::{exe, plain, service_exe, windows, windows_range, windows_service};

/// What the watch offers after this one look.
fn watched(look: &Snapshot) -> Plan {
    plan(look, &Symptom::default(), &at_once(look.clone(), &none_left()).diagnosis)
}

/// What is offered to a service whose log says that no port was left.
fn told(look: &Snapshot, service: Option<&str>) -> Plan {
    let failure = Some(failure(FailureKind::Exhausted, "connect: Cannot assign requested address"));
    let symptom = Symptom { service: service.map(str::to_owned), failure, ..Symptom::default() };
    plan(look, &symptom, &diagnose(look, &symptom))
}

fn titles(plan: &Plan) -> Vec<&str> {
    plan.options.iter().map(|option| option.title.as_str()).collect()
}

fn operations(option: &FixOption) -> Vec<&'static str> {
    option.steps.iter().map(|step| step.operation.name()).collect()
}

fn widening(plan: &Plan) -> &FixOption {
    plan.options.iter().find(|option| option.title.starts_with("Widen")).unwrap_or_else(|| panic!("{:?}", titles(plan)))
}

/// Connections of PID 7 that only the far end has closed.
fn idle(ports: std::ops::Range<u16>) -> impl Iterator<Item = Socket> {
    connected(ports, "10.0.0.9:443").map(|socket| Socket { state: SocketState::CloseWait, ..socket })
}

fn of(pid: u32, sockets: impl Iterator<Item = Socket>) -> impl Iterator<Item = Socket> {
    sockets.map(move |socket| Socket { pids: [pid].into(), ..socket })
}

#[test]
fn who_has_half_of_the_ports_is_restarted_first_and_a_wider_range_keeps_the_servers_in_it() {
    let full = with(narrow(), idle(40_000..40_020).chain(connected(40_020..40_100, "10.0.0.9:443")))
        .with_socket(listener("0.0.0.0:33060", &[9]));
    let plan = watched(&full);
    assert_eq!(
        titles(&plan),
        [
            "Restart agent",
            "Close the 20 idle connections of agent",
            "Widen the dynamic range to 32768–60999 and exclude port 33060",
            "Let the program reuse its connections"
        ]
    );
    let [restart, close, widen, _] = plan.options.as_slice() else { panic!("{:?}", titles(&plan)) };
    assert!(restart.recommended && restart.risk == Risk::Medium);
    assert_eq!(operations(restart), ["restart_service"]);
    assert!(restart.effect.contains("Whoever uses agent is interrupted"), "{}", restart.effect);
    assert_eq!(restart.interrupts, "agent");
    assert_eq!(close.steps.len(), 20);
    assert_eq!(operations(widen), ["add_exclusion", "set_dynamic_range"]);
    assert!(widen.effect.contains("Port 33060 of a server lies in it then"), "{}", widen.effect);
    assert!(widen.effect.contains("It gains time only"), "{}", widen.effect);
}

#[test]
fn where_nobody_stands_out_a_wider_range_comes_first() {
    let snapshot =
        narrow().with_process(unit_process(8, "sync", "sync.service")).with_process(unit_process(9, "web", "web.service"));
    let full = with(
        snapshot,
        connected(40_000..40_034, "10.0.0.9:443")
            .chain(of(8, connected(40_034..40_067, "10.0.0.9:443")))
            .chain(of(9, connected(40_067..40_100, "10.0.0.9:443"))),
    );
    for plan in [watched(&full), told(&full, None)] {
        assert_eq!(
            titles(&plan),
            ["Widen the dynamic range to 32768–60999", "Restart agent", "Let the program reuse its connections"]
        );
    }
}

#[test]
fn who_leaks_is_restarted_first_although_others_have_more() {
    let snapshot = linux().with_dynamic_range(40_000, 40_199).with_process(unit_process(7, "agent", "agent.service"));
    let snapshot = [(8, "sync"), (9, "web")]
        .into_iter()
        .fold(snapshot, |snapshot, (pid, name)| snapshot.with_process(unit_process(pid, name, &format!("{name}.service"))));
    let full = with(
        snapshot,
        bound(40_000..40_060)
            .chain(of(8, connected(40_060..40_130, "10.0.0.9:443")))
            .chain(of(9, connected(40_130..40_200, "10.0.0.9:443"))),
    );
    for plan in [watched(&full), told(&full, None)] {
        assert_eq!(titles(&plan)[0], "Restart agent");
        assert!(plan.options[0].recommended);
    }
}

#[test]
fn who_fills_the_range_is_restarted_and_not_who_has_the_most() {
    let looks = (0..6).map(|place| {
        let snapshot = with(narrow(), connected(40_000..40_060, "10.0.0.7:1"));
        let snapshot = snapshot.with_process(unit_process(8, "sync", "sync.service"));
        with(snapshot, of(8, connected(40_060..40_062 + 5 * place, "10.0.0.9:443")))
    });
    let looks: Vec<Snapshot> = looks.collect();
    let last = looks[5].clone();
    let plan = plan(&last, &Symptom::default(), &after(looks, &given()).diagnosis);
    assert_eq!(titles(&plan)[0], "Restart sync");
}

/// A wider range is no help: the sockets are those of a server, all on its own port.
#[test]
fn a_leak_on_the_port_of_a_server_is_not_answered_with_a_wider_range() {
    let peers = (0..60_u16).map(|peer| {
        let socket = connection("10.0.0.5:8080", &format!("10.0.0.9:{}", 1000 + peer), &[7]);
        Socket { state: SocketState::CloseWait, ..socket }
    });
    let look = with(narrow().with_socket(listener("0.0.0.0:8080", &[7])), peers);
    let plan = plan(&look, &Symptom::default(), &at_once(look.clone(), &given()).diagnosis);
    assert_eq!(titles(&plan), ["Restart agent", "Let the program reuse its connections"]);
}

#[test]
fn nobody_is_restarted_first_for_the_few_ports_of_a_range_with_room_again() {
    let roomy = linux().with_dynamic_range(40_000, 40_999).with_process(unit_process(7, "agent", "agent.service"));
    let plan = told(&with(roomy, connected(40_000..40_010, "10.0.0.9:443")), None);
    assert!(titles(&plan)[0].starts_with("Widen the dynamic range"), "{:?}", titles(&plan));
}

/// Ports at rest are nobody's any more: a restart does not give them back.
#[test]
fn nobody_is_restarted_first_for_ports_at_rest() {
    let rest = crate::exhaustion::at_rest(40_005..40_100, "10.0.0.9:443");
    let plan = watched(&with(narrow(), connected(40_000..40_005, "10.0.0.9:443").chain(rest)));
    assert!(titles(&plan)[0].starts_with("Widen the dynamic range"), "{:?}", titles(&plan));
}

#[test]
fn what_lacks_a_port_starts_once_there_are_some_again() {
    let full = with(narrow(), idle(40_000..40_020).chain(connected(40_020..40_100, "10.0.0.9:443")));
    let lacks = failure(FailureKind::Exhausted, "connect: Cannot assign requested address");
    let other = told(&full.clone().with_service(failed("job.service", lacks.clone())), Some("job.service"));
    assert_eq!(
        titles(&other)[..3],
        [
            "Restart agent, then start job",
            "Close the 20 idle connections of agent, then start job",
            "Widen the dynamic range to 32768–60999, then start job"
        ]
    );
    assert_eq!(operations(&other.options[0]), ["restart_service", "start_service"]);
    let itself = Service { pids: vec![7], ..failed("agent.service", lacks) };
    let own = told(&full.with_service(itself), Some("agent.service"));
    assert_eq!((titles(&own)[0], operations(&own.options[0])), ("Restart agent", vec!["restart_service"]));
}

#[test]
fn of_a_program_without_a_service_idle_connections_are_closed_first() {
    let snapshot = linux().with_dynamic_range(40_000, 40_099).with_process(process(7, "agent"));
    let plan = watched(&with(snapshot, idle(40_000..40_020).chain(connected(40_020..40_100, "10.0.0.9:443"))));
    assert_eq!(titles(&plan)[..2], ["Close the 20 idle connections of agent", "Widen the dynamic range to 32768–60999"]);
}

#[test]
fn a_program_without_a_service_that_leaks_is_to_be_restarted_before_there_are_more_ports() {
    let snapshot = linux().with_dynamic_range(40_000, 40_999).with_process(process(7, "agent"));
    let bound = (40_000..40_900_u16).map(|port| plain(tcp(&format!("0.0.0.0:{port}"), SocketState::Bound, &[7])));
    let plan = watched(&with(snapshot, bound));
    assert_eq!(titles(&plan)[..2], ["Restart agent by hand", "Widen the dynamic range to 32768–60999"]);
}

#[test]
fn a_service_that_windows_needs_is_not_restarted() {
    let leaks = |name: &str, process: Process| {
        let snapshot = windows_range(windows(), Protocol::Tcp, 50_000, 50_254)
            .with_process(process)
            .with_service(windows_service(running(name, 70), name));
        let sockets = (50_000..50_255_u16).map(|port| plain(tcp(&format!("0.0.0.0:{port}"), SocketState::Bound, &[70])));
        told(&with(snapshot, sockets), None)
    };
    let of_vendor = leaks("Leaky", service_exe(70, "leaky.exe", "Leaky"));
    assert_eq!(titles(&of_vendor)[..2], ["Restart Leaky", "Widen the dynamic range to 49152–65535"]);
    let needed = leaks("Dhcp", service_exe(70, "svchost.exe", "Dhcp"));
    assert_eq!(titles(&needed)[0], "Widen the dynamic range to 49152–65535");
}

/// Files of other computers tell of such rows.
#[test]
fn an_idle_connection_without_a_far_end_is_not_offered_to_be_closed() {
    let half_told = Socket { state: SocketState::CloseWait, remote: None, ..tcp("10.0.0.5:40000", SocketState::CloseWait, &[7]) };
    let full = with(narrow(), connected(40_001..40_100, "10.0.0.9:443")).with_socket(half_told);
    let plan = watched(&full);
    assert!(plan.options.iter().all(|option| !option.steps.is_empty() && !option.title.contains("idle")), "{plan:#?}");
}

#[test]
fn the_usual_range_is_preferred_where_no_server_has_a_port_in_it() {
    let full = (20_000..20_100_u16).map(|port| connection(&format!("10.0.0.5:{port}"), "10.0.0.9:443", &[7]));
    let snapshot = linux().with_dynamic_range(20_000, 20_099).with_socket(listener("0.0.0.0:31000", &[9]));
    let plan = watched(&with(snapshot, full));
    let widen = widening(&plan);
    assert_eq!((widen.title.as_str(), operations(widen)), ("Widen the dynamic range to 32768–60999", vec!["set_dynamic_range"]));
    assert!(!widen.effect.contains("server"), "{}", widen.effect);
}

#[test]
fn the_ports_of_servers_are_excluded_before_clients_could_get_them() {
    let mut service = running("db.service", 9);
    service.ports = vec![service_port(34_000, Protocol::Tcp)];
    let snapshot = narrow()
        .with_service(service)
        .with_socket(listener("0.0.0.0:33060", &[9]))
        .with_socket(crate::machine::udp("0.0.0.0:35000", &[9]))
        .with_socket(listener("0.0.0.0:36000", &[9]))
        .with_exclusion(36_000);
    let plan = watched(&with(snapshot, connected(40_000..40_100, "10.0.0.9:443")));
    let widen = widening(&plan);
    assert_eq!(widen.title, "Widen the dynamic range to 32768–60999 and exclude 3 ports");
    assert_eq!(operations(widen), ["add_exclusion", "add_exclusion", "add_exclusion", "set_dynamic_range"]);
    let excluded: Vec<String> = widen
        .steps
        .iter()
        .filter_map(|step| match &step.operation {
            Operation::AddExclusion { range, protocol, .. } => Some(format!("{range} {protocol:?}")),
            _ => None,
        })
        .collect();
    assert_eq!(excluded, ["33060 None", "34000 None", "35000 None"], "one that is excluded already is left alone");
    assert!(widen.steps[2].preview.contains("33060,34000,35000,36000"), "each writes the whole list: {}", widen.steps[2].preview);
    assert!(widen.effect.contains("Ports 33060, 34000, 35000 of servers lie in it then"), "{}", widen.effect);
    let lists: Vec<_> = widen.changes.iter().map(|change| (&*change.what, &*change.before, &*change.after)).collect();
    assert_eq!(
        lists,
        [("Excluded ports", "36000", "33060, 34000, 35000, 36000"), ("Dynamic range", "40000–40099", "32768–60999")]
    );
}

#[test]
fn too_many_ports_of_servers_are_only_told() {
    let servers = (0..33_u16).map(|place| listener(&format!("0.0.0.0:{}", 33_000 + 2 * place), &[9]));
    let plan = watched(&with(narrow(), servers.chain(connected(40_000..40_100, "10.0.0.9:443"))));
    let widen = widening(&plan);
    assert_eq!(operations(widen), ["set_dynamic_range"]);
    assert!(
        widen.effect.contains("33 ports of servers lie in it then (33000, 33002, 33004, 33006, 33008 …)"),
        "{}",
        widen.effect
    );
    assert!(widen.effect.contains("portmedic audit --fix keeps them"), "{}", widen.effect);
}

#[test]
fn windows_excludes_no_port_that_is_in_use_so_that_one_is_only_told() {
    let mut stopped = windows_service(running("Db", 0), "Db");
    (stopped.state, stopped.pids, stopped.main_pid) = (portmedic::machine::ServiceState::Stopped, Vec::new(), None);
    stopped.ports = vec![service_port(51_000, Protocol::Tcp), service_port(51_500, Protocol::Udp)];
    let snapshot = windows_range(windows(), Protocol::Tcp, 50_000, 50_254)
        .with_process(exe(70, "leaky.exe"))
        .with_service(stopped)
        .with_socket(plain(listener("0.0.0.0:52000", &[4])));
    let sockets = (50_000..50_255_u16).map(|port| plain(tcp(&format!("0.0.0.0:{port}"), SocketState::Bound, &[70])));
    let plan = told(&with(snapshot, sockets), None);
    let widen = widening(&plan);
    let first = &widen.steps[0].operation;
    assert!(
        matches!(first, Operation::AddExclusion { range: own, protocol: Some(Protocol::Tcp), .. } if *own == range(51_000, 51_000)),
        "{first:?}"
    );
    assert_eq!(operations(widen).iter().filter(|name| **name == "add_exclusion").count(), 1, "{:?}", operations(widen));
    assert!(widen.effect.contains("Windows excludes no port that is in use"), "{}", widen.effect);
    assert!(widen.effect.contains("52000"), "{}", widen.effect);
}
