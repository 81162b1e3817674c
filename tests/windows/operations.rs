//! What the helper does with services.

use std::net::TcpListener;

use portmedic::machine::ServiceState;
use portmedic::platform::{PlatformError, live};
use portmedic::remedy::{Operation, OperationState};

use crate::support::service::{Installed, free_port};

fn start(service: &str) -> Operation {
    Operation::StartService { service: service.to_owned() }
}

fn stop(service: &str) -> Operation {
    Operation::StopService { service: service.to_owned() }
}

fn state(operation: &Operation) -> ServiceState {
    match live().state_of(operation).unwrap() {
        OperationState::Service { state, .. } => state,
        other => panic!("{other}"),
    }
}

#[test]
fn a_service_is_started_stopped_and_brought_back() {
    let own = Installed::new("PortMedicTestStart", free_port(), &[]);
    let (start, stop) = (start("PortMedicTestStart"), stop("portmedicteststart"));
    let before = live().state_of(&start).unwrap();
    live().perform(&start).unwrap();
    assert!(own.runs() && state(&start) == ServiceState::Running);
    live().perform(&start).unwrap();
    let after = live().state_of(&start).unwrap();
    live().restore(&start, &before, &after).unwrap();
    assert!(!own.runs() && state(&stop) == ServiceState::Stopped);
}

#[test]
fn a_service_that_does_not_get_its_port_is_not_started_and_the_reason_is_told() {
    let holder = TcpListener::bind("0.0.0.0:0").unwrap();
    let _own = Installed::new("PortMedicTestDenied", holder.local_addr().unwrap().port(), &[]);
    let error = live().perform(&start("PortMedicTestDenied")).unwrap_err().to_string();
    let told = "could not start PortMedicTestDenied: Somebody else had the port that it asked for (error 10048)";
    assert_eq!(error, told);
    assert_eq!(state(&start("PortMedicTestDenied")), ServiceState::Failed);
}

#[test]
fn what_needs_a_service_stops_before_it_and_comes_back_with_it() {
    let base = Installed::new("PortMedicTestBase", free_port(), &[]);
    let middle = Installed::new("PortMedicTestMiddle", free_port(), &["PortMedicTestBase"]);
    let top = Installed::new("PortMedicTestTop", free_port(), &["PortMedicTestMiddle"]);
    let all = || [&base, &middle, &top].map(Installed::runs);
    // Windows starts what a service needs; Wine does not.
    for service in ["PortMedicTestBase", "PortMedicTestMiddle", "PortMedicTestTop"] {
        live().perform(&start(service)).unwrap();
    }
    assert_eq!(all(), [true; 3]);

    let stop = stop("PortMedicTestBase");
    let before = live().state_of(&stop).unwrap();
    let OperationState::Service { dependants, .. } = &before else { panic!("{before}") };
    assert_eq!(dependants, &["PortMedicTestTop", "PortMedicTestMiddle"]);
    live().perform(&stop).unwrap();
    assert_eq!(all(), [false; 3]);
    let after = live().state_of(&stop).unwrap();
    live().restore(&stop, &before, &after).unwrap();
    assert_eq!(all(), [true; 3]);

    let first = live().state_of(&stop).unwrap();
    live().perform(&Operation::RestartService { service: "PortMedicTestBase".to_owned() }).unwrap();
    assert_eq!(all(), [true; 3]);
    assert_ne!(live().state_of(&stop).unwrap(), first, "it has another process");
}

#[test]
fn what_windows_needs_and_what_is_no_name_is_refused() {
    assert!(matches!(live().perform(&stop("RpcSs")), Err(PlatformError::Refused(_))));
    for name in [r"..\x", "a/b", ""] {
        assert!(matches!(live().perform(&start(name)), Err(PlatformError::BadServiceName(_))), "{name}");
    }
}
