//! What the catalogue adds: what is good to know about those who take part, and where a port is set.

use portmedic::diagnosis::{Symptom, diagnose};
use portmedic::machine::{BindResult, Protocol, Service, Snapshot, System};
use portmedic::remedy::plan;

use crate::machine::{With, failed, linux, listener, process, running, unit_process};
use crate::verdicts::{in_use, of_service, port};

const TCP: Protocol = Protocol::Tcp;

/// SQL Server wants its port, and this process has it.
fn sql_server_against(pid: u32, name: &str, unit: &str) -> Snapshot {
    linux()
        .with_service(Service { product: Some("SQL Server".to_owned()), ..failed("mssql-server.service", in_use()) })
        .with_process(unit_process(pid, name, unit))
        .with_service(running(unit, pid))
        .with_socket(listener("0.0.0.0:1433", &[pid]))
        .with_bind_tests(TCP, 1433, BindResult::InUse)
}

fn known_about(snapshot: &Snapshot, symptom: &Symptom) -> Vec<String> {
    let mut about: Vec<String> = diagnose(snapshot, symptom).verdict.notes.into_iter().map(|note| note.about).collect();
    about.dedup();
    about
}

#[test]
fn what_is_known_about_the_service_and_then_about_the_holder_is_told() {
    let snapshot = sql_server_against(90, "splunkd", "Splunkd.service");
    assert_eq!(known_about(&snapshot, &of_service("mssql-server.service", 1433)), ["SQL Server", "Splunk Enterprise"]);
    let verdict = diagnose(&snapshot, &of_service("mssql-server.service", 1433)).verdict;
    assert!(verdict.notes.iter().all(|note| note.text.ends_with('.') && note.source.starts_with("http")), "{:?}", verdict.notes);
    assert!(verdict.evidence.iter().all(|evidence| !evidence.source.starts_with("http")), "a note is no evidence");
}

#[test]
fn nothing_is_told_about_programs_that_the_catalogue_does_not_know() {
    let snapshot = linux().with_process(process(9, "agent")).with_socket(listener("0.0.0.0:1433", &[9])).with_bind_tests(
        TCP,
        1433,
        BindResult::InUse,
    );
    assert_eq!(known_about(&snapshot, &port(1433)), [""; 0]);
}

#[test]
fn nothing_is_told_where_the_port_is_not_the_trouble() {
    let service = Service { product: Some("SQL Server".to_owned()), ..failed("mssql-server.service", in_use()) };
    let snapshot = linux().with_service(service).with_bind_tests(TCP, 1433, BindResult::Free);
    assert_eq!(known_about(&snapshot, &of_service("mssql-server.service", 1433)), [""; 0]);
}

#[test]
fn on_windows_the_program_tells_the_product_where_no_service_does() {
    let mut snapshot = linux()
        .with_process(process(700, "lsass.exe"))
        .with_socket(listener("0.0.0.0:3101", &[700]))
        .with_bind_tests(TCP, 3101, BindResult::InUse);
    assert_eq!(known_about(&snapshot, &port(3101)), [""; 0]);
    snapshot.host.system = System::Windows;
    assert_eq!(known_about(&snapshot, &port(3101)), ["Windows local security authority"]);
}

#[test]
fn moving_a_service_names_the_file_where_its_product_keeps_the_port() {
    let snapshot = sql_server_against(90, "agent", "agent.service");
    let symptom = of_service("mssql-server.service", 1433);
    let plan = plan(&snapshot, &symptom, &diagnose(&snapshot, &symptom));
    let shown = format!("{plan:?}");
    assert!(shown.contains("Change tcpport in the section network of /var/opt/mssql/mssql.conf"), "{shown}");
}

#[test]
fn the_registry_value_of_old_windows_is_explained_where_it_names_the_port() {
    let mut snapshot = sql_server_against(90, "agent", "agent.service");
    snapshot.windows.reserved_ports = "1430-1440".parse().unwrap();
    let symptom = of_service("mssql-server.service", 1433);
    let notes = diagnose(&snapshot, &symptom).verdict.notes;
    let told = notes.iter().find(|note| note.about == "ReservedPorts").expect("a note");
    assert!(told.text.contains("1433") && told.text.contains("since Windows Server 2008"), "{}", told.text);
    snapshot.windows.reserved_ports = "1434".parse().unwrap();
    assert!(!known_about(&snapshot, &symptom).contains(&"ReservedPorts".to_owned()), "another port");
}
