//! The ways out: the right steps in the right order, nothing that must not be done, previews that do what they say.

use portmedic::diagnosis::{Symptom, diagnose};
use portmedic::machine::{
    BindResult, Container, Exclusion, FailureKind, KnownFrom, Process, Protocol, Service, ServicePort, ServiceState, Snapshot,
    Socket, SocketState, Store,
};
use portmedic::remedy::{FixOption, Operation, Plan, PreviewKind, Risk, Stores, plan, single_step};

use crate::machine::{
    With, connection, failed, linux, listen, listener, process, range, resting, running, systemd, tcp, unit, unit_process,
};
use crate::verdicts::{client_on_1433, failure, in_use, of_service, port};

const TCP: Protocol = Protocol::Tcp;

fn plan_for(snapshot: &Snapshot, symptom: &Symptom) -> Plan {
    plan(snapshot, symptom, &diagnose(snapshot, symptom))
}

fn recommended(plan: &Plan) -> &FixOption {
    plan.options.iter().find(|option| option.recommended).unwrap()
}

fn operations(option: &FixOption) -> Vec<&'static str> {
    option.steps.iter().map(|step| step.operation.name()).collect()
}

fn previews(option: &FixOption) -> Vec<&str> {
    option.steps.iter().map(|step| step.preview.as_str()).collect()
}

fn titles(plan: &Plan) -> Vec<&str> {
    plan.options.iter().map(|option| option.title.as_str()).collect()
}

#[test]
fn a_client_is_closed_after_its_port_is_excluded_and_the_service_starts() {
    let plan = plan_for(&client_on_1433(), &of_service("demo-db.service", 1433));
    let first = recommended(&plan);
    assert_eq!(first.title, "Close the connection and exclude port 1433, then start demo-db");
    assert_eq!(
        previews(first),
        [
            "sysctl -w net.ipv4.ip_local_reserved_ports=1433; printf '%s\\n' '# Ports of PortMedic: 1433' '# Ports of other files, \
             repeated:' 'net.ipv4.ip_local_reserved_ports = 1433' > /etc/sysctl.d/zz-portmedic-exclusions.conf",
            "ss -taK src 127.0.0.1 sport = :1433 dst 127.0.0.1 dport = :900",
            "systemctl reset-failed demo-db.service || true; systemctl start demo-db.service",
        ]
    );
    assert_eq!((first.risk, first.interrupts.as_str(), first.restart.as_str()), (Risk::Low, "One connection", "Not needed"));
    let changes: Vec<_> = first.changes.iter().map(|change| (&*change.what, &*change.before, &*change.after)).collect();
    assert_eq!(
        changes,
        [
            ("Port 1433", "held by Backup Agent", "free for demo-db"),
            ("Excluded ports", "none", "1433"),
            ("demo-db", "failed", "running")
        ]
    );
}

#[test]
fn a_client_has_gentler_and_harder_ways_out() {
    let plan = plan_for(&client_on_1433(), &of_service("demo-db.service", 1433));
    let [_, around, range] = plan.options.as_slice() else { panic!("{:?}", titles(&plan)) };
    assert_eq!(operations(around), ["add_exclusion", "stop_service", "start_service", "start_service"]);
    assert_eq!(around.title, "Stop Backup Agent, start demo-db, start Backup Agent again");
    let holder = around.changes.iter().find(|change| change.what == "Backup Agent").unwrap();
    assert_eq!((holder.before.as_str(), holder.after.as_str()), ("running", "running again"));
    assert_eq!(operations(range), ["set_dynamic_range", "close_connection", "start_service"]);
    assert!(range.steps[0].preview.starts_with("sysctl -w 'net.ipv4.ip_local_port_range=32768 60999'; "));
    assert!(range.steps[0].preview.ends_with("> /etc/sysctl.d/zz-portmedic-dynamic-range.conf"));
}

