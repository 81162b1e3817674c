//! Each rule: fires, does not fire, lacks data. The situations are those that one meets on Linux.

use portmedic::diagnosis::{Cause, Confidence, Diagnosis, OwnerKind, Symptom, diagnose};
use portmedic::machine::{
    BindResult, Container, DynamicRange, Exclusion, FailureKind, PortRange, Process, Protocol, Service, ServiceState, Snapshot,
    Socket, SocketState, StartFailure, Store,
};

use crate::machine::{
    With, connection, failed, ip, linux, listen, listener, process, range, resting, running, service_port, systemd, tcp, udp,
    unit, unit_process,
};

const TCP: Protocol = Protocol::Tcp;
const UDP: Protocol = Protocol::Udp;

pub fn port(port: u16) -> Symptom {
    Symptom { port: Some(port), ..Symptom::default() }
}

pub fn of_service(name: &str, wanted: u16) -> Symptom {
    Symptom { service: Some(name.to_owned()), protocol: Some(TCP), ..port(wanted) }
}

pub fn failure(kind: FailureKind, message: &str) -> StartFailure {
    StartFailure {
        kind,
        message: message.to_owned(),
        source: "journalctl -u demo-db.service".to_owned(),
        time: Some("2026-11-20T03:11:59Z".parse().unwrap()),
        port: None,
        protocol: None,
        address: None,
    }
}

pub fn in_use() -> StartFailure {
    failure(FailureKind::InUse, "OSError: [Errno 98] Address already in use")
}

/// A client sits on 1433 because the dynamic range covers it; `demo-db.service` fails.
pub fn client_on_1433() -> Snapshot {
    linux()
        .with_dynamic_range(1024, 15000)
        .with_process(unit_process(64, "backup", "backup.service"))
        .with_service(failed("demo-db.service", in_use()))
        .with_service(Service { product: Some("Backup Agent".to_owned()), ..running("backup.service", 64) })
        .with_socket(connection("127.0.0.1:1433", "127.0.0.1:900", &[64]))
        .with_bind_tests(TCP, 1433, BindResult::InUse)
}

fn cause(snapshot: &Snapshot, symptom: &Symptom) -> Cause {
    diagnose(snapshot, symptom).verdict.cause
}

fn facts(diagnosis: &Diagnosis) -> String {
    let facts = diagnosis.verdict.evidence.iter().map(|evidence| evidence.fact.as_str());
    facts.collect::<Vec<_>>().join("\n")
}

fn pids(diagnosis: &Diagnosis) -> Vec<Option<u32>> {
    diagnosis.owners.iter().map(|owner| owner.pid).collect()
}

#[test]
fn a_client_on_the_port_is_told_with_the_reason_why_it_got_it() {
    let diagnosis = diagnose(&client_on_1433(), &of_service("demo-db.service", 1433));
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByClient, Confidence::Certain));
    assert_eq!(verdict.headline, "An outgoing connection of Backup Agent took port 1433");
    assert!(verdict.explanation.contains("dynamic range of this computer starts at 1024"), "{}", verdict.explanation);
    assert!(verdict.explanation.contains("the kernel") || verdict.explanation.contains("The kernel"));
    assert_eq!(verdict.evidence[0].raw.as_deref(), Some("TCP 127.0.0.1:1433 -> 127.0.0.1:900 ESTABLISHED 64 backup"));
    let facts = facts(&diagnosis);
    for fact in ["1433 lies in it", "Port 1433 is in no exclusion", "says that the port is in use"] {
        assert!(facts.contains(fact), "{fact} is missing in:\n{facts}");
    }
    assert_eq!((pids(&diagnosis), diagnosis.owners[0].kind), (vec![Some(64)], OwnerKind::Unit));
}

#[test]
fn a_client_is_no_holder_where_somebody_listens() {
    let snapshot = client_on_1433().with_process(process(7, "sqlservr")).with_socket(listener("0.0.0.0:1433", &[7]));
    assert_eq!(cause(&snapshot, &port(1433)), Cause::HeldByListener);
}

#[test]
fn a_client_on_another_address_leaves_the_wanted_one_free() {
    let snapshot = client_on_1433().with_bind_test(TCP, "127.0.0.2", 1433, BindResult::Free);
    let symptom = Symptom { address: Some(ip("127.0.0.2")), ..port(1433) };
    let diagnosis = diagnose(&snapshot, &symptom);
    assert_eq!(diagnosis.verdict.cause, Cause::PortFree);
    assert!(facts(&diagnosis).contains("for another address"));
}

#[test]
fn a_client_whose_process_was_not_seen_is_still_a_client() {
    let snapshot = linux()
        .with_dynamic_range(1024, 15000)
        .with_socket(connection("10.0.0.5:1433", "10.0.0.9:443", &[]))
        .with_bind_tests(TCP, 1433, BindResult::InUse);
    assert_eq!(diagnose(&snapshot, &port(1433)).verdict.cause, Cause::HeldByClient);
}

