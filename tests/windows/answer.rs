//! Runs the executable and reads what it says.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;

/// Runs `portmedic` with these arguments.
pub fn portmedic(arguments: &[&str]) -> Assert {
    Command::cargo_bin("portmedic").expect("the executable under test").args(arguments).assert()
}

/// The JSON document that a command prints, and its exit code.
pub fn json(arguments: &[&str]) -> (Value, i32) {
    let answer = portmedic(&[arguments, &["--json"]].concat());
    let output = answer.get_output();
    let text = String::from_utf8_lossy(&output.stdout);
    let document = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {arguments:?}: {output:?}"));
    (document, output.status.code().expect("an exit code"))
}