#[test]
fn a_program_without_a_unit_can_only_be_ended() {
    let snapshot = linux()
        .with_dynamic_range(1024, 15000)
        .with_process(process(64, "agent"))
        .with_socket(connection("127.0.0.1:1433", "127.0.0.1:900", &[64]))
        .with_bind_tests(TCP, 1433, BindResult::InUse);
    let plan = plan_for(&snapshot, &port(1433));
    let last = plan.options.last().unwrap();
    assert_eq!((last.title.as_str(), last.risk), ("End agent", Risk::High));
    assert_eq!(operations(last), ["add_exclusion", "end_process"]);
    assert_eq!((last.steps[1].preview.as_str(), last.steps[1].preview_kind), (end(64).as_str(), PreviewKind::SystemCall));
    assert_eq!(last.reversible, "All but the process");
}

#[test]
fn an_exclusion_that_leaves_clients_no_port_comes_with_the_usual_range() {
    let snapshot = client_on_1433().with_dynamic_range(1433, 1433);
    let plan = plan_for(&snapshot, &of_service("demo-db.service", 1433));
    assert_eq!(operations(recommended(&plan)), ["set_dynamic_range", "add_exclusion", "close_connection", "start_service"]);
}

#[test]
fn a_port_that_is_excluded_already_is_only_freed() {
    let snapshot = client_on_1433().with_exclusion(1433);
    let plan = plan_for(&snapshot, &of_service("demo-db.service", 1433));
    assert_eq!(operations(recommended(&plan)), ["close_connection", "start_service"]);
}

#[test]
fn a_port_outside_of_the_dynamic_range_needs_no_exclusion() {
    let snapshot = client_on_1433().with_dynamic_range(32768, 60999);
    let plan = plan_for(&snapshot, &of_service("demo-db.service", 1433));
    assert!(plan.options.iter().all(|option| !operations(option).contains(&"add_exclusion")), "{:?}", titles(&plan));
}

#[test]
fn the_dynamic_range_of_wsl_is_never_touched_and_the_plan_says_why() {
    let mut snapshot = client_on_1433().with_dynamic_range(1433, 1433);
    snapshot.host.wsl = true;
    let plan = plan_for(&snapshot, &of_service("demo-db.service", 1433));
    assert!(plan.options.iter().all(|option| !operations(option).contains(&"set_dynamic_range")));
    assert!(recommended(&plan).effect.contains("in WSL Windows gives it"));
}

#[test]
fn a_list_of_others_is_repeated_and_one_too_long_for_sysctl_is_written_whole() {
    let mut snapshot = client_on_1433();
    for port in (20_000..24_000).step_by(2) {
        snapshot = snapshot.with_exclusion(port);
    }
    let step = single_step(Operation::AddExclusion { range: range(1433, 1433), protocol: None, stores: Stores::Both }, &snapshot);
    let plan = plan_for(&snapshot, &of_service("demo-db.service", 1433));
    let row = recommended(&plan).changes.iter().find(|change| change.what == "Excluded ports").unwrap();
    assert_eq!((row.before.as_str(), row.after.as_str()), ("2000 ports, without 1433", "2001 ports, with 1433"));
    assert!(step.preview.starts_with("printf '%s\\n' 1433,20000,20002,"), "{}", &step.preview[..80]);
    assert!(step.preview.contains(" | dd of=/proc/sys/net/ipv4/ip_local_reserved_ports bs=1M iflag=fullblock status=none; "));
    assert!(step.preview.contains("'# Ports of PortMedic: 1433' '# Ports of other files, repeated: 20000,"));
    assert!(step.preview.contains("'net.ipv4.ip_local_reserved_ports = 1433,20000,"));
}

#[test]
fn the_last_own_exclusion_takes_the_file_with_it() {
    let mut snapshot = linux().with_exclusion(1433);
    for exclusion in &mut snapshot.exclusions {
        exclusion.owner = (exclusion.store == Store::Persistent).then(|| "PortMedic".to_owned());
    }
    let remove = |stores| {
        let step = single_step(Operation::RemoveExclusion { range: range(1433, 1433), protocol: None, stores }, &snapshot);
        step.preview
    };
    assert_eq!(
        remove(Stores::Both),
        "sysctl -w net.ipv4.ip_local_reserved_ports=; rm -f /etc/sysctl.d/zz-portmedic-exclusions.conf"
    );
    assert_eq!(remove(Stores::Active), "sysctl -w net.ipv4.ip_local_reserved_ports=");
}

