//! The plan of the audit, and what helps against each risk.

use portmedic::diagnosis::audit::audit;
use portmedic::machine::{Protocol, Service, ServiceState, Snapshot};
use portmedic::remedy::{MAX_STEPS, Operation, Protection, protect};

use super::serving;
use super::windows::instance;
use crate::machine::{With, linux, listener, service_port, unit, unit_process};
use crate::windows::{TCP, UDP, exe, portproxy_on_8080, waiting, windows, windows_range, windows_service, winnat_on_50080};

fn protection(snapshot: &Snapshot) -> Protection {
    protect(snapshot, &audit(snapshot, &[]).risks, &|_| Vec::new())
}

/// The operations of the plan in words.
fn steps(snapshot: &Snapshot) -> Vec<String> {
    let option = protection(snapshot).option;
    option.iter().flat_map(|option| &option.steps).map(|step| step.operation.to_string()).collect()
}

#[test]
fn linux_excludes_merged_ranges_without_stopping_anybody() {
    let mut snapshot = linux()
        .with_service(serving("a.service", 70, &[33_000, 33_001, 40_000]))
        .with_service(serving("b.service", 71, &[33_002, 8080]))
        .with_process(unit_process(70, "a", "a.service"))
        .with_socket(listener("0.0.0.0:33000", &[70]));
    snapshot.services[1].ports.push(service_port(40_001, Protocol::Udp));
    assert_eq!(steps(&snapshot), ["Exclude 33000-33002", "Exclude 40000-40001"]);
    let option = protection(&snapshot).option.unwrap();
    assert_eq!((option.title.as_str(), option.interrupts.as_str()), ("Exclude 5 ports", "Nothing"));
    assert_eq!(option.changes[0].after, "33000-33002, 40000-40001");
    assert!(protection(&snapshot).fixes.iter().all(|fix| fix.in_plan));
}

#[test]
fn no_plan_leaves_clients_without_a_port() {
    let snapshot = linux().with_dynamic_range(33_000, 33_001).with_service(serving("a.service", 70, &[33_000, 33_001]));
    assert_eq!(steps(&snapshot), [""; 0]);
    let fixes = protection(&snapshot).fixes;
    assert!(fixes.iter().all(|fix| fix.step.is_manual() && fix.step.preview.contains("Widen the dynamic range")), "{fixes:#?}");
    let snapshot = windows_range(instance(windows(), "A", 70, 50_000), TCP, 50_000, 50_000);
    assert_eq!(steps(&snapshot), [""; 0]);
}

#[test]
fn a_plan_is_never_longer_than_the_helper_takes() {
    let many: Vec<u16> = (0..60).map(|index| 33_000 + index * 2).collect();
    let snapshot = linux().with_service(serving("a.service", 70, &many));
    let plan = protection(&snapshot);
    assert_eq!(plan.option.unwrap().steps.len(), MAX_STEPS);
    let later = plan.fixes.iter().filter(|fix| !fix.in_plan).count();
    assert_eq!(later, 60 - MAX_STEPS);
    let snapshot = (0..40_u16)
        .fold(windows(), |snapshot, index| instance(snapshot, &format!("I{index}"), 100 + u32::from(index), 50_000 + index * 2));
    assert!(steps(&snapshot).len() <= MAX_STEPS);
}

#[test]
fn windows_stops_each_service_only_while_its_own_ports_are_excluded() {
    let snapshot = instance(instance(windows(), "SALES", 70, 50_120), "STOCK", 71, 49_500);
    let idle = windows_service(Service { ports: vec![service_port(50_121, TCP)], ..unit("MSSQL$ARCHIVE") }, "SQL Server");
    let snapshot = snapshot.with_service(idle);
    assert_eq!(
        steps(&snapshot),
        [
            "Exclude TCP 50121",
            "Stop MSSQL$SALES",
            "Exclude TCP 50120",
            "Start MSSQL$SALES",
            "Stop MSSQL$STOCK",
            "Exclude TCP 49500",
            "Start MSSQL$STOCK",
        ]
    );
    let option = protection(&snapshot).option.unwrap();
    assert!(option.interrupts.contains("MSSQL$SALES") && option.effect.contains("one after another"), "{option:#?}");
}

#[test]
fn services_that_stop_along_with_another_one_start_again_after_it_and_a_plan_that_they_make_too_long_is_left() {
    let snapshot = instance(instance(windows(), "SALES", 70, 50_120), "STOCK", 71, 49_500);
    let risks = audit(&snapshot, &[]).risks;
    let with = |of_sales: Vec<String>| {
        protect(&snapshot, &risks, &move |service| if service == "MSSQL$SALES" { of_sales.clone() } else { Vec::new() })
    };
    let words = |plan: &Protection| -> Vec<String> {
        plan.option.iter().flat_map(|option| &option.steps).map(|step| step.operation.to_string()).collect()
    };
    let fix = |plan: &Protection| plan.fixes[risks.iter().position(|risk| risk.port == 50_120).unwrap()].clone();
    let some = with(vec!["SQLAGENT$SALES".to_owned(), "Shop".to_owned()]);
    assert_eq!(
        words(&some)[..5],
        ["Stop MSSQL$SALES", "Exclude TCP 50120", "Start MSSQL$SALES", "Start Shop", "Start SQLAGENT$SALES"]
    );
    for (number, told) in [(44, "Run the audit once more"), (60, "and all that need it")] {
        let many = with((0..number).map(|index| format!("App{index}")).collect());
        assert!(words(&many).len() <= MAX_STEPS, "{number} more services stop along");
        let left = if number == 60 { fix(&many) } else { many.fixes.iter().find(|fix| !fix.in_plan).unwrap().clone() };
        assert!(!left.in_plan && left.step.preview.contains(told), "{left:#?}");
    }
    let needed = with(vec!["Shop".to_owned(), "Netlogon".to_owned()]);
    assert_eq!(words(&needed), ["Stop MSSQL$STOCK", "Exclude TCP 49500", "Start MSSQL$STOCK"]);
    assert!(fix(&needed).step.preview.contains("which Windows needs"), "{:#?}", fix(&needed));
}

