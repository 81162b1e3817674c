//! Runs the executable and reads what it says.

use std::path::PathBuf;
use std::sync::LazyLock;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;

/// The executable in a folder of this user's, as rights are not asked for where everybody may change it: the folder of the build may be
/// such a one.
pub static EXECUTABLE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = PathBuf::from(std::env::var_os("LOCALAPPDATA").expect("a user's folder")).join("PortMedic test");
    std::fs::create_dir_all(&folder).expect("a folder");
    let executable = folder.join("portmedic.exe");
    std::fs::copy(env!("CARGO_BIN_EXE_portmedic"), &executable).expect("a copy");
    executable
});

/// Runs `portmedic` with these arguments.
pub fn portmedic(arguments: &[&str]) -> Assert {
    Command::new(&*EXECUTABLE).args(arguments).assert()
}

/// The JSON document that a command prints, and its exit code.
pub fn json(arguments: &[&str]) -> (Value, i32) {
    let answer = portmedic(&[arguments, &["--json"]].concat());
    let output = answer.get_output();
    let text = String::from_utf8_lossy(&output.stdout);
    let document = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {arguments:?}: {output:?}"));
    (document, output.status.code().expect("an exit code"))
}

/// The service with this name in the answer of `portmedic services`.
pub fn service<'a>(answer: &'a Value, name: &str) -> Option<&'a Value> {
    answer["services"].as_array().unwrap().iter().find(|service| service["name"] == name)
}