#[test]
fn the_remains_of_a_client_are_closed_or_waited_for() {
    let snapshot = linux()
        .with_dynamic_range(1400, 1500)
        .with_service(failed("demo-db.service", in_use()))
        .with_socket(resting("127.0.0.1:1433", "127.0.0.1:9000", 42_100))
        .with_bind_tests(TCP, 1433, BindResult::InUse);
    let plan = plan_for(&snapshot, &of_service("demo-db.service", 1433));
    assert_eq!(operations(recommended(&plan)), ["add_exclusion", "close_connection", "start_service"]);
    assert_eq!(recommended(&plan).interrupts, "Nothing");
    let wait = plan.options.last().unwrap();
    assert_eq!((wait.title.as_str(), operations(wait)), ("Wait 43 seconds", vec!["manual"]));
}

#[test]
fn remains_that_most_servers_may_ignore_are_met_by_a_start() {
    let mut snapshot = linux()
        .with_service(failed("app.service", in_use()))
        .with_socket(resting("127.0.0.1:8080", "127.0.0.1:40000", 42_000))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    for test in snapshot.bind_tests.iter_mut().filter(|test| test.reuse_address) {
        (test.result, test.error) = (BindResult::Free, None);
    }
    let plan = plan_for(&snapshot, &of_service("app.service", 8080));
    assert_eq!(operations(recommended(&plan)), ["start_service"]);
}

#[test]
fn a_bound_socket_of_a_unit_is_met_around_the_unit() {
    let snapshot = linux()
        .with_process(unit_process(6, "agent", "agent.service"))
        .with_service(failed("demo-db.service", in_use()))
        .with_socket(tcp("0.0.0.0:1433", SocketState::Bound, &[6]))
        .with_bind_tests(TCP, 1433, BindResult::InUse);
    let plan = plan_for(&snapshot, &of_service("demo-db.service", 1433));
    assert_eq!(operations(recommended(&plan)), ["stop_service", "start_service", "start_service"]);
}

fn apache_before_nginx() -> Snapshot {
    let port = ServicePort {
        port: 80,
        protocol: TCP,
        address: None,
        known_from: KnownFrom::Configuration,
        source: "/etc/nginx/sites-enabled/default line 22".to_owned(),
    };
    let nginx = Service { product: Some("nginx".to_owned()), ports: vec![port], ..failed("nginx.service", in_use()) };
    linux()
        .with_process(unit_process(9, "apache2", "apache2.service"))
        .with_service(nginx)
        .with_service(Service { product: Some("Apache".to_owned()), ..running("apache2.service", 9) })
        .with_socket(listener("[::]:80", &[9]))
        .with_bind_tests(TCP, 80, BindResult::InUse)
}

#[test]
fn a_listening_unit_is_stopped_or_the_service_moves_to_where_its_port_is_kept() {
    let plan = plan_for(&apache_before_nginx(), &of_service("nginx.service", 80));
    let first = recommended(&plan);
    assert_eq!(
        (first.title.as_str(), operations(first)),
        ("Stop Apache, then start nginx", vec!["stop_service", "start_service"])
    );
    assert_eq!((first.risk, first.interrupts.as_str(), first.reversible.as_str()), (Risk::Medium, "Apache", "Yes, exactly"));
    assert!(first.effect.contains("systemctl disable apache2.service"), "{}", first.effect);
    let moved = &plan.options[1];
    assert_eq!(operations(moved), ["manual"]);
    assert!(moved.steps[0].preview.contains("/etc/nginx/sites-enabled/default line 22"), "{}", moved.steps[0].preview);
}

#[test]
fn a_process_that_another_unit_left_behind_is_ended_because_a_stop_would_not_reach_it() {
    let mut snapshot = apache_before_nginx();
    snapshot.services[1].state = ServiceState::Failed;
    let plan = plan_for(&snapshot, &of_service("nginx.service", 80));
    assert_eq!(operations(recommended(&plan)), ["end_process", "start_service"]);
}

