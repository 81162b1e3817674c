//! The lints on Linux.

use portmedic::diagnosis::audit::{Likelihood, RiskKind, audit};
use portmedic::machine::{
    Container, DynamicRange, FailureKind, KnownFrom, Process, Protocol, Service, ServicePort, ServiceState, Snapshot, Store,
    Table,
};

use super::{findings, is_safe, known, only, serving, shown};
use crate::machine::{
    With, failed, ip, linux, listen, listener, process, range, service_port, systemd, tcp, udp, unit, unit_process,
};
use crate::verdicts::failure;

/// A service at 33000 that runs and listens.
fn app() -> Snapshot {
    linux()
        .with_service(serving("app.service", 70, &[33_000]))
        .with_process(unit_process(70, "app", "app.service"))
        .with_socket(listener("0.0.0.0:33000", &[70]))
}

fn next_range(mut snapshot: Snapshot, start: u16, end: u16) -> Snapshot {
    snapshot.dynamic_ranges.push(DynamicRange {
        range: range(start, end),
        protocol: None,
        family: None,
        store: Store::Persistent,
        source: "/etc/sysctl.d/50-range.conf line 1".to_owned(),
    });
    snapshot
}

#[test]
fn a_port_in_the_dynamic_range_is_possible_to_lose_and_the_chance_is_reckoned() {
    let risk = only(&app());
    assert_eq!(
        (risk.kind, risk.likelihood, risk.service.as_str()),
        (RiskKind::DynamicRange, Likelihood::Possible, "app.service")
    );
    assert!(risk.why.contains("dynamic range 32768–60999") && risk.why.contains("28232 ports"), "{}", risk.why);
    assert!(risk.why.contains("100 connections") && risk.why.contains("1 start of 283"), "{}", risk.why);
}

#[test]
fn the_same_port_twice_is_one_risk() {
    let snapshot = app().with_socket(listener("[::]:33000", &[70]));
    assert_eq!(shown(&snapshot).len(), 1);
    assert_eq!(findings(&snapshot).checked, 1);
}

#[test]
fn a_port_outside_of_the_range_or_excluded_in_both_stores_is_safe() {
    is_safe(&app().with_exclusion(33_000), 33_000);
    is_safe(&app().with_dynamic_range(40_000, 50_000).with_exclusion(33_000), 33_000);
    is_safe(&linux().with_service(serving("web.service", 70, &[8080])), 8080);
}

#[test]
fn the_stores_are_told_apart() {
    let mut now_only = app().with_exclusion(33_000);
    now_only.exclusions.retain(|row| row.store == Store::Active);
    let risk = only(&now_only);
    assert_eq!(risk.kind, RiskKind::ExcludedOnlyNow);
    assert!(risk.why.contains("excluded now, but not after a restart"), "{}", risk.why);

    let mut later_only = app().with_exclusion(33_000);
    later_only.exclusions.retain(|row| row.store == Store::Persistent);
    assert_eq!((only(&later_only).kind, only(&later_only).likelihood), (RiskKind::ExcludedOnlyLater, Likelihood::Possible));
}

#[test]
fn the_list_of_another_file_that_counts_after_a_restart_is_named() {
    let mut snapshot = app().with_exclusion(33_000).with_exclusion(40_000);
    snapshot.exclusions.retain(|row| row.store == Store::Active || row.range.contains(40_000));
    let risk = only(&snapshot);
    assert!(risk.why.contains("the one in /etc/sysctl.d/50-ports.conf"), "{}", risk.why);
}

#[test]
fn a_range_that_the_next_start_brings_counts() {
    let wide = next_range(linux().with_service(serving("db.service", 70, &[5432])), 1024, 65_535);
    let risk = only(&wide);
    assert!(risk.kind == RiskKind::DynamicRange && risk.why.contains("after the next restart"), "{}", risk.why);
    // Without a file Linux begins with its own range again.
    let narrow = linux().with_service(serving("app.service", 70, &[33_000])).with_dynamic_range(20_000, 30_000);
    assert!(only(&narrow).why.contains("32768–60999"));
}

