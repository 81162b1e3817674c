//! The promise of the command line that needs no socket: grammar, help, exit codes, one JSON document, no colour.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;

/// Every command of the promise.
const COMMANDS: &[&str] = &[
    "services", "diagnose", "owner", "ports", "ranges", "fix", "exclude", "range", "connect", "analyze", "report", "history",
    "undo", "practice",
];

/// Texts that are no target.
const NO_TARGETS: &[&str] =
    &["0", "70000", "65536", "-5", "1433/sctp", "1433/", "/tcp", "+80", "", " ", "../etc", "--force", "a/b"];

/// The executable without a display and without anything of this user's.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("portmedic").expect("the executable under test");
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin");
    // Without it no program of Windows opens a socket.
    if let Some(windows) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", windows);
    }
    command
}

fn portmedic(arguments: &[&str]) -> Assert {
    command(arguments).assert()
}

fn json(answer: &Assert) -> Value {
    let text = String::from_utf8_lossy(&answer.get_output().stdout).into_owned();
    serde_json::from_str(&text).expect("one JSON document")
}

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let mut help = portmedic(&["--help"]).success().stdout(contains("Exit codes"));
    for command in COMMANDS {
        help = help.stdout(contains(format!("\n  {command} ")));
    }
}

#[test]
fn every_command_has_help() {
    for command in COMMANDS {
        portmedic(&[command, "--help"]).success().stdout(contains("Usage: portmedic").and(contains(*command)));
    }
}

#[test]
fn the_helper_is_no_command_for_people() {
    portmedic(&["--help"]).stdout(contains("\n  helper").not());
    portmedic(&["helpr"]).code(2).stderr(contains("helpr").and(contains("'helper'").not()));
}

