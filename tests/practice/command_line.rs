//! Every command on a practice machine says that it is one, and touches nothing real.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};
use serde_json::Value;

/// Commands with what they must say on the machine `postgresql-client`, and their exit code.
const COMMANDS: &[(&[&str], i32, &str)] = &[
    (&["services", "--failing"], 1, "postgresql.service"),
    (&["diagnose", "5432"], 1, "backup-agent"),
    (&["diagnose"], 1, "backup-agent"),
    (&["owner", "5432"], 0, "backup-agent.service"),
    (&["ports"], 0, "10.20.0.15:5432"),
    (&["ranges"], 0, "1024-15000"),
    (&["fix", "postgresql", "--yes"], 0, "Fixed: PostgreSQL runs and listens on 5432"),
    (&["fix", "--yes"], 0, "Fixed: PostgreSQL runs and listens on 5432"),
    (&["exclude", "5432", "--yes"], 0, "5432"),
    (&["range", "32768-60999", "--yes"], 0, "32768"),
    (&["audit"], 1, "5432/tcp"),
    (&["audit", "--fix", "--yes"], 0, "Fixed: no fixed port is at risk any more"),
    (&["history"], 0, "changed nothing"),
    (&["recheck"], 0, "a practice machine is never restarted"),
];

fn portmedic(arguments: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("portmedic").expect("the executable under test");
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").assert()
}

fn json(answer: &Assert) -> Value {
    serde_json::from_slice(&answer.get_output().stdout).expect("one JSON document")
}

#[test]
fn what_a_person_reads_begins_with_the_name_of_the_machine() {
    for (arguments, code, text) in COMMANDS {
        let arguments = [*arguments, &["--practice", "postgresql-client"]].concat();
        portmedic(&arguments)
            .code(*code)
            .stdout(starts_with("Practice machine postgresql-client: nothing real is changed\n").and(contains(*text)));
    }
}

#[test]
fn a_dry_run_of_what_is_so_already_shows_no_plan() {
    let answer = portmedic(&["exclude", "5432", "--remove", "--dry-run", "--practice", "postgresql-client"]).code(0);
    answer.stdout(contains("It is as you ask already").and(contains("sysctl").not()));
}

#[test]
fn what_a_program_reads_names_the_machine() {
    for (arguments, code, _) in COMMANDS {
        let arguments = [*arguments, &["--json", "--practice", "postgresql-client"]].concat();
        let answer = json(&portmedic(&arguments).code(*code));
        assert_eq!(answer["practice"], "postgresql-client", "{arguments:?}");
        assert!(answer["schema"].as_str().is_some_and(|schema| schema.starts_with("portmedic.")), "{arguments:?}");
    }
}

#[test]
fn a_real_computer_has_no_story_that_names_what_to_look_into() {
    portmedic(&["diagnose"]).code(2).stdout(is_empty()).stderr(contains("a port (1433, 53/udp), a service (nginx)"));
}

#[test]
fn a_practice_machine_has_no_tasks_that_could_be_installed() {
    for wish in ["--install", "--remove"] {
        let arguments = ["recheck", wish, "--yes", "--practice", "postgresql-client"];
        portmedic(&arguments)
            .code(2)
            .stderr(contains("a practice machine has no tasks").or(contains("A practice machine has no tasks")));
    }
}

#[test]
fn a_trace_is_started_on_windows_alone() {
    let start = |machine| portmedic(&["exhaustion", "--trace", "start", "--yes", "--practice", machine]);
    start("leak-windows").code(0).stdout(contains("Fixed: the trace runs"));
    start("leak-linux").code(2).stderr(contains("only Windows has this setting"));
    portmedic(&["exhaustion", "--trace", "stop", "--practice", "leak-windows"]).code(0).stdout(contains("as you ask already"));
    portmedic(&["exhaustion", "--trace", "start", "--watch", "--practice", "leak-windows"]).code(2);
}

#[test]
fn nothing_is_there_to_take_back_in_a_new_command() {
    portmedic(&["undo", "--yes", "--practice", "postgresql-client"]).code(2).stderr(contains("nothing to take back"));
}

#[test]
fn an_unknown_machine_is_answered_with_the_known_ones() {
    let known = contains("sql-client").and(contains("postgresql-client"));
    portmedic(&["services", "--practice", "sql-clint"]).code(2).stdout(is_empty()).stderr(known);
    let answer = json(&portmedic(&["services", "--json", "--practice", "sql-clint"]).code(2));
    assert_eq!(answer["schema"], "portmedic.error/1");
    portmedic(&["practice", "sql-clint"]).code(2).stderr(contains("sql-clint"));
}

#[test]
fn a_machine_of_ones_own_is_read_from_its_file() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/practice/apache-on-80.toml");
    portmedic(&["fix", "nginx", "--yes", "--practice", file])
        .success()
        .stdout(starts_with("Practice machine apache-on-80").and(contains("Fixed: nginx runs")));
}

#[test]
fn the_machines_are_listed_with_what_to_check() {
    portmedic(&["practice"]).success().stdout(contains("sql-client").and(contains("Windows")).and(contains("MSSQLSERVER")));
    let answer = json(&portmedic(&["practice", "--json"]).success());
    assert_eq!(answer["schema"], "portmedic.practice/1");
    let machines = answer["machines"].as_array().expect("a list");
    assert!(machines.iter().any(|machine| machine["name"] == "sql-client" && machine["system"] == "windows"));
}

#[cfg(target_os = "linux")] // Windows has always a display
#[test]
fn the_window_is_not_opened_for_a_machine_without_a_display() {
    portmedic(&["practice", "postgresql-client"]).code(2).stderr(contains("display"));
}