#[test]
fn a_small_range_and_an_earlier_loss_make_it_likely() {
    let small = only(&next_range(app(), 33_000, 33_254));
    assert!(small.likelihood == Likelihood::Likely && small.why.contains("about 1 start of 3."), "{}", small.why);
    let told = failure(FailureKind::InUse, "bind: Address already in use");
    let told = portmedic::machine::StartFailure { port: Some(33_000), ..told };
    let lost = Service { ports: vec![service_port(33_000, Protocol::Tcp)], ..failed("app.service", told) };
    let risk = only(&linux().with_service(lost));
    assert!(risk.likelihood == Likelihood::Likely && risk.why.contains("lost it before"), "{}", risk.why);
}

#[test]
fn a_service_that_nobody_starts_is_possible_at_most() {
    let idle = Service { starts_by_itself: Some(false), ..unit("app.service") };
    let idle = Service { ports: vec![service_port(33_000, Protocol::Tcp)], ..idle };
    let risk = only(&next_range(linux().with_service(idle.clone()), 33_000, 33_100));
    assert!(risk.likelihood == Likelihood::Possible && risk.why.contains("does not start with the computer"), "{}", risk.why);
    // What only the catalogue says of it counts for nothing.
    let guess = Service { ports: vec![known(33_000, KnownFrom::Catalogue, "usual")], ..idle };
    assert_eq!(findings(&linux().with_service(guess)).checked, 0);
}

#[test]
fn a_usual_port_counts_only_where_the_service_does_not_show_another_one() {
    let guess = || Service { ports: vec![known(40_000, KnownFrom::Catalogue, "usual")], ..serving("app.service", 70, &[]) };
    assert_eq!(shown(&linux().with_service(guess())).len(), 1);
    let elsewhere = linux()
        .with_service(guess())
        .with_process(unit_process(70, "app", "app.service"))
        .with_socket(listener("0.0.0.0:8080", &[70]));
    is_safe(&elsewhere, 8080);
}

#[test]
fn a_listener_counts_as_fixed_only_where_it_asked_for_its_number() {
    let with = |port: u16, arguments: &[&str]| {
        let command_line = Some(arguments.iter().map(|argument| (*argument).to_owned()).collect());
        linux()
            .with_process(Process { command_line, ..process(70, "app") })
            .with_socket(listener(&format!("0.0.0.0:{port}"), &[70]))
    };
    // The range begins with an even port: the kernel gives odd ones to those who do not ask.
    assert_eq!(shown(&with(33_001, &["app"])), []);
    let not_fixed = findings(&with(33_001, &["app"])).not_fixed;
    assert!(not_fixed[0].port == 33_001 && not_fixed[0].because.contains("may have chosen it"), "{not_fixed:?}");
    assert_eq!(shown(&with(33_001, &["app", "--listen=0.0.0.0:33001"])).len(), 1);
    assert_eq!(shown(&with(33_000, &["app"])).len(), 1);
    is_safe(&with(8080, &["app"]), 8080);
}

#[test]
fn a_listener_that_the_user_names_is_fixed() {
    let snapshot = linux().with_process(process(70, "app")).with_socket(listener("0.0.0.0:33001", &[70]));
    let found = audit(&snapshot, &[(33_001, Protocol::Tcp), (50_051, Protocol::Tcp), (80, Protocol::Tcp)]);
    assert_eq!((found.risks.len(), found.checked, found.not_fixed.len()), (2, 3, 0));
    assert!(found.risks.iter().all(|risk| risk.known_from == KnownFrom::User));
}

#[test]
fn arguments_are_not_repeated() {
    let command_line = Some(vec!["app".to_owned(), "tcp://user:secret@0.0.0.0:33000".to_owned()]);
    let snapshot =
        linux().with_process(Process { command_line, ..process(70, "app") }).with_socket(listener("0.0.0.0:33000", &[70]));
    let risk = only(&snapshot);
    assert_eq!(risk.known_from, KnownFrom::CommandLine);
    assert!(!format!("{risk:?}").contains("secret"), "{risk:?}");
}