#[test]
fn two_instances_of_one_product_go_by_their_units() {
    let cluster = |service: Service| Service { product: Some("PostgreSQL".to_owned()), ..service };
    let snapshot = linux()
        .with_process(unit_process(9, "postgres", "postgresql@14-main.service"))
        .with_service(cluster(failed("postgresql@15-main.service", in_use())))
        .with_service(cluster(running("postgresql@14-main.service", 9)))
        .with_service(cluster(unit("postgresql.service")))
        .with_socket(listener("127.0.0.1:5432", &[9]))
        .with_bind_tests(TCP, 5432, BindResult::InUse);
    let symptom = of_service("postgresql@15-main.service", 5432);
    assert_eq!(diagnose(&snapshot, &symptom).verdict.headline, "postgresql@14-main listens on port 5432");
    let plan = plan_for(&snapshot, &symptom);
    assert_eq!(recommended(&plan).title, "Stop postgresql@14-main, then start postgresql@15-main");
}

/// Linux closes the connection of a socket that was bound by number, and the socket keeps its port.
#[test]
fn closing_a_connection_is_not_said_to_free_a_port_that_may_have_been_asked_for_by_number() {
    let closes = |far_end: &str| {
        let snapshot = linux()
            .with_dynamic_range(32_768, 60_999)
            .with_process(process(64, "agent"))
            .with_socket(connection("127.0.0.1:1433", far_end, &[64]))
            .with_bind_tests(TCP, 1433, BindResult::InUse);
        recommended(&plan_for(&snapshot, &port(1433))).effect.clone()
    };
    assert!(closes("127.0.0.1:900").contains("asked for the port by number"));
    assert!(closes("127.0.0.1:51234").starts_with("Frees the port now."), "a listener took it from a client");
}

#[test]
fn the_socket_unit_of_a_listening_unit_is_stopped_first() {
    let socket = Service { linked: vec!["apache2.service".to_owned()], state: ServiceState::Running, ..unit("apache2.socket") };
    let plan = plan_for(&apache_before_nginx().with_service(socket), &of_service("nginx.service", 80));
    assert_eq!(previews(recommended(&plan))[..2], ["systemctl stop apache2.socket", "systemctl stop apache2.service"]);
}

/// A process is asked to end, and made to end where it has not within five seconds.
fn end(pid: u32) -> String {
    format!("! kill -TERM {pid} || timeout 5 tail --pid={pid} -f /dev/null || kill -KILL {pid}")
}

#[test]
fn every_process_that_shares_a_socket_is_ended() {
    let snapshot = linux()
        .with_process(process(6, "master"))
        .with_process(process(68, "worker"))
        .with_socket(listener("127.0.0.1:8080", &[6, 68]))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    let plan = plan_for(&snapshot, &port(8080));
    assert_eq!(previews(recommended(&plan)), [end(6), end(68)]);
}

#[test]
fn what_the_computer_needs_is_left_alone_and_the_reason_is_told() {
    let protected = Process { protected: Some("it is the session in use".to_owned()), ..process(7, "sshd") };
    let held = |process: Process, socket: Socket| {
        linux().with_process(process).with_socket(socket).with_bind_tests(TCP, 8080, BindResult::InUse)
    };
    for snapshot in [
        held(protected.clone(), listener("0.0.0.0:8080", &[7])),
        held(protected.clone(), tcp("0.0.0.0:8080", SocketState::Bound, &[7])),
        held(protected, connection("10.0.0.5:8080", "10.0.0.9:443", &[7])),
    ] {
        let plan = plan_for(&snapshot, &port(8080));
        assert_eq!(operations(recommended(&plan)), ["manual"]);
        assert!(recommended(&plan).steps[0].preview.contains("it is the session in use"));
    }
    let daemon = Process { protected: Some("PortMedic runs in it".to_owned()), ..unit_process(7, "sshd", "ssh.service") };
    let plan = plan_for(&held(daemon, listener("0.0.0.0:8080", &[7])), &port(8080));
    assert_eq!(operations(recommended(&plan)), ["manual"], "the unit would take the session down with it");
    let logind = unit_process(7, "systemd-logind", "systemd-logind.service");
    let plan = plan_for(&held(logind, listener("0.0.0.0:8080", &[7])), &port(8080));
    assert_eq!(operations(recommended(&plan)), ["manual"]);
}