#[test]
fn without_a_bind_test_a_client_is_only_likely() {
    let mut snapshot = client_on_1433();
    snapshot.bind_tests.clear();
    let verdict = diagnose(&snapshot, &port(1433)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByClient, Confidence::Likely));
    assert_eq!(verdict.confidence_because, "no bind test was made");
}

#[test]
fn a_connection_that_is_being_opened_is_a_client_whatever_the_range_is() {
    let calling = Socket { state: SocketState::SynSent, ..connection("10.0.0.5:1433", "10.0.0.9:50000", &[64]) };
    let snapshot = linux().with_process(process(64, "agent")).with_socket(calling).with_bind_tests(TCP, 1433, BindResult::InUse);
    let verdict = diagnose(&snapshot, &port(1433)).verdict;
    assert_eq!(verdict.headline, "An outgoing connection of agent took port 1433");
}

#[test]
fn where_both_ends_could_be_a_clients_the_listener_at_the_far_end_tells_which_one_is() {
    let both_dynamic = |remote: &str| {
        let snapshot = linux().with_dynamic_range(1024, 60999).with_process(process(64, "agent"));
        snapshot.with_socket(connection("10.0.0.5:1433", remote, &[64])).with_bind_tests(TCP, 1433, BindResult::InUse)
    };
    let verdict = |snapshot: &Snapshot| diagnose(snapshot, &port(1433)).verdict;
    for (at, remote) in [("0.0.0.0:9000", "10.0.0.5:9000"), ("[::]:9000", "10.0.0.5:9000"), ("127.0.0.1:9000", "127.0.0.1:9000")]
    {
        let verdict = verdict(&both_dynamic(remote).with_socket(listener(at, &[7])));
        assert_eq!(verdict.confidence, Confidence::Certain, "{at}: {}", verdict.confidence_because);
        assert_eq!(verdict.headline, "An outgoing connection of agent took port 1433");
        assert!(verdict.evidence.iter().any(|evidence| evidence.fact.contains("begun at this end")), "{:?}", verdict.evidence);
    }
    for (at, remote) in
        [("127.0.0.1:9000", "10.0.0.5:9000"), ("0.0.0.0:9000", "10.0.0.9:9000"), ("0.0.0.0:9001", "10.0.0.5:9000")]
    {
        let verdict = verdict(&both_dynamic(remote).with_socket(listener(at, &[7])));
        assert_eq!(verdict.confidence, Confidence::Likely, "{at} is no listener for {remote}");
    }
}

#[test]
fn an_accepted_connection_whose_listener_is_gone_is_not_called_outgoing() {
    let snapshot = linux().with_process(process(9, "app")).with_socket(connection("127.0.0.1:8080", "127.0.0.1:40000", &[9]));
    let mut snapshot = snapshot.with_bind_tests(TCP, 8080, BindResult::InUse);
    for test in snapshot.bind_tests.iter_mut().filter(|test| test.reuse_address) {
        (test.result, test.error) = (BindResult::Free, None);
    }
    let verdict = diagnose(&snapshot, &port(8080)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByClient, Confidence::Likely));
    assert_eq!(verdict.headline, "A connection of app still has port 8080");
}

#[test]
fn an_accepted_connection_of_the_dead_service_is_its_own_instance() {
    let service = Service { pids: vec![9], ..failed("app.service", in_use()) };
    let snapshot = linux()
        .with_process(unit_process(9, "app", "app.service"))
        .with_service(service)
        .with_socket(connection("127.0.0.1:8080", "127.0.0.1:40000", &[9]))
        .with_socket(resting("127.0.0.1:8080", "127.0.0.1:40001", 100))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    assert_eq!(cause(&snapshot, &of_service("app.service", 8080)), Cause::HeldByOwnInstance);
}

#[test]
fn remains_of_a_client_rest_for_a_told_time() {
    let snapshot = linux()
        .with_dynamic_range(1433, 1433)
        .with_socket(resting("127.0.0.1:1433", "127.0.0.1:9000", 42_100))
        .with_bind_tests(TCP, 1433, BindResult::InUse);
    let diagnosis = diagnose(&snapshot, &port(1433));
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByClosingConnection, Confidence::Certain));
    assert!(verdict.explanation.contains("43 more seconds"), "{}", verdict.explanation);
    assert_eq!(diagnosis.owners[0].kind, OwnerKind::Kernel);
}