#[test]
fn a_udp_socket_of_a_client_is_no_fixed_port() {
    let snapshot = linux().with_process(process(70, "resolver")).with_socket(udp("0.0.0.0:40000", &[70]));
    let found = findings(&snapshot);
    assert_eq!((found.checked, found.not_fixed.len()), (0, 0));
    let set_up = Service { ports: vec![service_port(40_000, Protocol::Udp)], ..serving("app.service", 70, &[]) };
    let risk = only(&snapshot.with_service(set_up));
    assert!(risk.protocol == Protocol::Udp && risk.why.contains("UDP port 40000"), "{}", risk.why);
}

#[test]
fn two_services_for_one_port_are_certain_to_meet_where_both_tell_the_same_address() {
    let pair = |one: Service, other: Service| linux().with_service(one).with_service(other);
    let stopped = |name: &str| Service { ports: vec![service_port(8080, Protocol::Tcp)], ..unit(name) };
    let risk = only(&pair(stopped("a.service"), stopped("b.service")));
    assert_eq!((risk.kind, risk.likelihood), (RiskKind::SamePort, Likelihood::Likely), "each may ask for an address of its own");
    assert_eq!((risk.service.as_str(), risk.rival.as_deref()), ("b.service", Some("a.service")));

    let by_hand = Service { starts_by_itself: Some(false), ..stopped("a.service") };
    let risk = only(&pair(by_hand.clone(), stopped("b.service")));
    assert_eq!((risk.service.as_str(), risk.likelihood), ("a.service", Likelihood::Possible));
    assert_eq!(shown(&pair(by_hand, Service { starts_by_itself: Some(false), ..stopped("b.service") })), []);

    let at = |name: &str, address: &str| {
        let port = ServicePort { address: Some(ip(address)), ..service_port(8080, Protocol::Tcp) };
        Service { ports: vec![port], ..unit(name) }
    };
    assert_eq!(shown(&pair(at("a.service", "10.0.0.5"), at("b.service", "127.0.0.1"))), []);
    assert_eq!(only(&pair(at("a.service", "0.0.0.0"), at("b.service", "127.0.0.1"))).likelihood, Likelihood::Certain);
    assert_eq!(only(&pair(at("a.service", "0.0.0.0"), at("b.service", "::"))).likelihood, Likelihood::Possible);
}

#[test]
fn services_that_share_a_port_or_start_each_other_are_no_rivals() {
    let shared = linux()
        .with_service(serving("a.service", 70, &[8080]))
        .with_service(serving("b.service", 71, &[8080]))
        .with_process(unit_process(70, "a", "a.service"))
        .with_process(unit_process(71, "b", "b.service"))
        .with_socket(listener("0.0.0.0:8080", &[70]))
        .with_socket(listener("0.0.0.0:8080", &[71]));
    assert_eq!(shown(&shared), []);

    let socket = Service {
        state: ServiceState::Running,
        listens: vec![listen(Protocol::Tcp, 9090)],
        linked: vec!["cockpit.service".to_owned()],
        ports: vec![known(9090, KnownFrom::SocketUnit, "cockpit.socket")],
        ..unit("cockpit.socket")
    };
    let service = Service {
        linked: vec!["cockpit.socket".to_owned()],
        ports: vec![known(9090, KnownFrom::SocketUnit, "Listen= of cockpit.socket")],
        ..unit("cockpit.service")
    };
    let linked =
        linux().with_service(socket).with_service(service).with_process(systemd()).with_socket(listener("[::]:9090", &[1]));
    is_safe(&linked, 9090);
    assert_eq!(findings(&linked).checked, 1);

    let other = linked.with_service(Service { ports: vec![service_port(9090, Protocol::Tcp)], ..unit("prometheus.service") });
    let risk = only(&other);
    assert_eq!(
        (risk.service.as_str(), risk.kind, risk.likelihood),
        ("prometheus.service", RiskKind::SamePort, Likelihood::Likely)
    );
}

#[test]
fn instances_of_one_product_known_from_the_catalogue_alone_are_no_rivals() {
    let instance = |name: &str| Service {
        product: Some("Redis".to_owned()),
        ports: vec![known(6379, KnownFrom::Catalogue, "usual")],
        ..unit(name)
    };
    assert_eq!(shown(&linux().with_service(instance("redis@a.service")).with_service(instance("redis@b.service"))), []);
}

