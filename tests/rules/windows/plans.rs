//! The ways out on Windows: free, exclude, start; nothing that Windows refuses, and nothing that it needs.

use portmedic::diagnosis::{Symptom, diagnose};
use portmedic::machine::{BindResult, Family, PortSet, Service, ServiceState, Snapshot, System};
use portmedic::remedy::{FixOption, Operation, OperationState, Plan, PreviewKind, Stores, plan, single_step, way_back};

use super::{
    TCP, UDP, asked, client_on_1433, dns_on_1645, excluded, exe, http_sys_on_80, lsass_on_3101, plain, portproxy_on_8080,
    service_exe, waiting, windows, windows_range, windows_service, winnat_on_50080,
};
use crate::machine::{With, connection, listener, range, running, unit};
use crate::verdicts::{of_service, port};

fn plan_for(snapshot: &Snapshot, symptom: &Symptom) -> Plan {
    plan(snapshot, symptom, &diagnose(snapshot, symptom))
}

fn operations(option: &FixOption) -> Vec<&'static str> {
    option.steps.iter().map(|step| step.operation.name()).collect()
}

fn previews(option: &FixOption) -> Vec<&str> {
    option.steps.iter().map(|step| step.preview.as_str()).collect()
}

#[test]
fn a_client_is_closed_before_its_port_is_excluded_because_windows_refuses_a_port_in_use() {
    let plan = plan_for(&client_on_1433(), &of_service("MSSQLSERVER", 1433));
    let first = &plan.options[0];
    assert_eq!(first.title, "Close the connection and exclude port 1433, then start SQL Server");
    assert_eq!(
        previews(first),
        [
            "SetTcpEntry: delete the connection 10.0.0.5:1433 to 10.0.0.9:443 (no command does this)",
            "netsh int ipv4 add excludedportrange protocol=tcp startport=1433 numberofports=1 store=persistent",
            "Start-Service -Name MSSQLSERVER",
        ]
    );
    assert!(first.effect.contains("keeps Windows from handing it out again"), "{}", first.effect);
    assert_eq!(operations(&plan.options[1]), ["stop_service", "add_exclusion", "start_service", "start_service"]);
}

#[test]
fn the_range_moves_back_in_both_families_after_what_widens_it() {
    let mut snapshot = client_on_1433();
    snapshot.windows.max_user_port = Some(65534);
    let plan = plan_for(&snapshot, &of_service("MSSQLSERVER", 1433));
    assert_eq!(
        previews(&plan.options[2])[..3],
        [
            r#"reg delete "HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters" /v MaxUserPort /f"#,
            "netsh int ipv4 set dynamicport tcp start=49152 num=16384 store=persistent",
            "netsh int ipv6 set dynamicport tcp start=49152 num=16384 store=persistent",
        ]
    );
    assert!(plan.options[2].steps[1].undo.as_deref().unwrap().contains("1025–65534"), "netsh sets none that starts at 1024");
    let rows: Vec<_> = plan.options[2].changes.iter().map(|change| change.what.as_str()).collect();
    assert!(rows.contains(&"Dynamic range of TCP over IPv4") && rows.contains(&"Dynamic range of TCP over IPv6"), "{rows:?}");
}

#[test]
fn a_connection_of_ipv6_cannot_be_closed_so_its_service_lets_go() {
    let socket = plain(connection("[2001:db8::5]:1433", "[2001:db8::9]:443", &[64]));
    let snapshot = Snapshot { sockets: vec![socket], ..client_on_1433() };
    let plan = plan_for(&snapshot, &of_service("MSSQLSERVER", 1433));
    assert_eq!(operations(&plan.options[0]), ["stop_service", "add_exclusion", "start_service", "start_service"]);
    assert!(plan.options[0].effect.contains("of IPv4 only"), "{}", plan.options[0].effect);
}