#[test]
fn remains_that_servers_with_reuse_may_ignore_are_only_likely() {
    let mut snapshot =
        linux().with_socket(resting("127.0.0.1:8080", "127.0.0.1:40000", 42_000)).with_bind_tests(TCP, 8080, BindResult::InUse);
    for test in snapshot.bind_tests.iter_mut().filter(|test| test.reuse_address) {
        (test.result, test.error) = (BindResult::Free, None);
    }
    let verdict = diagnose(&snapshot, &port(8080)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByClosingConnection, Confidence::Likely));
    assert!(verdict.explanation.contains("SO_REUSEADDR"));
}

#[test]
fn a_connection_that_the_peer_closed_still_belongs_to_its_client() {
    let half = Socket { state: SocketState::CloseWait, ..connection("127.0.0.1:1433", "127.0.0.1:900", &[64]) };
    let snapshot = linux().with_dynamic_range(1024, 15000).with_process(process(64, "agent")).with_socket(half).with_bind_tests(
        TCP,
        1433,
        BindResult::InUse,
    );
    assert_eq!(cause(&snapshot, &port(1433)), Cause::HeldByClient);
}

#[test]
fn a_bound_socket_that_does_not_listen_is_found() {
    let snapshot = linux()
        .with_process(process(6, "python"))
        .with_socket(tcp("0.0.0.0:1433", SocketState::Bound, &[6]))
        .with_bind_tests(TCP, 1433, BindResult::InUse);
    let verdict = diagnose(&snapshot, &port(1433)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByBoundSocket, Confidence::Certain));
    assert_eq!(verdict.headline, "python has taken port 1433 without listening on it");
}

#[test]
fn a_dual_stack_listener_blocks_ipv4() {
    let snapshot = linux().with_process(process(9, "java")).with_socket(listener("[::]:8080", &[9])).with_bind_tests(
        TCP,
        8080,
        BindResult::InUse,
    );
    for address in ["0.0.0.0", "127.0.0.1", "10.0.0.5"] {
        let symptom = Symptom { address: Some(ip(address)), ..port(8080) };
        let diagnosis = diagnose(&snapshot, &symptom);
        assert_eq!(diagnosis.verdict.cause, Cause::HeldByListener, "{address}");
        assert!(diagnosis.verdict.explanation.contains("takes IPv4 as well"));
    }
}

#[test]
fn an_ipv6_only_listener_leaves_ipv4_free() {
    let socket = Socket { v6only: Some(true), ..listener("[::]:8080", &[9]) };
    let snapshot = linux()
        .with_process(process(9, "java"))
        .with_socket(socket)
        .with_bind_test(TCP, "0.0.0.0", 8080, BindResult::Free)
        .with_bind_test(TCP, "::", 8080, BindResult::InUse);
    let ipv4 = Symptom { address: Some(ip("0.0.0.0")), ..port(8080) };
    assert_eq!(cause(&snapshot, &ipv4), Cause::PortFree);
    let ipv6 = Symptom { address: Some(ip("::")), ..port(8080) };
    assert_eq!(cause(&snapshot, &ipv6), Cause::HeldByListener);
    let verdict = diagnose(&snapshot, &port(8080)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByListener, Confidence::Likely));
    assert!(verdict.explanation.contains("IPv4 is left free"));
}

#[test]
fn a_listener_on_one_address_blocks_the_wildcards_but_no_other_address() {
    let snapshot = linux().with_process(process(9, "java")).with_socket(listener("127.0.0.1:8080", &[9]));
    for (address, expected) in [
        ("0.0.0.0", Cause::HeldByListener),
        ("::", Cause::HeldByListener),
        ("127.0.0.1", Cause::HeldByListener),
        ("127.0.0.2", Cause::PortFree),
        ("::1", Cause::PortFree),
    ] {
        let symptom = Symptom { address: Some(ip(address)), ..port(8080) };
        assert_eq!(cause(&snapshot, &symptom), expected, "{address}");
    }
}

#[test]
fn the_bind_test_outweighs_the_table() {
    let snapshot = linux().with_process(process(9, "java")).with_socket(listener("0.0.0.0:8080", &[9])).with_bind_tests(
        TCP,
        8080,
        BindResult::Free,
    );
    assert_eq!(cause(&snapshot, &port(8080)), Cause::PortFree);
}

#[test]
fn udp_is_looked_at_where_tcp_is_free() {
    let snapshot = linux()
        .with_process(process(9, "named"))
        .with_socket(udp("0.0.0.0:53", &[9]))
        .with_bind_tests(TCP, 53, BindResult::Free)
        .with_bind_tests(UDP, 53, BindResult::InUse);
    let diagnosis = diagnose(&snapshot, &port(53));
    assert_eq!((diagnosis.protocol, diagnosis.verdict.cause), (Some(UDP), Cause::HeldByListener));
    assert_eq!(diagnosis.verdict.headline, "named listens on UDP port 53");

    let tcp_only = Symptom { protocol: Some(TCP), ..port(53) };
    assert_eq!(cause(&snapshot, &tcp_only), Cause::PortFree);
}

