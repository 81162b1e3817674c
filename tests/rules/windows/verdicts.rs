//! Each rule on Windows: fires, does not fire, lacks data.

use portmedic::diagnosis::{Cause, Confidence, Diagnosis, OwnerKind, Symptom, diagnose, owners_of};
use portmedic::machine::{BindResult, FailureKind, Process, Service, Snapshot, Socket, SocketState};

use super::{
    TCP, UDP, asked, client_on_1433, dns_on_1645, excluded, exe, http_sys_on_80, lsass_on_3101, plain, portproxy_on_8080,
    service_exe, situations, waiting, windows, windows_range, windows_service, winnat_on_50080,
};
use crate::machine::{With, connection, listener, running, tcp, udp};
use crate::verdicts::{failure, of_service, port};

fn told(snapshot: &Snapshot, symptom: &Symptom) -> Diagnosis {
    diagnose(snapshot, symptom)
}

fn cause(snapshot: &Snapshot, symptom: &Symptom) -> Cause {
    told(snapshot, symptom).verdict.cause
}

fn udp_port(number: u16) -> Symptom {
    Symptom { protocol: Some(UDP), ..port(number) }
}

fn facts(diagnosis: &Diagnosis) -> String {
    diagnosis.verdict.evidence.iter().map(|evidence| evidence.fact.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_client_is_told_with_windows_as_the_one_who_gave_the_port() {
    let mut snapshot = client_on_1433();
    snapshot.windows.max_user_port = Some(65534);
    let diagnosis = told(&snapshot, &of_service("MSSQLSERVER", 1433));
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByClient, Confidence::Certain));
    let why = "Windows gave Backup Agent this port by chance, because the dynamic range of this computer starts at 1024 and 1433 is not \
               excluded.";
    assert!(verdict.explanation.starts_with(why), "{}", verdict.explanation);
    assert_eq!(verdict.next_step, "Close the connection, then exclude the port");
    assert_eq!(diagnosis.owners[0].kind, OwnerKind::Service);
    let facts = facts(&diagnosis);
    for fact in ["(usual is 49152–65535)", "MaxUserPort is 65534", "1433 is in no exclusion"] {
        assert!(facts.contains(fact), "{fact} is missing in:\n{facts}");
    }
}

#[test]
fn the_port_of_another_service_is_held_by_that_service() {
    let snapshot = windows()
        .with_process(service_exe(70, "agent.exe", "OtherAgent"))
        .with_service(waiting("MSSQLSERVER", "SQL Server", (1433, TCP)))
        .with_service(windows_service(running("OtherAgent", 70), "Other Agent"))
        .with_socket(plain(listener("[::]:1433", &[70])));
    let diagnosis = told(&asked(snapshot, TCP, 1433, BindResult::InUse), &of_service("MSSQLSERVER", 1433));
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::HeldByListener, "Other Agent listens on port 1433"));
    assert!(verdict.explanation.starts_with("It listens on every IPv6 address."), "{}", verdict.explanation);
    assert!(!facts(&diagnosis).contains("MaxUserPort"));
}

#[test]
fn the_socket_pool_of_the_dns_server_is_the_reason_for_its_port() {
    let diagnosis = told(&dns_on_1645(), &udp_port(1645));
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::HeldByListener, "DNS Server listens on UDP port 1645"));
    assert!(verdict.explanation.contains("1645 is not excluded from this socket pool"), "{}", verdict.explanation);
    assert!(facts(&diagnosis).contains("takes 2500 UDP ports of each family and leaves 5353 alone"));
    let mut unread = dns_on_1645();
    unread.windows.dns_socket_pool = None;
    assert!(!facts(&told(&unread, &udp_port(1645))).contains("2500"));
}

#[test]
fn the_dns_servers_own_port_is_no_matter_of_its_pool() {
    let snapshot = dns_on_1645().with_socket(plain(udp("0.0.0.0:53", &[71])));
    let diagnosis = told(&asked(snapshot, UDP, 53, BindResult::InUse), &udp_port(53));
    assert!(!diagnosis.verdict.explanation.contains("pool"), "{}", diagnosis.verdict.explanation);
}

#[test]
fn lsass_is_told_as_a_pillar_that_got_the_port_by_chance() {
    let diagnosis = told(&lsass_on_3101(), &of_service("BBRouter", 3101));
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::HeldByListener, "LSASS listens on port 3101"));
    assert!(verdict.explanation.contains("(RPC)") && verdict.explanation.contains("starts at 1025"), "{}", verdict.explanation);
    assert!(diagnosis.owners[0].protected.is_some(), "known by its name alone");
    assert!(verdict.next_step.starts_with("Move the dynamic range"));
    let outside = windows_range(lsass_on_3101(), TCP, 49152, 65535);
    assert!(!told(&outside, &port(3101)).verdict.explanation.contains("by chance"));
}