#[test]
fn a_connection_of_windows_itself_is_never_closed() {
    for name in ["lsass.exe", "System", "svchost.exe", "services.exe"] {
        let snapshot = windows_range(windows(), TCP, 1024, 65534)
            .with_process(exe(64, name))
            .with_service(waiting("MSSQLSERVER", "SQL Server", (1433, TCP)))
            .with_socket(plain(connection("10.0.0.5:1433", "10.0.0.9:443", &[64])));
        let plan = plan_for(&asked(snapshot, TCP, 1433, BindResult::InUse), &of_service("MSSQLSERVER", 1433));
        let all: Vec<_> = plan.options.iter().flat_map(operations).collect();
        assert!(!all.contains(&"close_connection") && !all.contains(&"end_process"), "{name}: {all:?}");
        assert!(plan.options[0].needs_restart(), "{name}");
    }
}

#[test]
fn a_listening_service_is_stopped_and_the_plan_says_how_it_stays_so() {
    let agent = Service { starts_by_itself: Some(true), ..windows_service(running("MSSQL$OLD", 70), "Other Agent") };
    let snapshot = windows()
        .with_process(service_exe(70, "agent.exe", "MSSQL$OLD"))
        .with_service(waiting("MSSQLSERVER", "SQL Server", (1433, TCP)))
        .with_service(agent)
        .with_socket(plain(listener("0.0.0.0:1433", &[70])));
    let plan = plan_for(&asked(snapshot, TCP, 1433, BindResult::InUse), &of_service("MSSQLSERVER", 1433));
    assert_eq!(previews(&plan.options[0]), ["Stop-Service -Name 'MSSQL$OLD'", "Start-Service -Name MSSQLSERVER"]);
    assert!(plan.options[0].effect.contains("Set-Service -Name 'MSSQL$OLD' -StartupType Disabled"), "{}", plan.options[0].effect);
    let moved = &plan.options[1].steps[0].preview;
    assert!(moved.contains("Start it: Start-Service -Name MSSQLSERVER"), "{moved}");
}

#[test]
fn the_dns_server_is_told_to_leave_every_port_of_the_service_alone() {
    let symptom = Symptom { protocol: Some(UDP), ..of_service("IAS", 1645) };
    let plan = plan_for(&dns_on_1645(), &symptom);
    let first = &plan.options[0];
    assert_eq!(
        previews(first),
        [
            "dnscmd /Config /SocketPoolExcludedPortRanges 1645-1646 1812-1813 5353-5353",
            "Restart-Service -Name DNS",
            "netsh int ipv4 add excludedportrange protocol=udp startport=1645 numberofports=1 store=persistent",
            "Start-Service -Name IAS",
        ]
    );
    assert_eq!((first.interrupts.as_str(), first.restart.as_str()), ("DNS Server", "Not needed"));
}

#[test]
fn lsass_keeps_its_port_until_a_restart_that_gives_it_another() {
    let plan = plan_for(&lsass_on_3101(), &of_service("BBRouter", 3101));
    let first = &plan.options[0];
    assert_eq!(operations(first), ["set_dynamic_range", "set_dynamic_range"]);
    assert_eq!(first.restart, "Needed, as LSASS cannot be stopped");
    assert_eq!(operations(plan.options.last().unwrap()), ["manual"], "the service may move instead");
    assert!(plan.options.iter().all(|option| !operations(option).contains(&"set_rpc_port")), "no domain controller");

    let mut controller = lsass_on_3101();
    controller.windows.domain_controller = true;
    let plan = plan_for(&controller, &of_service("BBRouter", 3101));
    assert_eq!(operations(&plan.options[1]), ["set_dynamic_range", "set_dynamic_range", "set_rpc_port"]);
    let reg = r#"reg add "HKLM\SYSTEM\CurrentControlSet\Services\NTDS\Parameters" /v "TCP/IP Port" /t REG_DWORD /d 38901 /f"#;
    assert_eq!(plan.options[1].steps[2].preview, reg);
}

#[test]
fn where_no_range_helps_the_service_moves_away_from_lsass() {
    let snapshot = windows_range(lsass_on_3101(), TCP, 49152, 65535);
    let plan = plan_for(&snapshot, &of_service("BBRouter", 3101));
    assert_eq!(plan.options.len(), 1);
    assert_eq!(plan.options[0].title, "Move BlackBerry Router to a free port");
}