#[test]
fn a_port_shared_by_another_user_is_held_all_the_same() {
    let socket = |pid| Socket { reuse_port: Some(true), uid: Some(1000), ..listener("0.0.0.0:8080", &[pid]) };
    let snapshot = linux()
        .with_process(process(8, "worker"))
        .with_process(process(9, "worker"))
        .with_socket(socket(8))
        .with_socket(socket(9))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    let diagnosis = diagnose(&snapshot, &port(8080));
    assert_eq!((diagnosis.verdict.cause, pids(&diagnosis)), (Cause::HeldByListener, vec![Some(8), Some(9)]));
    assert!(facts(&diagnosis).contains("SO_REUSEPORT"));
}

#[test]
fn sharers_of_one_socket_are_all_named() {
    let snapshot = linux()
        .with_process(process(6, "master"))
        .with_process(process(68, "worker"))
        .with_socket(listener("127.0.0.1:8080", &[6, 68]))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    let diagnosis = diagnose(&snapshot, &port(8080));
    assert_eq!(pids(&diagnosis), [Some(6), Some(68)]);
    assert!(facts(&diagnosis).contains("ending one of them frees nothing"));
}

#[test]
fn a_deleted_executable_is_told() {
    let snapshot =
        linux().with_process(Process { exe_deleted: true, ..process(6, "leaky") }).with_socket(listener("127.0.0.1:8080", &[6]));
    assert!(facts(&diagnose(&snapshot, &port(8080))).contains("updated or removed while it runs"));
}

#[test]
fn a_listener_of_another_user_is_held_although_its_process_was_not_seen() {
    let mut snapshot = linux().with_socket(listener("0.0.0.0:8080", &[])).with_bind_tests(TCP, 8080, BindResult::InUse);
    (snapshot.host.elevated, snapshot.host.user) = (false, "nobody".to_owned());
    let diagnosis = diagnose(&snapshot, &port(8080));
    assert_eq!((diagnosis.verdict.cause, diagnosis.verdict.confidence), (Cause::HeldByListener, Confidence::Certain));
    assert_eq!(diagnosis.owners[0].kind, OwnerKind::Unknown);
    assert_eq!(diagnosis.verdict.headline, "A program that could not be seen listens on port 8080");
    assert_eq!(diagnosis.verdict.next_step, "Look again with administrator rights");
}

#[test]
fn a_port_in_another_network_namespace_is_free_here() {
    let mut snapshot = linux().with_bind_tests(TCP, 1433, BindResult::Free);
    snapshot.sockets_elsewhere.push(listener("0.0.0.0:1433", &[99]));
    let diagnosis = diagnose(&snapshot, &port(1433));
    assert_eq!((diagnosis.verdict.cause, diagnosis.verdict.confidence), (Cause::PortFree, Confidence::Certain));
    assert!(facts(&diagnosis).contains("another network namespace"));
    assert!(diagnosis.owners.is_empty());
}

#[test]
fn connections_in_the_accept_queue_leave_the_listener_as_the_holder() {
    let waiting = Socket { inode: None, ..connection("127.0.0.1:8080", "127.0.0.1:40000", &[]) };
    let snapshot = linux()
        .with_process(process(6, "slow"))
        .with_socket(waiting)
        .with_socket(listener("127.0.0.1:8080", &[6]))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    let diagnosis = diagnose(&snapshot, &port(8080));
    assert_eq!((diagnosis.verdict.cause, pids(&diagnosis)), (Cause::HeldByListener, vec![Some(6)]));
    assert!(facts(&diagnosis).contains("1 connection is open through it"));
}

#[test]
fn a_low_port_is_privileged_only_where_something_says_so() {
    let denied = Symptom { failure: Some(failure(FailureKind::Privileged, "bind: Permission denied")), ..port(80) };
    let free = linux().with_bind_tests(TCP, 80, BindResult::Free);
    assert_eq!(cause(&free, &port(80)), Cause::PortFree);
    assert!(facts(&diagnose(&free, &port(80))).contains("CAP_NET_BIND_SERVICE"));
    assert_eq!(cause(&free, &denied), Cause::PrivilegedPort);

    let mut opened = free.clone();
    opened.unprivileged_port_start = Some(80);
    assert_ne!(cause(&opened, &denied), Cause::PrivilegedPort);
}

