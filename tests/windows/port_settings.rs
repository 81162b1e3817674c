//! Dynamic ranges, portproxy rules and registry values: set, read back and undone.

use portmedic::machine::{Family, PortproxyRule, Protocol, RpcService};
use portmedic::platform::{Scope, live};
use portmedic::remedy::{Operation, OperationState, Stores};

use windows_registry::LOCAL_MACHINE;

use crate::support::netsh::Netsh;

/// The settings of a service that this computer does not have, removed when they go.
struct Settings(&'static str);

impl Settings {
    fn of(service: &'static str) -> Self {
        LOCAL_MACHINE.create(format!(r"SYSTEM\CurrentControlSet\Services\{service}\Parameters")).unwrap();
        Self(service)
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        let _gone = LOCAL_MACHINE.create(r"SYSTEM\CurrentControlSet\Services").and_then(|services| services.remove_tree(self.0));
    }
}

/// Does it, undoes it, and says what was there in between.
fn there_and_back(operation: &Operation) -> OperationState {
    let before = live().state_of(operation).unwrap();
    assert!(!operation.is_reached_in(&before), "{before}");
    live().perform(operation).unwrap();
    let after = live().state_of(operation).unwrap();
    assert!(operation.is_reached_in(&after), "{after}");
    live().restore(operation, &before, &after).unwrap();
    assert_eq!(live().state_of(operation).unwrap(), before);
    after
}

fn set_range(start: u16, end: u16, protocol: Option<Protocol>, family: Option<Family>) -> Operation {
    let range = portmedic::machine::PortRange::new(start, end).unwrap();
    Operation::SetDynamicRange { range, protocol, family, stores: Stores::Both }
}

#[test]
fn all_four_dynamic_ranges_are_set_and_each_gets_its_own_back() {
    let facts = "range ipv4 tcp active 20000 1000\nrange ipv4 tcp persistent 21000 1000\nrange ipv6 udp active 30000 1000\n";
    let Some(netsh) = Netsh::with(facts) else { return };
    let ranges = || {
        let text = netsh.facts();
        let mut lines: Vec<String> = text.lines().filter(|line| line.starts_with("range ")).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    // Any change makes the double write all that it takes for granted.
    live().perform(&set_range(45000, 49999, Some(Protocol::Udp), Some(Family::Ipv4))).unwrap();
    let was = ranges();
    let operation = set_range(40000, 49999, None, None);
    let after = there_and_back(&operation);
    assert_eq!(after.to_string(), "40000-49999");
    assert_eq!(ranges().len(), 8);
    assert_eq!(ranges(), was);
}

#[test]
fn one_range_is_set_and_the_others_stay() {
    let Some(_netsh) = Netsh::with("language de") else { return };
    live().perform(&set_range(40000, 49999, Some(Protocol::Tcp), Some(Family::Ipv6))).unwrap();
    let seen = live().observe(&Scope::of_ranges()).unwrap();
    let changed = seen.dynamic_ranges.iter().filter(|row| row.range.start() == 40000);
    assert!(changed.clone().all(|row| row.family == Some(Family::Ipv6) && row.protocol == Some(Protocol::Tcp)));
    assert_eq!(changed.count(), 2, "both stores");
}

#[test]
fn a_range_beyond_the_limits_of_windows_is_refused_before_anything_happens() {
    let Some(_netsh) = Netsh::with("") else { return };
    for (start, end) in [(1024, 65535), (20000, 20253)] {
        let told = live().state_of(&set_range(start, end, None, None)).unwrap_err().to_string();
        assert!(told.contains("at least 255 ports that begins at 1025"), "{told}");
    }
    assert!(live().state_of(&set_range(20000, 20254, None, None)).is_ok());
}

#[test]
fn a_portproxy_rule_is_seen_deleted_and_added_again() {
    let Some(_netsh) = Netsh::with("language fr") else { return };
    let rule = PortproxyRule {
        listen_family: Family::Ipv4,
        listen_address: "*".to_owned(),
        listen_port: 18080,
        connect_family: Family::Ipv6,
        connect_address: "fd00::5".to_owned(),
        connect_port: 80,
    };
    let operation = Operation::DeletePortproxy { rule: rule.clone() };
    let absent = OperationState::Portproxy { present: false };
    let present = OperationState::Portproxy { present: true };
    // Undo of a deletion makes the rule: so the test has one.
    live().restore(&operation, &present, &absent).unwrap();
    assert!(live().observe(&Scope::of_ranges()).unwrap().windows.portproxy.contains(&rule));
    there_and_back(&operation);
    live().perform(&operation).unwrap();
    assert_eq!(live().state_of(&operation).unwrap(), absent);
}

#[test]
fn max_user_port_is_removed_and_comes_back_with_its_value() {
    let operation = Operation::RemoveMaxUserPort;
    let unset = OperationState::MaxUserPort { value: None };
    let Some(_netsh) = Netsh::with("") else { return };
    live().restore(&operation, &OperationState::MaxUserPort { value: Some(65_534) }, &unset).unwrap();
    assert_eq!(live().observe(&Scope::of_ranges()).unwrap().windows.max_user_port, Some(65_534));
    there_and_back(&operation);
    live().perform(&operation).unwrap();
    assert_eq!(live().state_of(&operation).unwrap(), unset);
}

#[test]
fn what_only_a_domain_controller_or_a_dns_server_has_is_refused_elsewhere() {
    let Some(_netsh) = Netsh::with("") else { return };
    let port = Operation::SetRpcPort { service: RpcService::ActiveDirectory, port: 50_000 };
    assert!(live().state_of(&port).unwrap_err().to_string().contains("no domain controller"));
    let pool = Operation::ExcludeFromDnsPool { ports: "1645".parse().unwrap() };
    assert!(live().state_of(&pool).unwrap_err().to_string().contains("no DNS server is installed"));
}

#[test]
fn the_rpc_ports_of_a_domain_controller_are_fixed_and_let_go_again() {
    let Some(_netsh) = Netsh::with("") else { return };
    let _directory = Settings::of("NTDS");
    let after = there_and_back(&Operation::SetRpcPort { service: RpcService::ActiveDirectory, port: 50_000 });
    assert_eq!(after, OperationState::RpcPort { port: Some(50_000) });
}

#[test]
fn the_dns_server_leaves_a_port_alone_beside_those_it_does_already() {
    let Some(_netsh) = Netsh::with("") else { return };
    let _server = Settings::of("DNS");
    let before = Operation::ExcludeFromDnsPool { ports: "5350-5360".parse().unwrap() };
    live().perform(&before).unwrap();
    let after = there_and_back(&Operation::ExcludeFromDnsPool { ports: "1645-1646,1812".parse().unwrap() });
    assert_eq!(after, OperationState::DnsPool { excluded: "1645-1646,1812,5350-5360".parse().unwrap() });
    let pool = live().observe(&Scope::of_ranges()).unwrap().windows.dns_socket_pool.unwrap();
    assert_eq!((pool.size, pool.excluded), (2500, "5350-5360".parse().unwrap()));
}

#[test]
fn the_queues_of_http_sys_are_seen_with_their_pools() {
    let Some(_netsh) = Netsh::with("queue DefaultAppPool 3408 4412 HTTP://*:80/\nqueue - - 944 HTTP://+:5985/WSMAN/\n") else {
        return;
    };
    let urls = live().observe(&Scope::of_ranges()).unwrap().windows.http_sys;
    let told: Vec<_> = urls.iter().map(|url| (url.port(), url.app_pool.as_deref(), url.pids.as_slice())).collect();
    assert_eq!(told, [(Some(80), Some("DefaultAppPool"), [4412].as_slice()), (Some(5985), None, [944].as_slice())]);
}
