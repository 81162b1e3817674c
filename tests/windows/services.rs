//! What `portmedic` sees of services.

use std::net::TcpListener;

use crate::answer::{json, portmedic, service};
use crate::support::netsh::turn;
use crate::support::service::{Installed, free_port};

#[test]
fn a_service_that_lost_its_port_fails_and_the_one_who_has_it_is_named() {
    let _turn = turn();
    let holder = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let own = Installed::new("PortMedicTestTaken", port, &[]);
    own.start();
    assert!(!own.runs(), "the port is taken");

    let (answer, exit) = json(&["services", "--failing"]);
    let seen = service(&answer, "PortMedicTestTaken").unwrap();
    assert_eq!((&seen["state"], &seen["failure"]["kind"]), (&"failed".into(), &"in_use".into()), "{seen}");
    assert_eq!((&seen["ports"][0]["port"], &seen["ports"][0]["known_from"]), (&port.into(), &"command_line".into()), "{seen}");
    assert_eq!(seen["state_detail"], "stopped (error 10048)");
    assert_eq!(exit, 1);

    let (case, exit) = json(&["diagnose", "portmedictesttaken"]);
    assert_eq!((&case["target"]["service"], &case["target"]["port"]), (&"PortMedicTestTaken".into(), &port.into()), "{case}");
    assert_eq!(case["verdict"]["cause"], "held_by_listener", "{case}");
    assert_eq!(case["owners"][0]["pid"], std::process::id(), "{case}");
    assert_eq!(exit, 1);
}

#[test]
fn a_service_that_runs_has_its_port_and_its_process() {
    let own = Installed::new("PortMedicTestRuns", free_port(), &[]);
    own.start();
    let (answer, _) = json(&["services"]);
    let seen = service(&answer, "PortMedicTestRuns").unwrap();
    assert_eq!((&seen["state"], &seen["failure"]), (&"running".into(), &serde_json::Value::Null), "{seen}");
    assert!(seen["main_pid"].as_u64().is_some_and(|pid| pid != u64::from(std::process::id())), "{seen}");
    assert_eq!(seen["starts_by_itself"], true);
}

#[test]
fn a_service_that_was_never_started_does_not_fail() {
    let _own = Installed::new("PortMedicTestIdle", free_port(), &[]);
    let (answer, _) = json(&["services"]);
    assert_eq!(service(&answer, "PortMedicTestIdle").unwrap()["state"], "stopped");
    let (failing, _) = json(&["services", "--failing"]);
    assert_eq!(service(&failing, "PortMedicTestIdle"), None);
}

#[test]
fn a_name_that_no_service_has_is_told_so() {
    let answer = portmedic(&["diagnose", "PortMedicTestNone"]);
    answer.code(2).stderr(predicates::str::contains("no service is called \"PortMedicTestNone\""));
}