#[test]
fn a_unit_known_to_lack_the_right_is_told_so_with_certainty_where_its_log_agrees() {
    let service = |kind| Service {
        may_bind_low_ports: Some(false),
        user: Some("www-data".to_owned()),
        ..failed("web.service", failure(kind, "it ended"))
    };
    let snapshot = |kind| linux().with_service(service(kind)).with_bind_tests(TCP, 80, BindResult::Free);
    let ask = |kind| diagnose(&snapshot(kind), &of_service("web.service", 80)).verdict;
    let told = ask(FailureKind::Privileged);
    assert_eq!((told.cause, told.confidence), (Cause::PrivilegedPort, Confidence::Certain));
    assert!(told.explanation.contains("www-data"));
    let silent = ask(FailureKind::Unknown);
    assert_eq!((silent.cause, silent.confidence), (Cause::PrivilegedPort, Confidence::Likely));
    assert_eq!(ask(FailureKind::NotAPort).cause, Cause::NotAPortProblem);
    assert_eq!(ask(FailureKind::InUse).cause, Cause::PortFree);
}

#[test]
fn a_refused_right_without_a_port_is_the_right_only_where_the_unit_lacks_it() {
    let symptom = Symptom { service: Some("web.service".to_owned()), ..Symptom::default() };
    let ask = |right| {
        let told = failure(FailureKind::Forbidden, "PermissionError: [Errno 13] Permission denied");
        diagnose(&linux().with_service(Service { may_bind_low_ports: right, ..failed("web.service", told) }), &symptom).verdict
    };
    assert_eq!((ask(Some(false)).cause, ask(Some(false)).confidence), (Cause::PrivilegedPort, Confidence::Likely));
    assert_eq!(ask(None).cause, Cause::Unknown);
}

#[test]
fn a_refused_right_on_a_high_port_is_a_security_rule_and_no_conflict() {
    let symptom = Symptom { failure: Some(failure(FailureKind::Forbidden, "bind: Permission denied")), ..port(8081) };
    let verdict = diagnose(&linux().with_bind_tests(TCP, 8081, BindResult::Free), &symptom).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::NotAPortProblem, Confidence::Likely));
    assert!(verdict.explanation.contains("SELinux"));
}

#[test]
fn an_address_of_another_computer_is_told() {
    let told = failure(FailureKind::NotLocal, "bind() to 203.0.113.9:80 failed (99: Cannot assign requested address)");
    let symptom = Symptom { address: Some(ip("203.0.113.9")), failure: Some(told), ..port(80) };
    let verdict = diagnose(&linux(), &symptom).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::AddressNotLocal, Confidence::Certain));

    let tested = Symptom { failure: None, ..symptom.clone() };
    let snapshot = linux().with_bind_test(TCP, "203.0.113.9", 80, BindResult::NotLocal);
    assert_eq!(cause(&snapshot, &tested), Cause::AddressNotLocal);

    let mut unread = linux();
    unread.addresses.clear();
    assert_eq!(diagnose(&unread, &symptom).verdict.confidence, Confidence::Likely);
}

#[test]
fn an_address_that_came_in_the_meantime_is_no_problem_any_more() {
    let symptom =
        Symptom { address: Some(ip("10.0.0.5")), failure: Some(failure(FailureKind::NotLocal, "bind failed")), ..port(8080) };
    let snapshot = linux().with_bind_test(TCP, "10.0.0.5", 8080, BindResult::Free);
    assert_eq!(cause(&snapshot, &symptom), Cause::PortFree);
}

fn full_range() -> Snapshot {
    let ports = 20_000..20_010;
    ports.fold(linux().with_dynamic_range(20_000, 20_009).with_process(process(5, "greedy")), |snapshot, port| {
        snapshot.with_socket(connection(&format!("10.0.0.5:{port}"), "10.0.0.9:443", &[5]))
    })
}

#[test]
fn a_full_dynamic_range_names_who_uses_it_up() {
    let symptom = Symptom {
        failure: Some(failure(FailureKind::Exhausted, "connect: Cannot assign requested address")),
        ..Symptom::default()
    };
    let diagnosis = diagnose(&full_range(), &symptom);
    assert_eq!((diagnosis.verdict.cause, diagnosis.verdict.confidence), (Cause::Exhausted, Confidence::Certain));
    assert_eq!((diagnosis.port, pids(&diagnosis)), (None, vec![Some(5)]));
    assert!(facts(&diagnosis).contains("10 of the 10 ports"));
    assert!(diagnosis.verdict.explanation.contains("greedy has 10 of them, 100 %"));
}

#[test]
fn exhaustion_is_only_likely_where_the_table_does_not_show_it() {
    let symptom = Symptom {
        failure: Some(failure(FailureKind::Exhausted, "connect: Cannot assign requested address")),
        ..Symptom::default()
    };
    let verdict = diagnose(&linux(), &symptom).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::Exhausted, Confidence::Likely));
    let roomy = full_range().with_dynamic_range(20_000, 20_999);
    let verdict = diagnose(&roomy, &symptom).verdict;
    assert_eq!(
        (verdict.confidence, verdict.headline.as_str()),
        (Confidence::Likely, "No port was left for outgoing connections")
    );
}

