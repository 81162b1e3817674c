//! What is said of a change that somebody asks for, before anybody is asked for rights.

use portmedic::machine::{DynamicRange, Exclusion, PortRange, Protocol, Snapshot, Store, System};
use portmedic::remedy::{Operation, OperationState, Refusal, RefusalKind, Stores, cautions, refusal};

use crate::machine::{With as _, connection, end, linux, listener, process};

fn windows() -> Snapshot {
    let mut snapshot = linux();
    snapshot.host.system = System::Windows;
    snapshot.dynamic_ranges.clear();
    for protocol in Protocol::ALL {
        snapshot.dynamic_ranges.push(DynamicRange {
            range: range("1024-15000"),
            protocol: Some(protocol),
            family: None,
            store: Store::Active,
            source: "netsh".to_owned(),
        });
    }
    snapshot
}

fn range(text: &str) -> PortRange {
    text.parse().unwrap()
}

fn reserved(mut snapshot: Snapshot, block: &str, administered: bool) -> Snapshot {
    snapshot.exclusions.push(Exclusion {
        range: range(block),
        protocol: Some(Protocol::Tcp),
        family: None,
        store: Store::Active,
        administered,
        owner: (!administered).then(|| "WinNAT".to_owned()),
        source: "netsh".to_owned(),
    });
    snapshot
}

fn add(ports: &str, protocol: Option<Protocol>) -> Operation {
    Operation::AddExclusion { range: range(ports), protocol, stores: Stores::Both }
}

fn remove(ports: &str) -> Operation {
    Operation::RemoveExclusion { range: range(ports), protocol: Some(Protocol::Tcp), stores: Stores::Both }
}

fn set(ports: &str) -> Operation {
    Operation::SetDynamicRange { range: range(ports), protocol: None, family: None, stores: Stores::Both }
}

fn close(local: &str, remote: &str) -> Operation {
    Operation::CloseConnection { protocol: Protocol::Tcp, local: end(local), remote: end(remote), cookie: None }
}

const TCP: Option<Protocol> = Some(Protocol::Tcp);

/// Why it is refused; a panic where it is not.
#[track_caller]
fn refused(operation: &Operation, snapshot: &Snapshot) -> Refusal {
    refusal(operation, snapshot, None).unwrap_or_else(|| panic!("{operation} is not refused"))
}

#[track_caller]
fn allowed(operation: &Operation, snapshot: &Snapshot) {
    assert_eq!(refusal(operation, snapshot, None), None, "{operation}");
}

#[test]
fn a_port_in_use_can_be_excluded_on_linux_and_who_has_it_is_said() {
    let held = linux()
        .with_process(process(4312, "bkagent"))
        .with_socket(connection("10.0.0.5:40000", "10.0.0.9:9392", &[4312]))
        .with_socket(listener("0.0.0.0:40010", &[4312]));
    allowed(&add("40000", None), &held);
    let said = cautions(&add("40000", None), &held);
    assert!(said[0].contains("Port 40000 is in use by bkagent now, and stays so until that connection ends"), "{said:?}");
    let said = cautions(&add("40010", None), &held);
    assert!(said[0].contains("can still be asked for by its number"), "{said:?}");
    assert!(cautions(&add("1433", None), &held).is_empty());
}

#[test]
fn a_port_in_use_cannot_be_excluded_on_windows_and_the_way_on_is_to_check_it() {
    let held =
        windows().with_process(process(4312, "bkagent.exe")).with_socket(connection("10.0.0.5:1433", "10.0.0.9:9392", &[4312]));
    let refusal = refused(&add("1430-1440", TCP), &held);
    assert!(refusal.why.contains("Port 1433 is in use by bkagent.exe (PID 4312)"), "{}", refusal.why);
    assert_eq!(refusal.port, Some(1433));
    allowed(&add("1430-1432", TCP), &held);
    allowed(&add("1433", Some(Protocol::Udp)), &held);
}

#[test]
fn windows_takes_no_exclusion_that_overlaps_another() {
    let block = reserved(windows(), "1381-1480", false);
    let refusal = refused(&add("1433", TCP), &block);
    assert!(refusal.why.contains("1381–1480 was reserved by WinNAT"), "{}", refusal.why);
    assert_eq!(refusal.port, Some(1433), "a reserved block has a fix of its own");
    let own = reserved(windows(), "1430-1433", true);
    let refusal = refused(&add("1433-1440", TCP), &own);
    assert!(refusal.why.contains("overlaps the exclusion 1430–1433"), "{}", refusal.why);
    allowed(&add("1434-1440", TCP), &own);
    allowed(&add("1433", Some(Protocol::Udp)), &own);
}

