//! The lints on Windows.

use portmedic::diagnosis::audit::{Likelihood, RiskKind};
use portmedic::machine::{Exclusion, KnownFrom, Protocol, RpcPort, RpcService, Service, ServicePort, Snapshot, Socket, Store};

use super::{findings, is_safe, known, only, serving, shown};
use crate::machine::{With, ip, listener};
use crate::windows::{
    TCP, UDP, excluded, exe, http_sys_on_80, portproxy_on_8080, service_exe, waiting, windows, windows_range, windows_service,
    winnat_on_50080,
};

/// An instance of SQL Server that runs and listens on its fixed port.
pub fn instance(snapshot: Snapshot, name: &str, pid: u32, port: u16) -> Snapshot {
    let service = format!("MSSQL${name}");
    snapshot
        .with_service(windows_service(serving(&service, pid, &[port]), "SQL Server"))
        .with_process(service_exe(pid, "sqlservr.exe", &service))
        .with_socket(Socket { v6only: None, ..listener(&format!("0.0.0.0:{port}"), &[pid]) })
}

#[test]
fn fixed_ports_of_several_instances_are_at_risk_and_a_dynamic_one_is_not_fixed() {
    let mut snapshot = instance(instance(windows(), "SALES", 70, 50_120), "STOCK", 71, 49_500);
    snapshot = instance(snapshot, "TEST", 72, 50_333);
    snapshot.services[2].ports = vec![known(50_333, KnownFrom::Configuration, r"TcpDynamicPorts of HKLM\SOFTWARE\…\IPAll")];
    let ports: Vec<u16> = shown(&snapshot).into_iter().map(|(port, ..)| port).collect();
    assert_eq!(ports, [49_500, 50_120]);
    let not_fixed = findings(&snapshot).not_fixed;
    assert_eq!((not_fixed.len(), not_fixed[0].port), (1, 50_333));
    assert!(not_fixed[0].because.contains("dynamic port"), "{not_fixed:?}");
}

#[test]
fn listeners_that_windows_gave_a_port_are_not_fixed() {
    let snapshot = windows().with_process(exe(9, "lsass.exe")).with_socket(listener("0.0.0.0:49664", &[9]));
    let found = findings(&snapshot);
    assert_eq!((found.risks.len(), found.checked, found.not_fixed.len()), (0, 0, 1));
}

#[test]
fn a_fixed_rpc_port_is_a_fixed_port() {
    let mut snapshot = windows();
    snapshot.windows.rpc_ports = vec![RpcPort { service: RpcService::ActiveDirectory, port: 50_000 }];
    assert_eq!(only(&snapshot).service, "Active Directory");
}

#[test]
fn a_range_that_starts_low_makes_it_likely_and_says_what_widened_it() {
    let low = |start| windows_range(instance(windows(), "SALES", 70, 1433), TCP, start, 65_534);
    let mut widened = low(1024);
    widened.windows.max_user_port = Some(65_534);
    let risk = only(&widened);
    assert_eq!((risk.kind, risk.likelihood), (RiskKind::DynamicRange, Likelihood::Likely));
    assert!(risk.why.contains("MaxUserPort (65534)") && risk.why.contains("starts at 1024"), "{}", risk.why);
    assert!(!only(&low(1024)).why.contains("MaxUserPort"));
    is_safe(&windows_range(instance(windows(), "SALES", 70, 1433), UDP, 1024, 65_534), 1433);
}

#[test]
fn the_family_of_the_address_decides_which_range_counts() {
    let mut snapshot = instance(windows(), "SALES", 70, 1433);
    for row in &mut snapshot.dynamic_ranges {
        if row.protocol == Some(TCP) && row.family == Some(portmedic::machine::Family::Ipv6) {
            row.range = "1025-65535".parse().unwrap();
        }
    }
    assert_eq!(shown(&snapshot).len(), 1, "every address is of both families");
    snapshot.services[0].ports[0].address = Some(ip("10.0.0.5"));
    is_safe(&snapshot, 1433);
}