#[test]
fn a_full_range_does_not_hide_who_has_the_port_asked_for() {
    let snapshot = full_range().with_bind_tests(TCP, 20_005, BindResult::InUse);
    assert_eq!(cause(&snapshot, &port(20_005)), Cause::HeldByClient);
}

#[test]
fn a_refused_client_learns_that_nobody_listens() {
    let symptom = Symptom { failure: Some(failure(FailureKind::Refused, "connect: Connection refused")), ..port(5432) };
    let verdict = diagnose(&linux(), &symptom).verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::Refused, "Nobody listens on port 5432"));
    assert_eq!(verdict.confidence, Confidence::Likely, "another computer may have been asked");
    assert!(verdict.explanation.contains("portmedic connect NAME 5432"), "{}", verdict.explanation);
    let here = StartFailure { address: Some(ip("127.0.0.1")), ..failure(FailureKind::Refused, "dial tcp 127.0.0.1:5432") };
    let told = Symptom { failure: Some(here), ..port(5432) };
    assert_eq!(diagnose(&linux(), &told).verdict.confidence, Confidence::Certain);

    let local = linux().with_process(process(9, "postgres")).with_socket(listener("127.0.0.1:5432", &[9]));
    assert_eq!(diagnose(&local, &symptom).verdict.headline, "postgres listens on port 5432, but only for this computer");

    let listening = linux().with_process(process(9, "postgres")).with_socket(listener("0.0.0.0:5432", &[9]));
    assert_eq!(diagnose(&listening, &symptom).verdict.confidence, Confidence::Likely);
}

#[test]
fn a_refusal_of_another_computer_says_nothing_about_this_one() {
    let told =
        StartFailure { address: Some(ip("192.0.2.7")), ..failure(FailureKind::Refused, "dial tcp 192.0.2.7:5432: refused") };
    let symptom = Symptom { failure: Some(told), ..port(5432) };
    let snapshot = linux().with_process(process(9, "postgres")).with_socket(listener("0.0.0.0:5432", &[9]));
    let diagnosis = diagnose(&snapshot, &symptom);
    assert_eq!((diagnosis.verdict.cause, diagnosis.verdict.confidence), (Cause::Refused, Confidence::CannotTell));
    assert_eq!(diagnosis.verdict.headline, "Another computer refused port 5432");
    assert_eq!(diagnosis.verdict.next_step, "Ask it for a connection: portmedic connect 192.0.2.7 5432");
    assert!(diagnosis.owners.is_empty());
}

#[test]
fn a_socket_unit_has_the_port_for_a_service_that_does_not_run() {
    let web = Service {
        listens: vec![listen(TCP, 8080)],
        linked: vec!["web.service".to_owned()],
        state: ServiceState::Running,
        ..unit("web.socket")
    };
    let snapshot = linux()
        .with_process(systemd())
        .with_service(web)
        .with_service(failed("other.service", in_use()))
        .with_socket(listener("[::]:8080", &[1]))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    let diagnosis = diagnose(&snapshot, &of_service("other.service", 8080));
    assert_eq!((diagnosis.verdict.cause, diagnosis.verdict.confidence), (Cause::HeldBySocketUnit, Confidence::Certain));
    assert_eq!(diagnosis.verdict.headline, "systemd listens on port 8080 for web.socket");
}

#[test]
fn a_service_waits_behind_its_own_socket_unit_without_a_problem() {
    let socket = Service { listens: vec![listen(TCP, 8080)], linked: vec!["web.service".to_owned()], ..unit("web.socket") };
    let service = Service { linked: vec!["web.socket".to_owned()], ..unit("web.service") };
    let snapshot = linux()
        .with_process(systemd())
        .with_service(socket.clone())
        .with_service(service.clone())
        .with_socket(listener("[::]:8080", &[1]));
    assert_eq!(cause(&snapshot, &of_service("web.service", 8080)), Cause::NotAPortProblem);

    let met_itself = Service { state: ServiceState::Failed, failure: Some(in_use()), ..service };
    let snapshot =
        linux().with_process(systemd()).with_service(socket).with_service(met_itself).with_socket(listener("[::]:8080", &[1]));
    let verdict = diagnose(&snapshot, &of_service("web.service", 8080)).verdict;
    assert_eq!(verdict.cause, Cause::HeldBySocketUnit);
    assert!(verdict.explanation.contains("met its own socket unit"));
}

#[test]
fn a_container_has_the_port() {
    let container = Some(Container { runtime: "docker".to_owned(), id: "3f2a9c".to_owned() });
    let proxy = Process { container: container.clone(), ..unit_process(9, "docker-proxy", "docker.service") };
    let snapshot =
        linux().with_process(proxy).with_socket(listener("0.0.0.0:80", &[9])).with_bind_tests(TCP, 80, BindResult::InUse);
    let verdict = diagnose(&snapshot, &port(80)).verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::HeldByContainer, "A container has published port 80"));

    let inside = Process { container, ..process(9, "nginx") };
    let snapshot = linux().with_process(inside).with_socket(listener("0.0.0.0:80", &[9]));
    assert_eq!(diagnose(&snapshot, &port(80)).verdict.headline, "nginx in a container has port 80");
}