#[test]
fn a_unit_of_a_user_is_left_to_that_user() {
    let own = Process {
        cgroup: Some("/user.slice/user-1000.slice/user@1000.service/app.slice/dev.service".to_owned()),
        user: Some("alice".to_owned()),
        ..unit_process(7, "node", "dev.service")
    };
    let snapshot =
        linux().with_process(own).with_socket(listener("0.0.0.0:8080", &[7])).with_bind_tests(TCP, 8080, BindResult::InUse);
    let first = recommended(&plan_for(&snapshot, &port(8080))).clone();
    assert_eq!(first.steps[0].preview, "As user alice, stop it: systemctl --user stop dev.service");

    let mine = Service { user_manager: true, ..failed("dev.service", in_use()) };
    let snapshot = linux()
        .with_process(unit_process(9, "apache2", "apache2.service"))
        .with_service(mine)
        .with_socket(listener("0.0.0.0:8080", &[9]))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    let first = recommended(&plan_for(&snapshot, &of_service("dev.service", 8080))).clone();
    assert_eq!(operations(&first), ["stop_service"]);
    assert!(first.effect.contains("systemctl --user restart dev.service"), "{}", first.effect);
}

#[test]
fn an_unseen_listener_is_looked_for_again_and_not_guessed() {
    let mut snapshot = linux().with_socket(listener("0.0.0.0:8080", &[])).with_bind_tests(TCP, 8080, BindResult::InUse);
    snapshot.host.elevated = false;
    let plan = plan_for(&snapshot, &port(8080));
    assert_eq!(previews(recommended(&plan)), ["Look again with administrator rights: sudo portmedic diagnose 8080/tcp"]);
}

#[test]
fn a_socket_unit_is_stopped_with_what_it_has_started() {
    let web = Service {
        listens: vec![listen(TCP, 8080)],
        linked: vec!["web.service".to_owned()],
        state: ServiceState::Running,
        ..unit("web.socket")
    };
    let snapshot = linux()
        .with_process(systemd())
        .with_service(web)
        .with_service(running("web.service", 30))
        .with_service(failed("other.service", in_use()))
        .with_socket(listener("0.0.0.0:8080", &[1]))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    let plan = plan_for(&snapshot, &of_service("other.service", 8080));
    let commands = previews(recommended(&plan)).join("\n");
    assert_eq!(
        commands,
        "systemctl stop web.socket\nsystemctl stop web.service\nsystemctl reset-failed other.service || true; systemctl start other.service"
    );
}

#[test]
fn a_container_is_stopped_by_its_own_runtime() {
    let proxy = Process {
        container: Some(Container { runtime: "docker".to_owned(), id: "3f2a9c".to_owned() }),
        ..unit_process(9, "docker-proxy", "docker.service")
    };
    let snapshot =
        linux().with_process(proxy).with_socket(listener("0.0.0.0:80", &[9])).with_bind_tests(TCP, 80, BindResult::InUse);
    let plan = plan_for(&snapshot, &port(80));
    assert!(plan.options.iter().all(|option| operations(option) == ["manual"]), "{:?}", titles(&plan));
    assert!(recommended(&plan).steps[0].preview.contains("docker stop 3f2a9c"));
    assert!(plan.options[1].steps[0].preview.contains("-p OTHER:80"));
}

#[test]
fn an_old_instance_is_ended_and_the_service_started_unless_systemd_still_minds_it() {
    let snapshot = |state| {
        let service = Service { pids: vec![9], state, ..failed("app.service", in_use()) };
        linux()
            .with_process(unit_process(9, "app", "app.service"))
            .with_service(service)
            .with_socket(listener("127.0.0.1:8080", &[9]))
            .with_bind_tests(TCP, 8080, BindResult::InUse)
    };
    let dead = plan_for(&snapshot(ServiceState::Failed), &of_service("app.service", 8080));
    assert_eq!(operations(recommended(&dead)), ["end_process", "start_service"]);
    let looping = plan_for(&snapshot(ServiceState::Restarting), &of_service("app.service", 8080));
    assert_eq!(operations(recommended(&looping)), ["restart_service"]);
}

