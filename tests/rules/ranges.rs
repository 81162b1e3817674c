//! What the map of the ports shows and says, on both systems.

use portmedic::app::ranges::{About, Holds, Kept, Lanes, Safety};
use portmedic::machine::{DynamicRange, Exclusion, Family, PortRange, Protocol, Service, Snapshot, Store, System};

use crate::machine::{With as _, connection, linux, listener, process, range, service_port, udp, unit};

fn row(ports: &str, store: Store, owner: Option<&str>) -> Exclusion {
    Exclusion {
        range: ports.parse().unwrap(),
        protocol: None,
        family: None,
        store,
        administered: true,
        owner: owner.map(str::to_owned),
        source: format!("{store:?} list"),
    }
}

fn windows() -> Snapshot {
    let mut snapshot = linux();
    snapshot.host.system = System::Windows;
    snapshot.dynamic_ranges.clear();
    for (protocol, start, end) in [(Protocol::Tcp, 1024, 15_000), (Protocol::Udp, 49_152, 65_535)] {
        for family in [Family::Ipv4, Family::Ipv6] {
            let start = if family == Family::Ipv6 { 49_152.min(end - 10) } else { start };
            snapshot.dynamic_ranges.push(DynamicRange {
                range: range(start, end),
                protocol: Some(protocol),
                family: Some(family),
                store: Store::Active,
                source: "netsh".to_owned(),
            });
        }
    }
    let block = Exclusion {
        administered: false,
        owner: Some("WinNAT".to_owned()),
        protocol: Some(Protocol::Tcp),
        ..row("1381-1480", Store::Active, None)
    };
    snapshot.exclusions.push(block);
    snapshot
}

fn lanes(snapshot: &Snapshot) -> Lanes {
    Lanes::of(snapshot, &snapshot.services, Protocol::Tcp, Family::Ipv4)
}

fn about(snapshot: &Snapshot, ports: &str) -> About {
    About::of(&ports.parse().unwrap(), Protocol::Tcp, &lanes(snapshot), snapshot).unwrap()
}

fn wants(name: &str, port: u16) -> Service {
    Service { ports: vec![service_port(port, Protocol::Tcp)], ..unit(name) }
}

#[test]
fn exclusions_are_cut_by_when_they_hold_and_whose_they_are() {
    let mut snapshot = linux();
    snapshot.exclusions = vec![
        row("1430-1435", Store::Active, None),
        row("1433", Store::Persistent, Some("PortMedic")),
        row("1435-1440", Store::Persistent, None),
    ];
    let seen = |kept: Kept| (kept.range.to_string(), kept.holds, kept.owner.is_some(), kept.removable);
    let kept: Vec<_> = lanes(&snapshot).kept.into_iter().map(seen).collect();
    let expected = [
        ("1430-1432", Holds::NowOnly, false, true),
        ("1433", Holds::Always, true, true),
        ("1434", Holds::NowOnly, false, true),
        ("1435", Holds::Always, false, false),
        ("1436-1440", Holds::NextOnly, false, false),
    ];
    assert_eq!(kept, expected.map(|(range, holds, own, removable)| (range.to_owned(), holds, own, removable)));
}

#[test]
fn each_protocol_and_family_of_windows_has_its_own_map() {
    let mut snapshot = windows().with_socket(listener("0.0.0.0:135", &[])).with_socket(udp("0.0.0.0:53", &[]));
    snapshot.services = vec![wants("MSSQLSERVER", 1433)];
    let of = |protocol, family| Lanes::of(&snapshot, &snapshot.services, protocol, family);
    assert_eq!(of(Protocol::Tcp, Family::Ipv4).dynamic, Some(range(1024, 15_000)));
    assert_eq!(of(Protocol::Tcp, Family::Ipv6).dynamic, Some(range(14_990, 15_000)));
    assert_eq!(of(Protocol::Tcp, Family::Ipv4).reserved.len(), 1);
    let for_udp = of(Protocol::Udp, Family::Ipv4);
    assert_eq!((for_udp.reserved.len(), for_udp.wanted.len(), for_udp.in_use[0].port), (0, 0, 53));
}

#[test]
fn the_process_that_blocks_first_stands_for_a_port_in_use() {
    let snapshot = linux()
        .with_process(process(7, "client"))
        .with_process(process(8, "server"))
        .with_socket(connection("10.0.0.5:8080", "10.0.0.9:9392", &[7]))
        .with_socket(listener("0.0.0.0:8080", &[8]));
    let used = lanes(&snapshot).in_use;
    assert_eq!((used.len(), used[0].sockets, used[0].process.as_deref()), (1, 2, Some("server")));
}

#[test]
fn a_free_port_in_the_dynamic_range_is_at_risk_and_who_wants_it_is_said() {
    let snapshot = linux().with_service(Service { product: Some("SQL Server".to_owned()), ..wants("mssql.service", 40_000) });
    let told = about(&snapshot, "40000");
    assert_eq!(told.safety, Safety::AtRisk);
    assert_eq!(told.text, "Free now, but inside the dynamic range. A client may get it before SQL Server starts.");
    assert!(!told.exclude.is_empty() && told.remove.is_empty() && told.check.is_none());
    assert!(told.commands.unwrap().starts_with("sysctl -w net.ipv4.ip_local_reserved_ports=40000"));
    assert!(lanes(&snapshot).wanted[0].at_risk);
}