#[test]
fn a_service_in_svchost_is_known_by_the_tag_of_its_socket() {
    let shared = Process { service: None, ..exe(95, "svchost.exe") };
    let tagged = Socket { service: Some("upnphost".into()), ..plain(listener("0.0.0.0:2869", &[95])) };
    let snapshot = windows().with_process(shared.clone()).with_socket(tagged);
    let owner = &owners_of(&snapshot, 2869, None)[0];
    assert_eq!((owner.kind, owner.service.as_deref()), (OwnerKind::Service, Some("upnphost")));
    assert!(owner.protected.is_some());

    let untagged = windows().with_process(shared).with_socket(plain(listener("0.0.0.0:2869", &[95])));
    let owner = &owners_of(&untagged, 2869, None)[0];
    assert_eq!((owner.kind, owner.service.as_deref()), (OwnerKind::Process, None));
    assert_eq!(told(&untagged, &port(2869)).verdict.headline, "A service of Windows listens on port 2869");
}

#[test]
fn behind_http_sys_the_application_pool_is_named() {
    let diagnosis = told(&http_sys_on_80(), &of_service("Apache2.4", 80));
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByHttpSys, Confidence::Certain), "10013 with a holder");
    assert_eq!(verdict.headline, "The application pool DefaultAppPool has port 80 through HTTP.sys");
    let owner = &diagnosis.owners[0];
    assert_eq!((owner.kind, owner.pid, owner.service.as_deref()), (OwnerKind::HttpSys, Some(88), Some("W3SVC")));
    let urls = verdict.evidence.iter().find_map(|evidence| evidence.raw.as_deref().filter(|raw| raw.contains("http://")));
    assert_eq!(urls, Some("http://*:80/, queue DefaultAppPool, application pool DefaultAppPool, PID 88"));
}

#[test]
fn a_url_without_a_process_leaves_its_program_open() {
    let mut snapshot = http_sys_on_80();
    snapshot.windows.http_sys[0].pids.clear();
    let diagnosis = told(&snapshot, &port(80));
    assert_eq!(diagnosis.verdict.headline, "A program that could not be seen has port 80 through HTTP.sys");
    assert_eq!(diagnosis.owners[0].service, None);
}

#[test]
fn a_port_of_the_kernel_without_a_url_is_windows_itself() {
    let snapshot = windows().with_process(exe(4, "System")).with_socket(plain(listener("0.0.0.0:445", &[4])));
    let diagnosis = told(&asked(snapshot, TCP, 445, BindResult::Denied), &port(445));
    assert_eq!(diagnosis.verdict.cause, Cause::HeldByListener);
    assert_eq!(diagnosis.verdict.headline, "Windows itself listens on port 445");
}

#[test]
fn a_portproxy_rule_is_named_and_not_the_service_that_listens_for_it() {
    let diagnosis = told(&portproxy_on_8080(), &of_service("Tomcat10", 8080));
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::HeldByPortproxy, "A portproxy rule has port 8080"));
    assert!(verdict.explanation.contains("172.20.0.2:80"), "{}", verdict.explanation);
    assert_eq!(diagnosis.owners[0].kind, OwnerKind::Portproxy);
    let mut other = portproxy_on_8080();
    other.windows.portproxy[0].listen_port = 8081;
    assert_eq!(cause(&other, &port(8080)), Cause::HeldByListener);
}

#[test]
fn a_block_of_winnat_is_reserved_for_another() {
    let diagnosis = told(&winnat_on_50080(), &of_service("DemoApp", 50080));
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::ReservedRange, Confidence::Certain));
    assert!(verdict.explanation.contains("WinNAT takes such blocks"), "{}", verdict.explanation);
    assert_eq!(verdict.next_step, "Stop WinNAT, exclude the port, and start WinNAT again");
    assert!(diagnosis.owners.is_empty());
}

#[test]
fn an_administered_exclusion_reserves_for_nobody() {
    let snapshot = asked(excluded(windows(), TCP, (50000, 50099), true), TCP, 50080, BindResult::Free);
    assert_eq!(cause(&snapshot, &port(50080)), Cause::PortFree);
}

#[test]
fn a_reserved_range_of_the_other_protocol_is_not_the_reason() {
    let snapshot = asked(excluded(windows(), UDP, (50000, 50099), false), TCP, 50080, BindResult::Denied);
    assert_ne!(cause(&snapshot, &Symptom { protocol: Some(TCP), ..port(50080) }), Cause::ReservedRange);
}

#[test]
fn the_block_of_wsl_answers_in_use_and_has_no_holder() {
    let snapshot = asked(excluded(windows(), UDP, (44620, 48715), false), UDP, 45000, BindResult::InUse);
    let verdict = told(&snapshot, &udp_port(45000)).verdict;
    assert_eq!(verdict.cause, Cause::ReservedRange);
    assert!(verdict.explanation.contains("WSL in its mirrored network mode"), "{}", verdict.explanation);
}