#[test]
fn a_process_left_behind_by_the_service_is_its_own_instance() {
    let service = Service { pids: vec![9], product: Some("PostgreSQL".to_owned()), ..failed("postgresql.service", in_use()) };
    let snapshot = linux()
        .with_process(unit_process(9, "postgres", "postgresql.service"))
        .with_service(service)
        .with_socket(listener("127.0.0.1:5432", &[9]))
        .with_bind_tests(TCP, 5432, BindResult::InUse);
    let verdict = diagnose(&snapshot, &of_service("postgresql.service", 5432)).verdict;
    assert_eq!(verdict.cause, Cause::HeldByOwnInstance);
    assert_eq!(verdict.headline, "An older instance of PostgreSQL still has port 5432");
}

#[test]
fn the_same_program_beside_its_unit_is_an_own_instance_and_a_stranger_is_not() {
    let command = |arguments: &[&str]| arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>();
    let ask = |unit_command: &[&str], holder: Process| {
        let service = Service { command_line: command(unit_command), ..failed("app.service", in_use()) };
        let snapshot = linux().with_process(holder).with_service(service).with_socket(listener("0.0.0.0:8080", &[9]));
        cause(&snapshot, &of_service("app.service", 8080))
    };
    let nginx = process(9, "nginx");
    assert_eq!(ask(&["/usr/sbin/nginx", "-g", "daemon on;"], nginx.clone()), Cause::HeldByOwnInstance);
    assert_eq!(ask(&["/usr/sbin/apache2"], nginx.clone()), Cause::HeldByListener);
    // Another unit that runs the same file is a service of its own.
    let other_unit = Process { service: Some("nginx-two.service".to_owned()), ..nginx };
    assert_eq!(ask(&["/usr/sbin/nginx"], other_unit), Cause::HeldByListener);

    let script = |script: &str| Process {
        exe: Some("/usr/bin/python3".to_owned()),
        command_line: Some(command(&["python3", script])),
        ..process(9, "python3")
    };
    assert_eq!(ask(&["/usr/bin/python3", "/opt/app.py"], script("/opt/app.py")), Cause::HeldByOwnInstance);
    assert_eq!(ask(&["/usr/bin/python3", "/opt/app.py"], script("/opt/other.py")), Cause::HeldByListener);
}

#[test]
fn a_service_that_runs_and_listens_has_no_port_problem() {
    let snapshot = linux()
        .with_process(unit_process(9, "nginx", "nginx.service"))
        .with_service(Service { product: Some("nginx".to_owned()), ..running("nginx.service", 9) })
        .with_socket(listener("0.0.0.0:80", &[9]))
        .with_bind_tests(TCP, 80, BindResult::InUse);
    let verdict = diagnose(&snapshot, &of_service("nginx.service", 80)).verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::NotAPortProblem, "nginx runs and listens on port 80"));
}

#[test]
fn a_service_that_runs_beside_its_port_is_told_so() {
    let snapshot = linux().with_service(running("nginx.service", 9)).with_bind_tests(TCP, 80, BindResult::Free);
    let verdict = diagnose(&snapshot, &of_service("nginx.service", 80)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::NotAPortProblem, Confidence::Likely));
    assert_eq!(verdict.headline, "nginx runs, but does not listen on port 80");
}

#[test]
fn a_reserved_range_blocks_only_where_reservations_do() {
    let reserved = |administered| {
        let mut snapshot = linux().with_bind_tests(TCP, 50_050, BindResult::Denied);
        snapshot.host.system = portmedic::machine::System::Windows;
        snapshot.exclusions.push(Exclusion {
            range: range(50_000, 50_059),
            protocol: Some(TCP),
            family: None,
            store: Store::Active,
            administered,
            owner: Some("Hyper-V".to_owned()),
            source: "netsh int ipv4 show excludedportrange tcp".to_owned(),
        });
        diagnose(&snapshot, &port(50_050)).verdict
    };
    assert_eq!((reserved(false).cause, reserved(false).confidence), (Cause::ReservedRange, Confidence::Certain));
    assert!(reserved(false).explanation.contains("Windows refuses it"));
    assert_ne!(reserved(true).cause, Cause::ReservedRange);
}

#[test]
fn an_excluded_port_of_linux_is_free_to_be_asked_for() {
    let snapshot = linux().with_exclusion(1433).with_bind_tests(TCP, 1433, BindResult::Free);
    let diagnosis = diagnose(&snapshot, &port(1433));
    assert_eq!(diagnosis.verdict.cause, Cause::PortFree);
    assert!(facts(&diagnosis).contains("Port 1433 is excluded"));
}