#[test]
fn the_version_is_told() {
    portmedic(&["--version"]).success().stdout(contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_command_is_bad_usage() {
    portmedic(&["heal"]).code(2).stderr(contains("heal"));
    portmedic(&["diagnose", "1433", "--loudly"]).code(2).stderr(contains("--loudly"));
}

#[test]
fn what_is_no_target_is_bad_usage_and_shows_what_one_looks_like() {
    for target in NO_TARGETS {
        for command in ["diagnose", "fix"] {
            let answer = portmedic(&[command, "--", target]).code(2).stdout(is_empty());
            answer.stderr(contains("1433").and(contains("nginx")));
        }
    }
}

#[test]
fn what_is_no_port_is_bad_usage() {
    for port in NO_TARGETS.iter().chain(&["nginx"]) {
        portmedic(&["owner", "--", port]).code(2).stdout(is_empty()).stderr(contains("port"));
        portmedic(&["exclude", "--yes", "--", port]).code(2).stdout(is_empty()).stderr(contains("port"));
    }
}

/// Command lines that are wrong, and what the message must name.
const WRONG: &[(&[&str], &str)] = &[
    (&["diagnose", "70000"], "70000"),
    (&["owner", "70000"], "70000"),
    (&["exclude", "70000"], "70000"),
    (&["range", "40000"], "40000"),
    (&["heal"], "heal"),
    (&["diagnose"], "what does not work"),
    (&["diagnose", "1433", "--loudly"], "--loudly"),
    (&["ports", "--state", "open"], "\"open\""),
    (&["ports", "--state", ""], "--state"),
    (&["ports", "--state"], "--state"),
    (&["ports", "--pid", "nginx"], "\"nginx\""),
    (&["ports", "--pid", "-5"], "\"-5\""),
    (&["ports", "--pid", "4294967296"], "\"4294967296\""),
    (&["fix", "1", "--option", "first"], "\"first\""),
    (&["fix", "1", "--option", "0"], "\"0\""),
    (&["fix", "1", "--option", "-1"], "\"-1\""),
    (&["fix", "1", "--elevate", "su"], "\"su\""),
    (&["range", "40000-50000", "--family", "ipx"], "\"ipx\""),
    (&["undo", "no-such-change"], "no-such-change"),
];

#[test]
fn an_error_is_one_json_document_too() {
    for (arguments, name) in WRONG {
        for place in [0, arguments.len()] {
            let mut arguments = arguments.to_vec();
            arguments.insert(place, "--json");
            if arguments.ends_with(&["--state", "--json"]) {
                continue; // The word is the value then.
            }
            let document = json(&portmedic(&arguments).code(2));
            assert_eq!(document["schema"], "portmedic.error/1", "{arguments:?}");
            let text = document["error"].as_str().unwrap_or_default();
            assert!(text.contains(name) && !text.contains('\n') && !text.starts_with("error"), "{arguments:?}: {text}");
        }
    }
}

#[test]
fn an_error_is_told_in_plain_words_of_our_own() {
    for (arguments, name) in WRONG {
        let answer = portmedic(arguments).code(2).stdout(is_empty());
        answer.stderr(contains(*name).and(predicates::str::starts_with("portmedic: ")).and(contains("[possible").not()));
    }
    portmedic(&["ports", "--state", "open"]).stderr(contains("listen").and(contains("time-wait")));
    portmedic(&["ports", "--pid", "nginx"]).stderr(contains("digits").and(contains("portmedic ports")));
    portmedic(&["fix", "1", "--elevate", "su"]).stderr(contains(if cfg!(windows) { "uac, none" } else { "pkexec, run0, sudo" }));
}

#[test]
fn what_was_typed_cannot_steer_the_terminal() {
    for arguments in [&["diagnose", "a/\u{1b}[31m"][..], &["\u{202e}"], &["ports", "--state", "\u{202e}"]] {
        let stderr = portmedic(arguments).code(2).get_output().stderr.clone();
        let text = String::from_utf8(stderr).expect("text");
        assert!(text.contains(r"\u{") && !text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn the_window_has_no_json() {
    let answer = portmedic(&["--json"]).code(2).stderr(contains("--help"));
    let document = json(&answer);
    assert_eq!(document["schema"], "portmedic.error/1");
    assert!(document["error"].as_str().is_some_and(|text| text.contains("window")), "{document:#}");
}

#[test]
fn help_and_version_stay_texts() {
    for arguments in [["--help", "--json"], ["--version", "--json"], ["--json", "--help"]] {
        portmedic(&arguments).success().stdout(contains("portmedic").and(contains("schema").not()));
    }
}

#[test]
fn a_service_that_is_not_there_is_told_by_name() {
    portmedic(&["diagnose", "no-such-service-here"]).code(2).stdout(is_empty()).stderr(contains("no-such-service-here"));
}

/// Only a person can correct the address in a configuration.
const BY_HAND: &str = "bind() to 203.0.113.9:8085 failed (99: Cannot assign requested address)";

#[test]
fn what_only_a_person_can_fix_is_not_fixed() {
    let document = json(&portmedic(&["fix", BY_HAND, "--yes", "--json"]).code(1));
    assert_eq!(document["outcome"], "not_fixed");
    assert!(document["message"].as_str().is_some_and(|text| text.contains("person")), "{document:#}");
    portmedic(&["fix", BY_HAND, "--yes"]).code(1).stdout(contains("needs a person").and(contains("by hand")));
}

#[test]
fn where_nothing_was_to_be_tried_there_is_no_outcome() {
    // No error text of a conflict, and no service: nothing is wrong with the port itself.
    for (arguments, code) in [(&["fix", "1", "--yes", "--json"][..], 0), (&["fix", BY_HAND, "--dry-run", "--json"], 1)] {
        let document = json(&portmedic(arguments).code(code));
        assert_eq!(document["schema"], "portmedic.case/1");
        assert!(document["outcome"].is_null() && document["steps"].is_null(), "{arguments:?}: {document:#}");
        assert!(document["message"].as_str().is_some_and(|text| text.contains("changed")), "{arguments:?}: {document:#}");
    }
    portmedic(&["fix", "1", "--dry-run"]).code(0).stdout(contains("Nothing needs to be fixed"));
}

#[cfg(target_os = "linux")] // Windows has always one
#[test]
fn where_no_service_manager_runs_the_services_are_not_taken_for_none() {
    if std::path::Path::new("/run/systemd/system").exists() {
        return; // The labs see the services of a computer with systemd.
    }
    for arguments in [&["services"][..], &["services", "--failing"]] {
        portmedic(arguments).code(2).stdout(contains("could not be listed").and(contains("systemd does not run")));
    }
    let document = json(&portmedic(&["services", "--json"]).code(2));
    assert_eq!((&document["schema"], &document["gaps"][0]["what"]), (&"portmedic.services/1".into(), &"the services".into()));
}

#[test]
fn answers_are_plain_where_nobody_looks() {
    // A terminal that has colours is named, and standard output and error are pipes all the same.
    for arguments in [
        &["diagnose", "1"][..],
        &["fix", BY_HAND, "--dry-run"],
        &["ports"],
        &["ranges"],
        &["history"],
        &["owner", "1"],
        &["exclude", "--help"],
        &["--help"],
        &["diagnose", "70000"],
        &["heal"],
    ] {
        let mut command = Command::cargo_bin("portmedic").expect("the executable under test");
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor");
        let output = command.output().expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("text");
        assert!(text.trim().len() > 10, "{arguments:?} says something: {text:?}");
        let control = text.chars().find(|character| character.is_control() && *character != '\n');
        assert_eq!(control, None, "{arguments:?} writes control characters into a pipe: {text:?}");
    }
}

#[test]
fn each_json_document_names_its_form() {
    for (arguments, schema) in [
        (&["diagnose", "1", "--json"][..], "portmedic.case/1"),
        (&["owner", "1", "--json"], "portmedic.owner/1"),
        (&["ports", "--json"], "portmedic.ports/1"),
        (&["ranges", "--json"], "portmedic.ranges/1"),
        (&["audit", "--json"], "portmedic.audit/1"),
        (&["connect", "127.0.0.1", "1", "--json"], "portmedic.connect/1"),
        (&["history", "--json"], "portmedic.history/1"),
    ] {
        assert_eq!(json(&portmedic(arguments))["schema"], schema, "{arguments:?}");
    }
}

#[test]
fn what_names_nothing_to_connect_to_is_bad_usage() {
    for arguments in [
        &["connect"][..],
        &["connect", "db1"],
        &["connect", "db1", "0"],
        &["connect", "db1", "70000"],
        &["connect", "", "80"],
        &["connect", "a b", "80"],
        &["connect", "db1:80", "81"],
        &["connect", "--timeout", "0", "db1", "80"],
        &["connect", "127.0.0.1", "1", "--to", "case.exe"],
    ] {
        portmedic(arguments).code(2).stdout(is_empty()).stderr(is_empty().not());
    }
}

#[test]
fn a_computer_that_is_known_from_files_is_not_asked_and_its_sockets_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("netstat.txt");
    let rows = "Active Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID\r\n  \
                TCP    127.0.0.1:1433         0.0.0.0:0              LISTENING       2944\r\n";
    fs::write(&file, rows).expect("a file");
    let file = file.display().to_string();
    for (port, cause) in [("1433", "loopback_only"), ("1434", "nothing_listens")] {
        let answer = portmedic(&["connect", "10.0.0.5", port, "--json", "--captured", &file]).code(1);
        let answer = json(&answer);
        assert_eq!(answer["verdict"]["cause"], cause, "{answer:#}");
        let asked = answer["items"].as_array().into_iter().flatten().find(|item| item["id"] == "answer");
        assert_eq!(asked.expect("an item")["answer"], "could_not_check");
    }
}

#[test]
fn files_without_a_socket_table_do_not_say_that_nobody_has_a_port() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sysctl.txt");
    fs::write(&file, "net.ipv4.ip_local_port_range = 32768\t60999\n").expect("a file");
    let file = file.display().to_string();
    let answer = portmedic(&["owner", "1433", "--json", "--captured", &file]).code(2);
    let answer = json(&answer);
    assert_eq!(answer["gaps"].as_array().map(Vec::len), Some(2), "TCP and UDP: {answer:#}");
    let told = contains("do not show whether anybody has port 1433").and(contains("ss -tanp"));
    portmedic(&["owner", "1433", "--captured", &file]).code(2).stdout(told.and(contains("Only the control group").not()));
    let told = contains("do not show the sockets").and(contains("ss -uanp"));
    portmedic(&["ports", "--captured", &file]).code(2).stdout(told);
}

/// The address is one that no computer has.
#[test]
fn a_client_that_another_computer_refused_is_told_to_ask_that_one() {
    let text = "psql: error: connection to server at \"203.0.113.7\", port 5432 failed: Connection refused";
    let answer = json(&portmedic(&["diagnose", text, "--json"]).code(1));
    assert_eq!(answer["verdict"]["headline"], "Another computer refused port 5432", "{answer:#}");
    assert!(answer["verdict"]["next_step"].as_str().is_some_and(|step| step.contains("portmedic connect 203.0.113.7 5432")));
    assert_eq!(answer["plan"]["options"].as_array().map(Vec::len), Some(0), "nothing is to be done here");
}

#[cfg(target_os = "linux")] // Windows has always a display
#[test]
fn without_a_display_the_commands_are_named() {
    let answer = portmedic(&[]).code(2).stdout(is_empty());
    answer.stderr(contains("display").and(contains("portmedic diagnose")).and(contains("portmedic fix")));
}

/// The same with a folder of its own for what the user's commands leave behind.
fn portmedic_in(folder: &Path, arguments: &[&str]) -> Assert {
    command(arguments)
        .env(if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_STATE_HOME" }, folder.join("state"))
        .current_dir(folder)
        .assert()
}

#[test]
fn the_last_case_becomes_a_report_of_every_form() {
    let folder = tempfile::tempdir().expect("a folder");
    portmedic_in(folder.path(), &["diagnose", "1"]);
    for (file, begin) in [
        ("a.html", "<!DOCTYPE html>"),
        ("a.MD", "# "),
        ("a.json", "{"),
        ("a.csv", "\"part\""),
        ("a.sh", "#!/bin/sh"),
        ("a.ps1", "# "),
    ] {
        portmedic_in(folder.path(), &["report", "--to", file]).success().stdout(contains(file));
        let text = fs::read(folder.path().join(file)).expect("the report");
        assert!(text.starts_with(begin.as_bytes()), "{file}: {}", String::from_utf8_lossy(&text));
    }
    let screen = portmedic_in(folder.path(), &["report", "--to", "-", "--format", "md"]).success();
    assert_eq!(screen.get_output().stdout, fs::read(folder.path().join("a.MD")).expect("the report"));
}

#[cfg(unix)]
#[test]
fn the_last_case_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a folder");
    portmedic_in(folder.path(), &["diagnose", "1"]);
    let kept = folder.path().join("state/portmedic/last-case.json");
    assert_eq!(fs::metadata(&kept).expect("the last case").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_practice_machine_leaves_the_last_case_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let machines = json(&portmedic_in(folder.path(), &["practice", "--json"]));
    let name = machines["machines"][0]["name"].as_str().expect("a practice machine").to_owned();
    portmedic_in(folder.path(), &["--practice", &name, "diagnose", "1433", "--to", "practice.json"]);
    assert!(!folder.path().join("state").exists());
    portmedic_in(folder.path(), &["report", "--to", "b.md", "--case", "practice.json"]).success();
    portmedic_in(folder.path(), &["--practice", &name, "report", "--to", "c.md"]).code(2).stderr(contains("--case"));
}

#[test]
fn a_report_without_a_case_says_what_to_run_first() {
    let folder = tempfile::tempdir().expect("a folder");
    portmedic_in(folder.path(), &["report", "--to", "a.md"]).code(2).stderr(contains("portmedic diagnose"));
    portmedic_in(folder.path(), &["report", "--to", "a.md", "--case", "none.json"]).code(2).stderr(contains("it is not there"));
    fs::write(folder.path().join("b.json"), "{\"schema\": \"portmedic.case/2\"}").expect("a file");
    portmedic_in(folder.path(), &["report", "--to", "a.md", "--case", "b.json"]).code(2).stderr(contains("portmedic.case/2"));
}

#[test]
fn a_report_needs_a_name_that_tells_its_form() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["report", "--to", "a.pdf"][..], &["diagnose", "1", "--to", "a"], &["fix", "1", "--to", "a.txt"]] {
        let answer = portmedic_in(folder.path(), arguments).code(2).stdout(is_empty());
        answer.stderr(contains(".html").and(contains(".ps1")));
    }
    portmedic_in(folder.path(), &["report", "--to", "-"]).code(2).stderr(contains("--format"));
}

#[test]
fn a_report_into_a_folder_that_is_not_there_is_refused_before_anything_is_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    for command in ["diagnose", "fix"] {
        let arguments = [command, "1433", "--to", "none/x.html"];
        portmedic_in(folder.path(), &arguments).code(2).stdout(is_empty()).stderr(contains("the folder none is not there"));
    }
}

#[cfg(target_os = "linux")] // its commands are Linux's
#[test]
fn the_script_of_a_change_has_its_commands() {
    let folder = tempfile::tempdir().expect("a folder");
    portmedic_in(folder.path(), &["exclude", "1433", "--dry-run"]);
    let script = portmedic_in(folder.path(), &["report", "--to", "-", "--format", "sh"]).success();
    script.stdout(contains("ip_local_reserved_ports").and(contains("left out").not()));
}

#[test]
fn a_file_that_is_there_is_replaced_on_demand_only() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.md"), "of somebody else").expect("a file");
    for arguments in [&["diagnose", "1", "--to", "a.md"][..], &["fix", "1", "--dry-run", "--to", "a.md"]] {
        portmedic_in(folder.path(), arguments).code(2).stdout(is_empty()).stderr(contains("--force"));
    }
    assert_eq!(fs::read(folder.path().join("a.md")).expect("the file"), b"of somebody else");
    portmedic_in(folder.path(), &["diagnose", "1", "--to", "a.md", "--force"]).stdout(contains("The report is saved as a.md"));
    assert!(fs::read(folder.path().join("a.md")).expect("the file").starts_with(b"# "));
}

#[test]
fn the_answer_about_a_report_is_one_json_document_without_what_is_hidden() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = json(&portmedic_in(folder.path(), &["diagnose", "1", "--json", "--to", "a.html"]));
    assert_eq!(case["schema"], "portmedic.case/1");
    let answer = portmedic_in(folder.path(), &["report", "--to", "b.html", "--json"]).success();
    let document = json(&answer);
    assert_eq!((&document["schema"], &document["format"]), (&"portmedic.report/1".into(), &"html".into()));
    let computer = case["host"]["name"].as_str().expect("a name");
    if !document["hidden"].as_array().expect("a list").is_empty() {
        assert!(document["hidden"][0]["word"].as_str().is_some_and(|word| word.ends_with("-1")), "{document:#}");
    }
    let page = String::from_utf8(fs::read(folder.path().join("b.html")).expect("the report")).expect("text");
    assert!(!page.contains(&format!("<dd>{computer}</dd>")), "the name of the computer is hidden");
}