#[test]
fn a_port_that_somebody_has_is_worth_a_check() {
    let snapshot = linux().with_process(process(7, "bkagent")).with_socket(connection("10.0.0.5:40000", "10.0.0.9:9392", &[7]));
    let told = about(&snapshot, "40000");
    assert_eq!(
        told.text,
        "bkagent has it for a connection now. Inside the dynamic range a client may get it as soon as it is free."
    );
    assert_eq!(told.check, Some(40_000));
}

#[test]
fn exclusions_that_do_not_hold_for_good_can_be_completed() {
    let mut snapshot = linux();
    snapshot.exclusions = vec![row("40000", Store::Active, None), row("40001", Store::Persistent, Some("PortMedic"))];
    let told = about(&snapshot, "40000");
    assert_eq!((told.safety, told.title.as_str()), (Safety::AtRisk, "Port\u{a0}40000 is protected until the next restart"));
    assert!(!told.exclude.is_empty());
    let told = about(&snapshot, "40001");
    assert_eq!((told.safety, told.title.as_str()), (Safety::AtRisk, "Port\u{a0}40001 is not protected yet"));
    assert!(!told.exclude.is_empty() && !told.remove.is_empty());
}

#[test]
fn only_what_portmedic_excluded_is_offered_to_be_removed() {
    let mut snapshot = linux().with_exclusion(40_000);
    let told = about(&snapshot, "40000");
    assert_eq!((told.safety, told.exclude, told.remove), (Safety::Safe, Vec::new(), Vec::new()));
    snapshot.exclusions.iter_mut().for_each(|row| row.owner = Some("PortMedic".to_owned()));
    assert_eq!(about(&snapshot, "40000").remove.len(), 1);
}

#[test]
fn ports_outside_the_dynamic_range_are_safe_and_can_be_excluded_all_the_same() {
    let told = about(&linux(), "1433");
    assert_eq!((told.safety, told.title.as_str()), (Safety::Safe, "Port\u{a0}1433 is outside the dynamic range"));
    assert!(!told.exclude.is_empty());
}

#[test]
fn of_a_range_it_says_how_many_are_at_risk() {
    let snapshot = linux().with_exclusion(32_769);
    assert_eq!(about(&snapshot, "32760-32770").title, "2 of the ports 32760\u{2013}32770 are not protected");
    assert_eq!(about(&snapshot, "32770-32779").title, "Ports\u{a0}32770\u{2013}32779 are not protected");
}

#[test]
fn of_several_blocks_each_is_told_and_the_worst_one_counts() {
    let snapshot = linux().with_exclusion(32_769);
    let told = about(&snapshot, "80,32769,40000-40009");
    assert_eq!((told.safety, told.ports().as_str()), (Safety::AtRisk, "12 ports"));
    assert_eq!(told.title, "12 ports in 3 blocks: one block is not safe");
    let safe: Vec<_> = told.blocks.iter().map(|block| block.safety).collect();
    assert_eq!(safe, [Safety::Safe, Safety::Safe, Safety::AtRisk]);
    assert_eq!(told.exclude.len(), 2, "what is excluded for good is left out");
    assert!(told.commands.unwrap().contains("=80,32769,40000-40009"), "the last command has the ports of the one before");
}

#[test]
fn what_windows_would_refuse_is_known_from_the_look() {
    let snapshot = windows().with_process(process(7, "bkagent")).with_socket(connection("10.0.0.5:5000", "10.0.0.9:9392", &[7]));
    let refusal = about(&snapshot, "4990,5000-5010").refusal.unwrap();
    assert!(refusal.why.contains("Port 5000 is in use by bkagent (PID 7)"), "{}", refusal.why);
    assert!(about(&snapshot, "4990").refusal.is_none());
}

#[test]
fn every_exclusion_of_an_administrator_can_be_removed_on_windows() {
    let mut snapshot = windows();
    snapshot.exclusions.extend([Store::Active, Store::Persistent].map(|store| row("7000-7009", store, None)));
    assert_eq!(about(&snapshot, "7000-7009").remove.len(), 1);
}

#[test]
fn a_reserved_block_blocks_and_is_checked_instead_of_excluded() {
    let told = about(&windows(), "1433");
    assert_eq!((told.safety, told.check, told.exclude), (Safety::Blocked, Some(1433), Vec::new()));
    assert!(told.text.contains("1381\u{2013}1480 was reserved by WinNAT"), "{}", told.text);
}

#[test]
fn the_dynamic_range_itself_is_told_as_such() {
    let told = about(&linux().with_socket(listener("0.0.0.0:40000", &[])), "32768-60999");
    assert_eq!(told.title, "The dynamic range 32768\u{2013}60999");
    assert!(told.text.contains("1 of its 28232 ports are in use"), "{}", told.text);
    assert!(told.exclude.is_empty(), "excluding all of it would leave clients without a port");
}

#[test]
fn what_was_not_seen_is_not_called_safe() {
    let mut snapshot = linux();
    snapshot.dynamic_ranges.clear();
    assert_eq!(about(&snapshot, "40000").safety, Safety::Unknown);
}

#[test]
fn one_steps_through_everything_on_the_map_in_the_order_of_the_ports() {
    let snapshot = linux().with_service(wants("a.service", 5432)).with_socket(listener("0.0.0.0:80", &[])).with_exclusion(3306);
    let stops: Vec<String> = lanes(&snapshot).stops().iter().map(PortRange::to_string).collect();
    assert_eq!(stops, ["80", "3306", "5432", "32768-60999"]);
}