#[test]
fn a_range_that_starts_low_is_moved_back_and_nobody_stops() {
    let mut snapshot = windows_range(instance(windows(), "SALES", 70, 1433), TCP, 1024, 65_534);
    snapshot.windows.max_user_port = Some(65_534);
    assert_eq!(
        steps(&snapshot),
        [
            "Remove MaxUserPort",
            "Set the dynamic range of TCP over IPv4 to 49152-65535",
            "Set the dynamic range of TCP over IPv6 to 49152-65535"
        ]
    );
    let option = protection(&snapshot).option.unwrap();
    assert_eq!((option.interrupts.as_str(), option.reversible.as_str()), ("Nothing", "All but port 1024"));
    assert!(option.changes[0].before.contains("64511 ports") && option.changes[0].after.contains("16384 ports"));
    let both = instance(snapshot, "HIGH", 71, 50_120);
    assert_eq!(steps(&both)[3..], ["Stop MSSQL$HIGH", "Exclude TCP 50120", "Start MSSQL$HIGH"]);
}

#[test]
fn a_port_of_somebody_who_cannot_be_stopped_is_left_to_a_person_with_the_reason() {
    let remote_desktop = windows_service(serving("TermService", 70, &[50_000]), "Remote Desktop");
    let snapshot = windows()
        .with_service(remote_desktop)
        .with_process(crate::windows::service_exe(70, "svchost.exe", "TermService"))
        .with_socket(listener("0.0.0.0:50000", &[70]));
    assert_eq!(steps(&snapshot), [""; 0]);
    let fix = &protection(&snapshot).fixes[0];
    assert!(!fix.in_plan && fix.step.preview.contains("excludes no port that is in use"), "{fix:#?}");

    let program = windows().with_process(exe(70, "app.exe")).with_socket(listener("0.0.0.0:50001", &[70]));
    let risks = audit(&program, &[(50_001, TCP)]).risks;
    let fix = &protect(&program, &risks, &|_| Vec::new()).fixes[0];
    assert!(fix.step.preview.contains("portmedic exclude 50001/tcp"), "{fix:#?}");
}

#[test]
fn a_block_of_winnat_is_freed_with_a_restart_of_winnat() {
    assert_eq!(steps(&winnat_on_50080()), ["Restart WinNAT and exclude TCP 50080"]);
    let option = protection(&winnat_on_50080()).option.unwrap();
    assert!(option.effect.contains("WinNAT restarts") && !option.effect.contains("in use"), "{}", option.effect);
}

#[test]
fn what_no_exclusion_solves_has_a_fix_of_its_own() {
    let fix = |snapshot: &Snapshot| {
        let protection = protection(snapshot);
        assert!(protection.option.is_none() && protection.fixes.len() == 1, "{protection:#?}");
        protection.fixes[0].clone()
    };
    assert!(matches!(fix(&portproxy_on_8080()).step.operation, Operation::DeletePortproxy { .. }));
    let low = Service { may_bind_low_ports: Some(false), ports: vec![service_port(443, TCP)], ..unit("shop.service") };
    assert!(matches!(fix(&linux().with_service(low)).step.operation, Operation::AllowLowPort { .. }));
    let wants = |name: &str| Service { ports: vec![service_port(8080, TCP)], ..unit(name) };
    let step = fix(&linux().with_service(wants("a.service")).with_service(wants("b.service"))).step;
    assert!(step.is_manual() && step.preview.contains("/etc/demo/demo.conf:12"), "{}", step.preview);
    assert!(step.preview.contains("systemctl disable --now b.service or systemctl disable --now a.service"), "{}", step.preview);
}

#[test]
fn protocols_of_windows_have_lists_of_their_own() {
    let mut service = waiting("IAS", "Network Policy Server", (50_000, TCP));
    service.ports.push(service_port(50_000, UDP));
    service.state = ServiceState::Stopped;
    service.failure = None;
    assert_eq!(steps(&windows().with_service(service)), ["Exclude TCP 50000", "Exclude UDP 50000"]);
}

#[test]
fn whoever_types_the_commands_one_after_another_loses_no_port() {
    let snapshot = linux().with_exclusion(5000).with_service(serving("a.service", 70, &[33_000, 40_000]));
    let option = protection(&snapshot).option.unwrap();
    let last = option.commands().last().unwrap().to_owned();
    assert!(last.contains("ip_local_reserved_ports=5000,33000,40000"), "{last}");
    assert!(last.contains("# Ports of PortMedic: 33000,40000"), "{last}");
}

#[test]
fn a_port_that_two_services_have_is_left_to_a_person() {
    let snapshot = instance(instance(windows(), "A", 70, 50_120), "B", 71, 50_120);
    assert_eq!(steps(&snapshot), [""; 0]);
    assert!(protection(&snapshot).fixes.iter().all(|fix| fix.step.preview.contains("when it can be spared")));
}