#[test]
fn a_unit_without_the_right_gets_it_by_a_drop_in() {
    let service = Service {
        may_bind_low_ports: Some(false),
        ..failed("web.service", failure(FailureKind::Privileged, "Permission denied"))
    };
    let plan = plan_for(&linux().with_service(service), &of_service("web.service", 80));
    let first = recommended(&plan);
    assert_eq!(operations(first), ["allow_low_port", "start_service"]);
    assert_eq!(
        first.steps[0].preview,
        "mkdir -p /etc/systemd/system/web.service.d; printf '%s\\n' '[Service]' AmbientCapabilities=CAP_NET_BIND_SERVICE > \
         /etc/systemd/system/web.service.d/portmedic-low-port.conf; systemctl daemon-reload"
    );
    let text = Symptom { failure: Some(failure(FailureKind::Privileged, "Permission denied")), ..port(80) };
    assert_eq!(operations(recommended(&plan_for(&linux(), &text))), ["manual"]);
}

#[test]
fn an_exhausted_range_grows_to_the_usual_one_or_to_the_last_port() {
    let symptom = Symptom { failure: Some(failure(FailureKind::Exhausted, "EADDRNOTAVAIL")), ..Symptom::default() };
    let widened = |snapshot: &Snapshot| recommended(&plan_for(snapshot, &symptom)).title.clone();
    assert_eq!(widened(&linux().with_dynamic_range(40_000, 41_000)), "Widen the dynamic range to 32768–60999");
    assert_eq!(widened(&linux()), "Widen the dynamic range to 32768–65535");
    let mut wsl = linux();
    wsl.host.wsl = true;
    assert_eq!(operations(recommended(&plan_for(&wsl, &symptom))), ["manual"]);
}

#[test]
fn a_free_port_needs_a_start_and_nothing_where_no_service_waits() {
    let snapshot = linux().with_service(failed("app.service", in_use())).with_bind_tests(TCP, 8080, BindResult::Free);
    let start = plan_for(&snapshot, &of_service("app.service", 8080));
    assert_eq!(operations(recommended(&start)), ["start_service"]);
    let lasting = plan_for(&snapshot.with_dynamic_range(8000, 9000), &of_service("app.service", 8080));
    assert_eq!(operations(recommended(&lasting)), ["add_exclusion", "start_service"]);
    assert!(plan_for(&linux().with_bind_tests(TCP, 8080, BindResult::Free), &port(8080)).options.is_empty());
}

#[test]
fn a_service_that_is_refused_because_it_does_not_run_is_started() {
    let symptom =
        Symptom { failure: Some(failure(FailureKind::Refused, "Connection refused")), ..of_service("postgresql.service", 5432) };
    let plan = plan_for(&linux().with_service(unit("postgresql.service")), &symptom);
    assert_eq!(operations(recommended(&plan)), ["start_service"]);
}

#[test]
fn a_reserved_range_is_left_to_a_person() {
    let mut snapshot = linux().with_bind_tests(TCP, 50_050, BindResult::Denied);
    snapshot.host.system = portmedic::machine::System::Windows;
    snapshot.exclusions.push(Exclusion {
        range: range(50_000, 50_059),
        protocol: Some(TCP),
        family: None,
        store: Store::Active,
        administered: false,
        owner: None,
        source: "netsh".to_owned(),
    });
    assert_eq!(operations(recommended(&plan_for(&snapshot, &port(50_050)))), ["manual"]);
}

#[test]
fn a_plan_has_the_promised_json_form() {
    let plan = plan_for(&client_on_1433(), &of_service("demo-db.service", 1433));
    let json = serde_json::to_value(&plan).unwrap();
    let option = &json["options"][0];
    assert_eq!(option["recommended"], true);
    let step = &option["steps"][1];
    assert_eq!(step["operation"], "close_connection");
    assert_eq!((&step["elevation"], &step["risk"]), (&serde_json::json!(true), &serde_json::json!("low")));
    for key in ["preview", "check", "title"] {
        assert!(step[key].is_string(), "{key}");
    }
    assert!(option["steps"][0]["undo"].is_string());
    let back: Plan = serde_json::from_value(json).unwrap();
    assert_eq!(back, plan);
}
