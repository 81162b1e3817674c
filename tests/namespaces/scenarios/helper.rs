//! The privileged door, spoken to directly: it does what the protocol knows, and nothing else.

use std::fs;
use std::process::Command;

use portmedic::helper::protocol::MAX_LINE;
use serde_json::{Value, json};

use crate::answer::portmedic_with_input;
use crate::kernel::{self, RESERVED};
use crate::next_start::{files, next_start};
use crate::puppet::listen;
use crate::room::{self, Scenario};

pub const ALL: &[Scenario] = &[
    ("the helper does a step and reads it back", does),
    ("the helper leaves no half line in a journal without room", no_room),
    ("the helper refuses what is no request", no_request),
    ("the helper refuses an operation that it does not know", unknown_operation),
    ("the helper refuses fields that it does not know", unknown_field),
    ("the helper refuses another version", other_version),
    ("the helper refuses a request without end", endless),
    ("the helper refuses ports out of bounds", out_of_bounds),
    ("the helper refuses a plan where the computer has changed", changed),
    ("the helper stops at the first surprise", stops),
    ("the helper refuses a plan for a folder that is read-only", read_only),
    ("the helper removes what a killed one left behind", leftovers),
    ("the helper never ends the first process", first_process),
    ("the helper does not end a process that only has the number", other_process),
    ("the helper refuses names that are options or paths", bad_names),
];

