//! The privileged door on Windows: the executable asks for rights, its helper comes in by the pipe, and the journal tells of it.

use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::answer::EXECUTABLE;
use crate::support::netsh::Netsh;

#[expect(clippy::disallowed_methods, reason = "a test starts the executable under test")]
fn portmedic(arguments: &[&str], said: &str) -> Output {
    let mut child = std::process::Command::new(&*EXECUTABLE)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the executable under test");
    // One that wants to hear nothing may be gone already.
    let _unheard = child.stdin.take().expect("its input").write_all(said.as_bytes());
    child.wait_with_output().expect("its answer")
}

fn answer(arguments: &[&str]) -> Value {
    let output = portmedic(arguments, "");
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{text}\n{}", String::from_utf8_lossy(&output.stderr)))
}

/// What the helper replies on standard output.
fn replies(said: &str) -> Vec<Value> {
    let output = portmedic(&["helper"], said);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

fn refusal(replies: &[Value]) -> &str {
    let refused = replies.iter().find(|reply| reply["reply"] == "refused");
    refused.and_then(|reply| reply["because"].as_str()).unwrap_or_else(|| panic!("not refused: {replies:#?}"))
}

/// Whether the one step was done. What the system hands out afterwards Wine cannot show: it draws as Linux does.
#[track_caller]
fn is_done(case: &Value) {
    assert_eq!(case["steps"].as_array().map(Vec::len), Some(1), "{case:#}");
    assert_eq!(case["steps"][0]["result"], "done", "{case:#}");
}

/// Whether an exclusion is there, now and for the next start.
fn is_excluded(port: u16) -> bool {
    let ranges = answer(&["ranges", "--json"]);
    ranges.to_string().contains(&format!("\"start\":{port}"))
}

fn newest() -> Value {
    let history = answer(&["history", "--json"]);
    history["entries"]
        .as_array()
        .and_then(|entries| entries.iter().max_by_key(|entry| entry["time"].to_string()))
        .cloned()
        .unwrap_or_default()
}

#[test]
fn an_exclusion_goes_through_the_prompt_and_the_pipe_and_back_again() {
    let Some(_netsh) = Netsh::with("") else { return };
    is_done(&answer(&["exclude", "27017", "--yes", "--json", "--elevate", "uac"]));
    assert!(is_excluded(27017));
    assert_eq!(newest()["asker"]["by"], "uac");
    is_done(&answer(&["undo", "--yes", "--json", "--elevate", "uac"]));
    assert!(!is_excluded(27017));
}

#[test]
fn who_is_administrator_already_is_not_asked() {
    let Some(_netsh) = Netsh::with("") else { return };
    is_done(&answer(&["exclude", "27018", "--yes", "--json"]));
    assert_eq!(newest()["asker"]["by"], "administrator");
    is_done(&answer(&["undo", "--yes", "--json"]));
}

#[test]
fn what_is_no_request_is_refused() {
    for said in ["", "\n", "exclude 1433\n", "{}\n", "null\n"] {
        assert!(refusal(&replies(said)).contains("request"), "{said}");
    }
}

#[test]
fn an_operation_that_is_not_known_is_refused() {
    let step = json!({ "action": { "operation": "run_command", "command": "cmd" }, "before": null });
    let request = json!({ "version": 1, "id": "a", "job": { "job": "apply", "title": "t", "steps": [step] } });
    assert!(refusal(&replies(&format!("{request}\n"))).contains("run_command"));
}

#[test]
fn the_helper_does_not_speak_to_another_program() {
    // Nobody made this pipe, and this test is not PortMedic: it refuses before it has opened anything.
    let pipe = format!("portmedic-{}", "0".repeat(32));
    let output = portmedic(&["helper", "--pipe", &pipe, "--parent", &std::process::id().to_string()], "");
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true));
    let output = portmedic(&["helper", "--pipe", "somewhere-else", "--parent", &std::process::id().to_string()], "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no pipe of PortMedic"));
}
