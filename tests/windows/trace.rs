//! The trace of the network: started and stopped through the helper, and never somebody else's.

use std::path::PathBuf;

use portmedic::platform::live;
use portmedic::remedy::{Operation, OperationState, TraceState};
use serde_json::json;

use crate::answer::{json as ask, portmedic};
use crate::support::netsh::Netsh;

fn now() -> TraceState {
    match live().state_of(&Operation::StartTrace).unwrap() {
        OperationState::Trace { now } => now,
        other => panic!("{other:?}"),
    }
}

fn file() -> PathBuf {
    PathBuf::from(std::env::var_os("ProgramFiles").unwrap()).join(r"PortMedic\trace\ports.etl")
}

#[test]
fn a_trace_is_started_and_stopped_through_the_helper_in_any_language() {
    for language in ["en", "de"] {
        let Some(netsh) = Netsh::with(&format!("language {language}")) else { return };
        assert_eq!(now(), TraceState::Off);
        let (case, exit) = ask(&["exhaustion", "--trace", "start", "--yes", "--elevate", "uac"]);
        assert_eq!((&case["outcome"], exit), (&json!("fixed"), 0), "{case:#}");
        assert_eq!(now(), TraceState::Running);
        assert!(netsh.facts().contains(&format!("trace {}", file().display())), "{}", netsh.facts());
        assert!(file().parent().unwrap().is_dir());

        let (case, exit) = ask(&["exhaustion", "--trace", "stop", "--yes", "--elevate", "uac"]);
        assert_eq!((&case["outcome"], exit), (&json!("fixed"), 0), "{case:#}");
        assert_eq!(now(), TraceState::Off);
    }
}

#[test]
fn a_trace_that_does_not_end_is_told_as_such() {
    let Some(netsh) = Netsh::with("") else { return };
    let (case, _) = ask(&["exhaustion", "--trace", "start", "--yes"]);
    assert_eq!(case["outcome"], "fixed", "{case:#}");
    netsh.tell("mode lies");
    let (case, exit) = ask(&["exhaustion", "--trace", "stop", "--yes"]);
    assert_eq!((&case["steps"][0]["result"], exit), (&json!("failed"), 1), "{case:#}");
    assert_eq!(now(), TraceState::Running);
}

#[test]
fn a_trace_of_somebody_else_is_left_alone() {
    let Some(netsh) = Netsh::with(r"trace D:\dumps\NetTrace.etl") else { return };
    for wish in ["start", "stop"] {
        let answer = portmedic(&["exhaustion", "--trace", wish, "--yes"]).code(2);
        answer.stderr(predicates::str::contains("omebody else's trace"));
    }
    assert!(netsh.facts().contains(r"trace D:\dumps\NetTrace.etl"));
}

#[test]
fn success_without_effect_is_no_trace() {
    let Some(_netsh) = Netsh::with("mode lies") else { return };
    let (case, exit) = ask(&["exhaustion", "--trace", "start", "--yes"]);
    assert_eq!((&case["steps"][0]["result"], exit), (&json!("not_verified"), 1), "{case:#}");
}