/// Says this to the helper and gives its replies.
fn say(text: &str) -> Vec<Value> {
    let answer = portmedic_with_input(&["helper"], text);
    answer.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

/// A plan of these steps.
pub fn request(steps: &[Value]) -> Value {
    json!({ "version": 1, "id": "test", "job": { "job": "apply", "title": "A test", "steps": steps } })
}

/// A step that excludes a port.
pub fn exclude(port: i32, active_before: &str) -> Value {
    exclude_range(&json!({ "start": port, "end": port }), active_before)
}

fn exclude_range(range: &Value, active_before: &str) -> Value {
    let action = json!({ "operation": "add_exclusion", "range": range, "protocol": null, "stores": "both" });
    let before = json!({ "of": "exclusions", "active": active_before, "persistent": "", "own_file": null });
    json!({ "action": action, "before": before })
}

fn ask(steps: &[Value]) -> Vec<Value> {
    say(&format!("{}\n", request(steps)))
}

/// The result of each step that was begun.
pub fn results(replies: &[Value]) -> Vec<&str> {
    replies.iter().filter_map(|reply| reply["record"]["result"].as_str()).collect()
}

/// Demands that it was refused as a whole, with a reason in which `word` stands, and that nothing was changed.
#[track_caller]
pub fn is_refused(replies: &[Value], word: &str) {
    let because = replies.iter().find(|reply| reply["reply"] == "refused").and_then(|reply| reply["because"].as_str());
    assert!(because.is_some_and(|because| because.contains(word)), "refused because of \"{word}\"? {replies:#?}");
    assert!(results(replies).is_empty(), "{replies:#?}");
    is_untouched();
}

#[track_caller]
fn is_untouched() {
    assert_eq!(kernel::setting(RESERVED), "");
    assert!(files().is_empty(), "{:?}", files());
}

fn does() {
    let replies = ask(&[exclude(1433, "")]);
    assert_eq!(replies[0]["reply"], "hello");
    assert_eq!(results(&replies), ["done"], "{replies:#?}");
    let finished = replies.last().expect("a last reply");
    assert_eq!(finished["reply"], "finished");
    assert!(finished["entry"].is_string(), "a change is in the journal");
    assert_eq!(kernel::setting(RESERVED), "1433");
    assert_eq!(next_start(RESERVED).as_deref(), Some("1433"));
}

fn no_room() {
    const JOURNAL: &str = "/var/lib/portmedic/journal.jsonl";
    room::run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=8k,mode=755", "tmpfs", "/var/lib"]));
    fs::create_dir("/var/lib/portmedic").expect("its folder");
    // Room for the beginning of the entry, and for half of what comes then.
    fs::write(JOURNAL, "\n".repeat(2 * 4096 - 400)).expect("its journal");
    let replies = ask(&[exclude(1433, "")]);
    assert_eq!(results(&replies), ["refused"], "nothing is done that cannot be written down: {replies:#?}");
    is_untouched();
    let text = fs::read_to_string(JOURNAL).expect("its journal");
    let records: Vec<Value> =
        text.split_inclusive('\n').filter(|line| *line != "\n").map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(records[0]["record"], "begin");
    assert!(text.ends_with('\n'), "the last line is whole");
}

fn no_request() {
    for text in ["", "\n", "exclude 1433\n", "{}\n", "[]\n", "null\n"] {
        is_refused(&say(text), "request");
    }
}

fn unknown_operation() {
    is_refused(&ask(&[json!({ "action": { "operation": "run_command", "command": "id" }, "before": null })]), "run_command");
    is_refused(
        &ask(&[exclude(1433, ""), json!({ "action": { "operation": "run_command", "command": "id" }, "before": null })]),
        "run_command",
    );
}

fn unknown_field() {
    let mut step = exclude(1433, "");
    step["action"]["path"] = json!("/etc/passwd");
    is_refused(&ask(&[step]), "path");
    let mut whole = request(&[exclude(1433, "")]);
    whole["as_user"] = json!("root");
    is_refused(&say(&format!("{whole}\n")), "as_user");
}

fn other_version() {
    let mut whole = request(&[exclude(1433, "")]);
    whole["version"] = json!(2);
    is_refused(&say(&format!("{whole}\n")), "version");
}

fn endless() {
    let mut whole = request(&[exclude(1433, "")]);
    whole["id"] = json!("x".repeat(MAX_LINE));
    is_refused(&say(&format!("{whole}\n")), "too long");
}

fn out_of_bounds() {
    for (start, end) in [(0, 0), (70_000, 70_000), (1433, 1432), (-1, 80), (1, 65_536)] {
        is_refused(&ask(&[exclude_range(&json!({ "start": start, "end": end }), "")]), "");
    }
}

fn changed() {
    kernel::set(RESERVED, "5000");
    for steps in [&[exclude(1433, "")][..], &[exclude(1433, "5000"), exclude(1434, "")]] {
        let replies = ask(steps);
        let because = replies.iter().find(|reply| reply["reply"] == "refused").expect("a refusal")["because"].to_string();
        assert!(because.contains("5000"), "what has changed is said: {because}");
        assert!(results(&replies).is_empty(), "not even the first step was begun: {replies:#?}");
        assert_eq!(kernel::setting(RESERVED), "5000");
        assert!(files().is_empty(), "{:?}", files());
    }
}

fn stops() {
    let (mut first, mut last) = (listen("0.0.0.0:8080"), listen("0.0.0.0:8081"));
    full_folder();
    let replies = ask(&[end(first.pid(), started(first.pid())), exclude(1433, ""), end(last.pid(), started(last.pid()))]);
    let results = results(&replies);
    assert_eq!(results, ["done", "failed", "not_run"], "{replies:#?}");
    assert!(!first.lives());
    assert!(last.lives());
    assert_eq!(kernel::setting(RESERVED), "", "the running list went back");
    assert_eq!(files().into_keys().collect::<Vec<_>>(), ["/etc/sysctl.d/README"]);
}

/// A folder for the next start in which no file has room any more.
fn full_folder() {
    room::run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=4k,mode=755", "tmpfs", "/etc/sysctl.d"]));
    fs::write("/etc/sysctl.d/README", "x".repeat(4096)).expect("a file that fills it");
}

fn read_only() {
    room::run(Command::new("mount").args(["-o", "remount,bind,ro", "/etc"]));
    let mut holder = listen("0.0.0.0:8080");
    is_refused(&ask(&[end(holder.pid(), started(holder.pid())), exclude(1433, "")]), "read-only");
    assert!(holder.lives(), "not even the first step was begun");
}

fn leftovers() {
    let leftover = "/etc/sysctl.d/.portmedic-a1B2c3.new";
    fs::write(leftover, "net.ipv4.ip_local_reserved_ports = 1\n").expect("a leftover");
    assert_eq!(results(&ask(&[exclude(1433, "")])), ["done"]);
    assert!(!files().contains_key(leftover), "{:?}", files());
}

/// A step that ends a process.
fn end(pid: u32, started: u64) -> Value {
    let action = json!({ "operation": "end_process", "process": { "pid": pid, "started": started }, "name": "puppet" });
    json!({ "action": action, "before": { "of": "process", "alive": true } })
}

/// When a process started, in clock ticks since boot: field 22 of its `stat`.
fn started(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("its state");
    let (_, fields) = stat.rsplit_once(')').expect("its name in brackets");
    fields.split_whitespace().nth(19).expect("field 22").parse().expect("a number")
}

fn first_process() {
    is_refused(&ask(&[end(1, started(1))]), "process");
}

fn other_process() {
    let mut holder = listen("0.0.0.0:8080");
    let replies = ask(&[end(holder.pid(), started(holder.pid()) + 1)]);
    assert_eq!(results(&replies), ["already_done"], "the process that is meant is gone: {replies:#?}");
    assert!(holder.lives());
}

fn bad_names() {
    for name in ["--force", "../../etc/passwd", "/bin/sh", "a b.service", "", "x;id.service", "a\nb.service"] {
        let before = json!({ "of": "service", "state": "running", "main_pid": null });
        is_refused(&ask(&[json!({ "action": { "operation": "stop_service", "service": name }, "before": before })]), "name");
    }
}