#[test]
fn a_block_of_winnat_on_the_port_is_certain_and_one_beside_it_raises_the_odds() {
    let risk = only(&winnat_on_50080());
    assert_eq!((risk.kind, risk.likelihood), (RiskKind::ReservedBlock, Likelihood::Certain));
    assert!(risk.why.contains("50000–50099") && risk.why.contains("move at each start"), "{}", risk.why);

    let beside = |blocks: &[(u16, u16)]| {
        let snapshot = windows().with_service(waiting("DemoApp", "Demo App", (60_000, TCP)));
        blocks.iter().fold(snapshot, |snapshot, block| excluded(snapshot, TCP, *block, false))
    };
    let few = only(&beside(&[(50_000, 50_099)]));
    assert!(few.likelihood == Likelihood::Possible && few.why.contains("reserved 100 of its 16384 ports"), "{}", few.why);
    let blocks: Vec<(u16, u16)> = (0..20).map(|index| (50_000 + index * 100, 50_099 + index * 100)).collect();
    assert_eq!(only(&beside(&blocks)).likelihood, Likelihood::Likely);
}

#[test]
fn who_listens_in_a_reserved_block_has_the_reservation() {
    let mut snapshot = excluded(instance(windows(), "SALES", 70, 5985), TCP, (5985, 5985), false);
    assert_eq!(shown(&snapshot), []);
    snapshot.sockets.clear();
    let risk = only(&snapshot);
    assert_eq!((risk.kind, risk.likelihood), (RiskKind::ReservedBlock, Likelihood::Possible), "it runs all the same");
}

#[test]
fn an_administered_exclusion_protects_in_the_store_it_is_in() {
    let mut snapshot = excluded(instance(windows(), "SALES", 70, 50_120), TCP, (50_120, 50_120), true);
    is_safe(&snapshot, 50_120);
    snapshot.exclusions.retain(|row: &Exclusion| row.store == Store::Active);
    assert_eq!(only(&snapshot).kind, RiskKind::ExcludedOnlyNow);
    snapshot.exclusions[0].protocol = Some(UDP);
    assert_eq!(only(&snapshot).kind, RiskKind::DynamicRange);
}

#[test]
fn files_that_show_one_store_only_say_nothing_of_the_other() {
    let mut snapshot = excluded(instance(windows(), "SALES", 70, 50_120), TCP, (50_120, 50_120), true);
    snapshot.exclusions.retain(|row: &Exclusion| row.store == Store::Active);
    snapshot.dynamic_ranges.retain(|row| row.store == Store::Active);
    snapshot.host.captured_from = vec!["netsh.txt".to_owned()];
    is_safe(&snapshot, 50_120);
}

#[test]
fn a_portproxy_rule_and_http_sys_are_told_as_what_they_are() {
    let risk = only(&portproxy_on_8080());
    assert_eq!((risk.kind, risk.likelihood), (RiskKind::Portproxy, Likelihood::Certain));
    assert!(risk.rule.is_some() && risk.why.contains("172.20.0.2:80"), "{}", risk.why);
    let mut snapshot = http_sys_on_80();
    let risk = only(&snapshot);
    assert_eq!((risk.kind, risk.likelihood, risk.rival.as_deref()), (RiskKind::SamePort, Likelihood::Likely, Some("W3SVC")));
    snapshot.services.retain(|service| service.name != "W3SVC");
    let risk = only(&snapshot);
    assert_eq!((risk.kind, risk.likelihood), (RiskKind::HeldByOther, Likelihood::Certain));
    assert!(risk.why.contains("HTTP.sys"), "{}", risk.why);
}

#[test]
fn a_portproxy_rule_for_another_address_is_no_rival() {
    let mut snapshot = portproxy_on_8080();
    snapshot.sockets.clear();
    snapshot.windows.portproxy[0].listen_address = "10.0.0.6".to_owned();
    let at = |address: &str| ServicePort { address: Some(ip(address)), ..known(8080, KnownFrom::Configuration, "server.xml") };
    let tomcat = |snapshot: &Snapshot, address: &str| {
        let mut snapshot = snapshot.clone();
        snapshot.services[0] = Service { ports: vec![at(address)], ..snapshot.services[0].clone() };
        snapshot
    };
    assert_eq!(only(&tomcat(&snapshot, "10.0.0.6")).kind, RiskKind::Portproxy);
    assert_eq!(only(&tomcat(&snapshot, "0.0.0.0")).kind, RiskKind::Portproxy);
    is_safe(&tomcat(&snapshot, "10.0.0.5"), 8080);
    assert_eq!(only(&snapshot).protocol, Protocol::Tcp);
}