#[test]
fn winnat_is_restarted_around_the_exclusion() {
    let plan = plan_for(&winnat_on_50080(), &of_service("DemoApp", 50080));
    assert_eq!(
        previews(&plan.options[0]),
        [
            "net stop winnat\nnetsh int ipv4 add excludedportrange protocol=tcp startport=50080 numberofports=1 store=persistent\nnet \
             start winnat",
            "Start-Service -Name DemoApp",
        ]
    );
    assert_eq!(plan.options[0].interrupts, "Networks of virtual machines and containers");
    assert_eq!(plan.options[0].changes[0].before, "reserved for another");
}

#[test]
fn a_reservation_that_is_not_winnats_is_left_to_a_person() {
    for block in [(80, 80), (44620, 48715), (5000, 5007)] {
        let snapshot = asked(excluded(windows(), TCP, block, false), TCP, block.0, BindResult::Denied);
        let plan = plan_for(&snapshot, &port(block.0));
        assert_eq!(operations(&plan.options[0]), ["manual"], "{block:?}");
    }
}

#[test]
fn iis_gives_up_the_port_by_its_service_or_by_one_site() {
    let plan = plan_for(&http_sys_on_80(), &of_service("Apache2.4", 80));
    assert_eq!(plan.options[0].title, "Stop IIS, then start Apache");
    assert_eq!(previews(&plan.options[0]), ["Stop-Service -Name W3SVC", "Start-Service -Name Apache2.4"]);
    assert!(plan.options[1].steps[0].preview.contains("Get-WebBinding -Port 80"));
}

#[test]
fn the_kernel_and_http_sys_itself_are_never_touched() {
    let mut unseen = http_sys_on_80();
    unseen.windows.http_sys[0].pids.clear();
    let plan = plan_for(&unseen, &of_service("Apache2.4", 80));
    assert_eq!(operations(&plan.options[0]), ["manual"]);
    assert!(plan.options[0].steps[0].preview.contains("netsh http show servicestate"));

    let smb = windows().with_process(exe(4, "System")).with_socket(plain(listener("0.0.0.0:445", &[4])));
    let plan = plan_for(&asked(smb, TCP, 445, BindResult::Denied), &port(445));
    assert_eq!(operations(&plan.options[0]), ["manual"]);
}

#[test]
fn a_portproxy_rule_is_deleted_and_its_service_stays() {
    let plan = plan_for(&portproxy_on_8080(), &of_service("Tomcat10", 8080));
    assert_eq!(
        previews(&plan.options[0]),
        ["netsh interface portproxy delete v4tov4 listenport=8080 listenaddress=*", "Start-Service -Name Tomcat10"]
    );
}

#[test]
fn services_that_windows_needs_are_not_stopped() {
    for name in ["RpcSs", "TermService", "Netlogon", "DNSCACHE"] {
        let snapshot = windows()
            .with_process(service_exe(70, "svchost.exe", name))
            .with_service(windows_service(running(name, 70), name))
            .with_socket(plain(listener("0.0.0.0:8080", &[70])));
        let plan = plan_for(&asked(snapshot, TCP, 8080, BindResult::InUse), &port(8080));
        assert_eq!(operations(&plan.options[0]), ["manual"], "{name}");
    }
}

#[test]
fn a_process_that_a_stopped_service_left_behind_is_ended() {
    let snapshot = windows()
        .with_process(service_exe(70, "old.exe", "Old"))
        .with_service(Service { state: ServiceState::Stopped, ..windows_service(unit("Old"), "Old Agent") })
        .with_socket(plain(listener("0.0.0.0:8080", &[70])));
    let plan = plan_for(&asked(snapshot, TCP, 8080, BindResult::InUse), &port(8080));
    assert_eq!(
        (operations(&plan.options[0]), plan.options[0].steps[0].preview_kind),
        (vec!["end_process"], PreviewKind::SystemCall)
    );
}