#[test]
fn forbidden_with_a_holder_is_an_ordinary_conflict() {
    let snapshot = windows().with_process(exe(70, "agent.exe")).with_socket(plain(listener("0.0.0.0:8080", &[70])));
    let verdict = told(&asked(snapshot, TCP, 8080, BindResult::Denied), &port(8080)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::HeldByListener, Confidence::Certain));
}

#[test]
fn forbidden_without_a_holder_and_a_reservation_is_a_filter() {
    let verdict = told(&asked(windows(), TCP, 8080, BindResult::Denied), &port(8080)).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::NotAPortProblem, Confidence::Likely));
    assert!(verdict.explanation.contains("Windows Filtering Platform") && !verdict.explanation.contains("SELinux"));
}

#[test]
fn a_port_that_was_forbidden_and_is_free_by_now_is_told_so() {
    let forbidden = Symptom { failure: Some(failure(FailureKind::Forbidden, "10013")), ..port(80) };
    let verdict = told(&asked(windows(), TCP, 80, BindResult::Free), &forbidden).verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::PortFree, "Port 80 is free now"), "no right is needed for it");
    assert!(verdict.explanation.contains("had or reserved it"), "{}", verdict.explanation);
}

#[test]
fn in_use_without_a_holder_names_what_windows_does_not_show() {
    let diagnosis = told(&asked(windows(), TCP, 8080, BindResult::InUse), &port(8080));
    assert_eq!(diagnosis.verdict.cause, Cause::Unknown);
    assert!(diagnosis.gaps[0].because.contains("1809") && diagnosis.gaps[0].because.contains("WSL"), "{:?}", diagnosis.gaps);
}

#[test]
fn a_range_full_of_bound_sockets_is_exhausted_and_the_leak_is_named() {
    let mut snapshot = windows_range(windows(), TCP, 50000, 50254)
        .with_process(service_exe(70, "leaky.exe", "Leaky"))
        .with_service(windows_service(running("Leaky", 70), "Leaky Service"));
    for number in 50000..=50254 {
        snapshot = snapshot.with_socket(plain(tcp(&format!("0.0.0.0:{number}"), SocketState::Bound, &[70])));
    }
    let event = "A request to allocate an ephemeral port number from the global TCP port space has failed due to all such ports being in use.";
    let symptom = Symptom { failure: Some(failure(FailureKind::Exhausted, event)), ..Symptom::default() };
    let verdict = told(&snapshot, &symptom).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::Exhausted, Confidence::Certain));
    assert!(
        verdict.explanation.starts_with("Windows takes") && verdict.explanation.contains("Leaky Service has 255 of them, 100 %")
    );
    assert!(verdict.explanation.contains("255 of its sockets are bound and neither connected nor closed"));
}

#[test]
fn the_same_program_beside_its_service_is_found_whatever_the_letter_case_of_its_path() {
    let program = r"C:\Program Files\Demo\demo.exe".to_owned();
    let twin = Process { exe: Some(program.to_uppercase()), command_line: None, ..exe(70, "demo.exe") };
    let service = Service { command_line: vec![program], ..waiting("Demo", "Demo", (8080, TCP)) };
    let snapshot = windows().with_process(twin).with_service(service).with_socket(plain(listener("0.0.0.0:8080", &[70])));
    let verdict = told(&asked(snapshot, TCP, 8080, BindResult::InUse), &of_service("Demo", 8080)).verdict;
    assert_eq!(verdict.cause, Cause::HeldByOwnInstance);
    assert!(verdict.explanation.contains("The service cannot start it") && !verdict.explanation.contains("unit"));
}

#[test]
fn an_ipv6_client_is_a_client_too() {
    let snapshot = windows_range(windows(), TCP, 1024, 65534).with_process(exe(64, "agent.exe")).with_socket(plain(connection(
        "[2001:db8::5]:1433",
        "[2001:db8::9]:443",
        &[64],
    )));
    assert_eq!(cause(&asked(snapshot, TCP, 1433, BindResult::InUse), &port(1433)), Cause::HeldByClient);
}

#[test]
fn no_text_of_windows_speaks_of_linux() {
    for (snapshot, symptom) in situations() {
        let diagnosis = told(&snapshot, &symptom);
        let plan = portmedic::remedy::plan(&snapshot, &symptom, &diagnosis);
        let text = format!("{}{}", serde_json::to_string(&diagnosis).unwrap(), serde_json::to_string(&plan).unwrap());
        for word in ["systemd", "systemctl", "sysctl", "unit", "sudo", "/proc", "/etc", "SELinux", "he kernel ", "SO_REUSE"] {
            let rest = text.replace("The kernel of Windows", "");
            assert!(!rest.contains(word), "{word} in {text}");
        }
    }
}