#[test]
fn windows_hands_out_again_only_whole_exclusions_of_an_administrator() {
    let own = reserved(windows(), "1430-1433", true);
    assert!(refused(&remove("1433"), &own).next.contains("Remove 1430-1433 as a whole"));
    allowed(&remove("1430-1433"), &own);
    let two = reserved(own, "1434-1440", true);
    allowed(&remove("1430-1440"), &two);
    assert!(refused(&remove("1430-1435"), &two).next.contains("Remove 1430-1440 as a whole"));
    let block = reserved(windows(), "1381-1480", false);
    assert!(refused(&remove("1381-1480"), &block).why.contains("reserved by WinNAT"));
}

#[test]
fn no_exclusion_leaves_clients_without_a_port() {
    for (snapshot, all, fewer) in
        [(linux(), "32768-60999", "32769-60999"), (windows(), "1024-15000", "1024-14999"), (linux(), "1-65535", "1-60998")]
    {
        assert!(refused(&add(all, None), &snapshot).title.contains("would leave no port for clients"));
        allowed(&add(fewer, None), &snapshot);
        assert!(cautions(&add(fewer, None), &snapshot).iter().any(|said| said.contains("only 1 ports")), "{fewer}");
    }
    // One that is used up already gets no worse by a port elsewhere.
    let mut full = linux().with_dynamic_range(40_000, 40_000).with_exclusion(40_000);
    full.exclusions.truncate(1);
    allowed(&add("1433", None), &full);
}

#[test]
fn port_0_is_no_port() {
    let zero = Operation::AddExclusion { range: PortRange::new(0, 9).unwrap(), protocol: None, stores: Stores::Both };
    assert!(refused(&zero, &linux()).next.contains("1 to 65535"));
}

#[test]
fn what_is_so_already_is_said_and_not_done_again() {
    let lists = |ports: &str| OperationState::Exclusions {
        active: ports.parse().unwrap(),
        persistent: ports.parse().unwrap(),
        own_file: None,
    };
    let said = |operation: &Operation, now: OperationState| refusal(operation, &linux(), Some(&now)).map(|refusal| refusal.kind);
    assert_eq!(said(&add("1433", None), lists("1430-1440")), Some(RefusalKind::AlreadySo));
    assert_eq!(said(&add("1433-1441", None), lists("1430-1440")), None);
    assert_eq!(said(&remove("1433"), lists("")), Some(RefusalKind::AlreadySo));
    let gone = OperationState::Connection { present: false };
    assert_eq!(said(&close("10.0.0.5:1433", "10.0.0.9:9392"), gone), Some(RefusalKind::AlreadySo));
}

#[test]
fn the_dynamic_range_has_the_limits_of_its_system() {
    let mut wsl = linux();
    wsl.host.wsl = true;
    assert!(refused(&set("40000-50000"), &wsl).next.contains("in Windows"));
    assert!(refused(&set("1024-15000"), &windows()).why.contains("below port 1025"));
    assert!(refused(&set("50000-50100"), &windows()).why.contains("has 101"));
    allowed(&set("49152-65535"), &windows());
    allowed(&set("40000-40000"), &linux());
}

#[test]
fn an_exclusion_inside_wsl_says_whose_ports_it_is_about() {
    let mut wsl = linux();
    wsl.host.wsl = true;
    allowed(&add("1433", None), &wsl);
    assert!(cautions(&add("1433", None), &wsl).iter().any(|said| said.contains("Ports of Windows are excluded in Windows")));
}

#[test]
fn connections_are_closed_only_where_the_system_can_and_nothing_hangs_on_them() {
    allowed(&close("10.0.0.5:1433", "10.0.0.9:9392"), &windows());
    assert!(refused(&close("[::1]:1433", "[::1]:9392"), &windows()).why.contains("none for IPv6"));
    allowed(&close("[::1]:1433", "[::1]:9392"), &linux());
    let mut login = process(77, "sshd");
    login.protected = Some("PortMedic runs in it: it would end with it".to_owned());
    let remote = linux().with_process(login).with_socket(connection("10.0.0.5:22", "10.0.0.9:50000", &[77]));
    assert!(refused(&close("10.0.0.5:22", "10.0.0.9:50000"), &remote).title.contains("sshd is left alone"));
}