#[test]
fn whoever_listens_while_the_service_is_down_is_named() {
    let down = Service {
        ports: vec![service_port(8080, Protocol::Tcp)],
        ..failed("app.service", failure(FailureKind::InUse, "in use"))
    };
    let docker = Process {
        container: Some(Container { runtime: "docker".to_owned(), id: "c0ffee".to_owned() }),
        ..process(70, "docker-proxy")
    };
    let held = linux().with_service(down).with_process(docker).with_socket(listener("0.0.0.0:8080", &[70]));
    let risk = only(&held);
    assert_eq!((risk.kind, risk.likelihood), (RiskKind::HeldByOther, Likelihood::Certain));
    assert!(risk.why.contains("container"), "{}", risk.why);

    let stopped = linux().with_service(Service { ports: vec![service_port(8080, Protocol::Tcp)], ..unit("app.service") });
    let held = stopped.clone().with_process(process(70, "python3")).with_socket(listener("0.0.0.0:8080", &[70]));
    assert_eq!(only(&held).likelihood, Likelihood::Likely);
    let elsewhere = stopped.with_process(process(70, "python3")).with_socket(tcp(
        "127.0.0.1:8081",
        portmedic::machine::SocketState::Listen,
        &[70],
    ));
    is_safe(&elsewhere, 8080);
}

#[test]
fn a_low_port_without_the_right_is_certain_to_fail() {
    let shop = |right, state| Service {
        may_bind_low_ports: right,
        state,
        user: Some("shop".to_owned()),
        ports: vec![service_port(443, Protocol::Tcp)],
        ..unit("shop.service")
    };
    let risk = only(&linux().with_service(shop(Some(false), ServiceState::Stopped)));
    assert_eq!((risk.kind, risk.likelihood), (RiskKind::LowPort, Likelihood::Certain));
    let runs = only(&linux().with_service(shop(Some(false), ServiceState::Running)));
    assert_eq!((runs.kind, runs.likelihood), (RiskKind::LowPort, Likelihood::Possible), "it runs all the same");
    is_safe(&linux().with_service(shop(Some(true), ServiceState::Stopped)), 443);
    is_safe(&linux().with_service(shop(None, ServiceState::Stopped)), 443);
    let handed = linux()
        .with_service(Service { pids: vec![70], ..shop(Some(false), ServiceState::Running) })
        .with_process(unit_process(70, "shop", "shop.service"))
        .with_socket(listener("0.0.0.0:443", &[70]));
    is_safe(&handed, 443);
    let mut unknown = linux().with_service(shop(Some(false), ServiceState::Stopped));
    unknown.unprivileged_port_start = None;
    is_safe(&unknown, 443);
}

#[test]
fn what_was_not_seen_is_a_gap_and_no_risk() {
    let mut without_range = app();
    without_range.dynamic_ranges.clear();
    let found = findings(&without_range);
    assert!(found.risks.is_empty() && found.gaps.iter().any(|gap| gap.because.contains("dynamic port range")), "{found:#?}");
    let mut without_list = app();
    without_list.not_shown = vec![Table::Exclusions];
    let found = findings(&without_list);
    assert!(found.risks.is_empty() && found.gaps.iter().any(|gap| gap.because.contains("exclusions")), "{found:#?}");
}

#[test]
fn the_most_likely_comes_first() {
    let snapshot = app()
        .with_service(Service { ports: vec![service_port(8080, Protocol::Tcp)], ..unit("a.service") })
        .with_service(Service { ports: vec![service_port(8080, Protocol::Tcp)], ..unit("b.service") });
    let ports: Vec<u16> = findings(&snapshot).risks.iter().map(|risk| risk.port).collect();
    assert_eq!(ports, [8080, 33_000]);
}

#[test]
fn a_listener_whose_process_may_not_be_seen_is_the_service_that_is_set_up_for_its_port() {
    let snapshot = linux().with_service(serving("app.service", 70, &[33_000])).with_socket(listener("0.0.0.0:33000", &[]));
    assert_eq!(only(&snapshot).service, "app.service");
}
