//! `portmedic fix`: a service that lost its port gets it back through the helper, and it is proven that it listens.

use std::net::TcpStream;

use predicates::str::contains;
use serde_json::{Value, json};

use crate::answer::{json as ask, portmedic};
use crate::support::netsh::turn;
use crate::support::process::Process;
use crate::support::service::{Installed, free_port};

/// What was done with which service, and what became of it.
fn steps(case: &Value) -> Vec<[&str; 3]> {
    let steps = case["steps"].as_array().unwrap_or_else(|| panic!("{case:#}"));
    steps.iter().map(|step| ["operation", "service", "result"].map(|name| step[name].as_str().unwrap_or_default())).collect()
}

/// The checks of the proof: what was looked at, and what it is now.
fn proof(case: &Value) -> Vec<[&str; 2]> {
    let checks = case["verification"]["checks"].as_array().unwrap_or_else(|| panic!("{case:#}"));
    checks.iter().map(|check| ["what", "now"].map(|name| check[name].as_str().unwrap_or_default())).collect()
}

#[test]
fn a_service_that_has_the_port_is_stopped_and_the_one_that_lost_it_listens_until_both_are_taken_back() {
    let _turn = turn();
    let port = free_port();
    let holder = Installed::new("PortMedicTestHolder", port, &[]);
    let loser = Installed::new("PortMedicTestLoser", port, &[]);
    holder.start();
    loser.start();
    assert_eq!((holder.runs(), loser.runs()), (true, false));

    let (case, exit) = ask(&["fix", "PortMedicTestLoser", "--yes", "--elevate", "uac"]);
    assert_eq!((&case["outcome"], exit), (&json!("fixed"), 0), "{case:#}");
    assert_eq!(case["owners"][0]["service"], "PortMedicTestHolder", "{case:#}");
    let done = [["stop_service", "PortMedicTestHolder", "done"], ["start_service", "PortMedicTestLoser", "done"]];
    assert_eq!(steps(&case), done);
    assert!(proof(&case).contains(&[&format!("Port {port} TCP"), "listening, PortMedicTestLoser"]), "{case:#}");
    assert_eq!((holder.runs(), loser.runs()), (false, true));
    TcpStream::connect(("127.0.0.1", port)).unwrap();

    let (taken_back, exit) = ask(&["undo", "--yes", "--elevate", "uac"]);
    assert_eq!((&taken_back["verification"]["outcome"], exit), (&json!("fixed"), 0), "{taken_back:#}");
    assert_eq!((holder.runs(), loser.runs()), (true, false));
}

#[test]
fn a_process_that_has_the_port_is_ended_and_the_service_listens() {
    let _turn = turn();
    let mut holder = Process::listening();
    let loser = Installed::new("PortMedicTestEvicts", holder.port(), &[]);
    loser.start();
    assert!(!loser.runs());

    let (case, exit) = ask(&["fix", "PortMedicTestEvicts", "--yes", "--elevate", "uac"]);
    assert_eq!((&case["outcome"], exit), (&json!("fixed"), 0), "{case:#}");
    assert_eq!(steps(&case), [["end_process", "", "done"], ["start_service", "PortMedicTestEvicts", "done"]]);
    assert!(loser.runs());
    assert!(holder.has_ended());
}

#[test]
fn a_service_that_does_not_run_with_its_port_either_is_not_fixed() {
    let _turn = turn();
    let port = free_port();
    let holder = Installed::new("PortMedicTestHolder2", port, &[]);
    let loser = Installed::that_ends("PortMedicTestEnds", port);
    holder.start();
    loser.start();

    let (case, exit) = ask(&["fix", "PortMedicTestEnds", "--yes", "--elevate", "uac"]);
    assert_eq!((&case["outcome"], exit), (&json!("not_fixed"), 1), "{case:#}");
    let tried = [["stop_service", "PortMedicTestHolder2", "done"], ["start_service", "PortMedicTestEnds", "failed"]];
    assert_eq!(steps(&case), tried);
    assert!(!loser.runs());
    let (taken_back, _) = ask(&["undo", "--yes", "--elevate", "uac"]);
    assert!(holder.runs(), "{taken_back:#}");
}

#[test]
fn nothing_is_changed_without_a_yes_or_rights() {
    let _turn = turn();
    let port = free_port();
    let holder = Installed::new("PortMedicTestKeeps", port, &[]);
    let loser = Installed::new("PortMedicTestAsks", port, &[]);
    holder.start();
    loser.start();

    let (case, exit) = ask(&["fix", "PortMedicTestAsks"]);
    assert_eq!((&case["outcome"], exit), (&json!("declined"), 3), "{case:#}");
    let answer = portmedic(&["fix", "PortMedicTestAsks", "--yes", "--elevate", "none"]).code(3);
    answer.stdout(contains("Stop-Service -Name PortMedicTestKeeps")).stdout(contains("Start-Service -Name PortMedicTestAsks"));
    assert_eq!((holder.runs(), loser.runs()), (true, false));
}