#[test]
fn a_block_is_deleted_as_it_was_added_and_the_rest_of_it_comes_back() {
    let snapshot = excluded(windows(), TCP, (1430, 1440), true);
    let remove = |protocol| {
        let operation = Operation::RemoveExclusion { range: range(1433, 1433), protocol, stores: Stores::Both };
        single_step(operation, &snapshot).preview
    };
    let netsh = |verb, start, count| {
        format!("netsh int ipv4 {verb} excludedportrange protocol=tcp startport={start} numberofports={count} store=persistent")
    };
    let expected = [netsh("delete", 1430, 11), netsh("add", 1430, 3), netsh("add", 1434, 7)].join("\n");
    assert_eq!(remove(Some(TCP)), expected);
    let add = Operation::AddExclusion { range: range(1425, 1445), protocol: Some(TCP), stores: Stores::Both };
    let expected = [netsh("add", 1425, 5), netsh("add", 1441, 5)].join("\n");
    assert_eq!(single_step(add, &snapshot).preview, expected, "what is excluded already would be refused");
}

#[test]
fn every_setting_goes_back_to_what_it_was() {
    let back = |operation: &Operation, before: &OperationState| way_back(System::Windows, operation, before);
    let lists = |ports: &str| OperationState::Exclusions {
        active: ports.parse().unwrap(),
        persistent: ports.parse().unwrap(),
        own_file: None,
    };
    let winnat = Operation::RestartWinnat { range: range(8080, 8081), protocol: TCP };
    let delete = "netsh int ipv4 delete excludedportrange protocol=tcp startport=8081 numberofports=1 store=persistent";
    assert_eq!(back(&winnat, &lists("8080")).unwrap(), delete, "8080 was excluded before");

    let add = Operation::AddExclusion { range: range(1433, 1433), protocol: Some(UDP), stores: Stores::Active };
    let delete = "netsh int ipv4 delete excludedportrange protocol=udp startport=1433 numberofports=1 store=active";
    assert_eq!(back(&add, &lists("")).unwrap(), delete);

    let set = Operation::SetDynamicRange {
        range: range(49152, 65535),
        protocol: Some(TCP),
        family: Some(Family::Ipv6),
        stores: Stores::Both,
    };
    let before = OperationState::DynamicRange { active: range(1025, 5000), persistent: None, own_file: None };
    assert_eq!(back(&set, &before).unwrap(), "netsh int ipv6 set dynamicport tcp start=1025 num=3976 store=persistent");

    let before = OperationState::DynamicRange { active: range(1024, 5000), persistent: None, own_file: None };
    assert!(back(&set, &before).unwrap().contains("start=1025 num=3976"), "netsh sets none that starts at 1024");

    let pool = Operation::ExcludeFromDnsPool { ports: "1645".parse::<PortSet>().unwrap() };
    let before = |ports: &str| OperationState::DnsPool { excluded: ports.parse().unwrap() };
    assert_eq!(back(&pool, &before("53-54")).unwrap(), "dnscmd /Config /SocketPoolExcludedPortRanges 53-54");
    assert_eq!(back(&pool, &before("")).unwrap(), "dnscmd /Config /SocketPoolExcludedPortRanges");

    let value = back(&Operation::RemoveMaxUserPort, &OperationState::MaxUserPort { value: Some(65534) }).unwrap();
    assert!(value.ends_with("/v MaxUserPort /t REG_DWORD /d 65534 /f"), "{value}");

    let rule = portproxy_on_8080().windows.portproxy.remove(0);
    let again = back(&Operation::DeletePortproxy { rule }, &OperationState::Portproxy { present: true }).unwrap();
    assert!(again.ends_with("add v4tov4 listenport=8080 listenaddress=* connectport=80 connectaddress=172.20.0.2"), "{again}");

    let stop = Operation::StopService { service: "a'; calc; '".to_owned() };
    let before = OperationState::Service { state: ServiceState::Running, main_pid: None, dependants: Vec::new() };
    assert_eq!(back(&stop, &before).unwrap(), "Start-Service -Name 'a''; calc; '''");
}