#[test]
fn a_port_in_use_by_nobody_is_unknown_and_says_what_would_show_it() {
    let diagnosis = diagnose(&linux().with_bind_tests(TCP, 1433, BindResult::InUse), &port(1433));
    assert_eq!((diagnosis.verdict.cause, diagnosis.verdict.confidence), (Cause::Unknown, Confidence::CannotTell));
    assert!(diagnosis.gaps[0].shown_by.contains("kernel"));
}

#[test]
fn a_free_port_that_could_not_be_tested_is_only_likely_free() {
    let mut snapshot = linux().with_bind_tests(TCP, 80, BindResult::Denied);
    snapshot.host.elevated = false;
    let diagnosis = diagnose(&snapshot, &port(80));
    assert_eq!((diagnosis.verdict.cause, diagnosis.verdict.confidence), (Cause::PortFree, Confidence::Likely));
    assert!(diagnosis.gaps[0].shown_by.contains("administrator rights"));
    assert_eq!(diagnose(&linux(), &port(8080)).verdict.confidence, Confidence::Likely);
}

#[test]
fn a_service_that_fails_for_another_reason_is_told_its_reason() {
    let config = failure(FailureKind::NotAPort, "nginx: [emerg] unknown directive \"servr\" in /etc/nginx/nginx.conf:9");
    let snapshot = linux().with_service(failed("nginx.service", config)).with_bind_tests(TCP, 80, BindResult::Free);
    let verdict = diagnose(&snapshot, &of_service("nginx.service", 80)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::NotAPortProblem, Confidence::Certain));
    assert!(verdict.explanation.contains("unknown directive"));

    let held = snapshot.with_process(process(5, "apache2")).with_socket(listener("0.0.0.0:80", &[5]));
    let held = Snapshot { bind_tests: Vec::new(), ..held }.with_bind_tests(TCP, 80, BindResult::InUse);
    let verdict = diagnose(&held, &of_service("nginx.service", 80)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByListener, Confidence::Likely));
}

#[test]
fn a_failure_without_a_reason_and_with_a_free_port_is_likely_no_port_problem() {
    let silent = failure(FailureKind::Unknown, "Main process exited, code=exited, status=1/FAILURE");
    let snapshot = linux().with_service(failed("app.service", silent)).with_bind_tests(TCP, 8080, BindResult::Free);
    let verdict = diagnose(&snapshot, &of_service("app.service", 8080)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::NotAPortProblem, Confidence::Likely));
}

#[test]
fn a_port_that_is_free_by_now_is_told_so() {
    let snapshot = linux().with_service(failed("app.service", in_use())).with_bind_tests(TCP, 8080, BindResult::Free);
    let verdict = diagnose(&snapshot, &of_service("app.service", 8080)).verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::PortFree, "Port 8080 is free now"));
}

#[test]
fn the_port_comes_from_the_log_or_the_service_where_nobody_names_it() {
    let told = StartFailure { port: Some(5433), ..in_use() };
    let symptom = Symptom { failure: Some(told), ..Symptom::default() };
    assert_eq!(diagnose(&linux(), &symptom).port, Some(5433));

    let service = Service { ports: vec![service_port(6379, TCP)], ..unit("redis.service") };
    let symptom = Symptom { service: Some("redis.service".to_owned()), ..Symptom::default() };
    assert_eq!(diagnose(&linux().with_service(service), &symptom).port, Some(6379));
}

#[test]
fn without_a_port_the_verdict_asks_for_one() {
    let symptom = Symptom { service: Some("app.service".to_owned()), ..Symptom::default() };
    let diagnosis = diagnose(&linux().with_service(failed("app.service", failure(FailureKind::Unknown, "it ended"))), &symptom);
    assert_eq!((diagnosis.verdict.cause, diagnosis.verdict.confidence), (Cause::Unknown, Confidence::CannotTell));
    assert_eq!(diagnosis.verdict.headline, "It is not known which port app needs");
    assert!(!diagnosis.gaps.is_empty());
}

#[test]
fn a_wider_range_of_one_protocol_does_not_count_for_the_other() {
    let mut snapshot = linux().with_dynamic_range(49_152, 65_535);
    snapshot.dynamic_ranges[0].protocol = Some(TCP);
    snapshot.dynamic_ranges.push(DynamicRange {
        range: PortRange::new(1_024, 65_535).unwrap(),
        protocol: Some(UDP),
        ..snapshot.dynamic_ranges[0].clone()
    });
    let ask = |protocol| facts(&diagnose(&snapshot, &Symptom { protocol: Some(protocol), ..port(1433) }));
    assert!(ask(UDP).contains("1433 lies in it"));
    assert!(!ask(TCP).contains("dynamic range"));
}
