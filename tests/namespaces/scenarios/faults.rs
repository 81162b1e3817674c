//! Each system call of the real helper fails once (`strace` has the kernel refuse it, or kills the helper right before it): what the helper
//! says and what its journal tells is so, and undo brings back what was there.
//!
//! `cargo test` goes through every call that changes something or makes it last. With `PORTMEDIC_FAULTS=all` it is every call of the
//! helper's main thread, which takes very long. The room has no service manager; `tests/lab/faults.sh` does the same with its commands.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use portmedic::helper::protocol::Reply;
use portmedic::platform::live;
use portmedic::remedy::{StepRecord, StepResult};

use super::cut::{JOURNAL, Settings, entries, operations, plan, settings, start_anew, take_back, undo_newest};
use crate::answer::{executable, portmedic_with_input, run};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("a helper of whose system calls each fails once tells the truth and leaves a way back", fails),
    ("a helper that is killed before any of its system calls leaves a way back", killed),
    ("a helper whose changes are answered with a yes and not made does not believe it", lied_to),
    ("an undo of whose system calls each fails once tells the truth and can be run again", fails_back),
    ("what the helper replaces is on the disk before it takes its place, and so is its name", lasts),
];

/// The calls that change something, or make it last.
const CHANGES: &[&str] = &[
    "write",
    "fsync",
    "fdatasync",
    "renameat",
    "renameat2",
    "rename",
    "fchmod",
    "fchown",
    "mkdir",
    "unlink",
    "unlinkat",
    "rmdir",
    "ftruncate",
    "openat",
    "chdir",
    "setsid",
    "umask",
    "lseek",
    "flock",
];

/// The first call of a helper at work.
const FIRST: &str = "umask";

/// Whether a call of a trace is one of them. Opening a file to read it changes nothing.
fn changes(name: &str, line: &str) -> bool {
    CHANGES.contains(&name) && (name != "openat" || ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| line.contains(flag)))
}

/// A call: its name, and its place among those of the same name, counted from 1.
type Call = (String, usize);

/// The helper with this done to one of its calls. Only its main thread is traced: the others hear and speak, and what happens where nobody
/// listens has tests of its own.
fn helper_with(call: &Call, what: &str) -> Command {
    let (name, number) = call;
    let mut strace = Command::new("strace");
    strace.args([
        "-qqq",
        "-o",
        "/dev/null",
        "-e",
        &format!("trace={name}"),
        "-e",
        &format!("inject={name}:{what}:when={number}"),
    ]);
    strace.args([&executable(), "helper"]);
    strace
}

/// The lines of a trace of the helper.
fn trace(request: &str) -> Vec<String> {
    let mut strace = Command::new("strace");
    strace.args(["-qqq", "-y", "-s", "64", "-o", "/run/trace", &executable(), "helper"]);
    assert_eq!(run(&mut strace, request).code, 0);
    fs::read_to_string("/run/trace").expect("a trace").lines().map(str::to_owned).collect()
}

/// The calls that the helper makes for this request.
fn calls(request: &str) -> Vec<Call> {
    let all = std::env::var_os("PORTMEDIC_FAULTS").is_some_and(|value| value == "all");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut calls = Vec::new();
    // Until it leaves the surroundings of whoever started it, it is any program that is loaded.
    let mut is_at_work = all;
    for line in trace(request) {
        let Some((name, _)) = line.split_once('(') else { continue };
        is_at_work |= name == FIRST;
        let count = counts.entry(name.to_owned()).or_default();
        *count += 1;
        // What starts and ends a program cannot fail.
        if is_at_work && (all || changes(name, &line)) && !["execve", "exit_group", "exit"].contains(&name) {
            calls.push((name.to_owned(), *count));
        }
    }
    assert!(calls.len() > 30, "{calls:?}");
    calls
}

/// What the helper said of each step.
fn records(said: &str) -> Vec<StepRecord> {
    let record = |line: &str| match serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")) {
        Reply::StepFinished { record, .. } => Some(*record),
        _ => None,
    };
    said.lines().filter_map(record).collect()
}

/// What is told of a plan is so: a step that is told as done is, one that is told as not begun has changed nothing, and every other one says
/// why and what is there now.
fn is_true(said: &[StepRecord], before: &Settings, call: &Call) {
    if said.iter().all(|record| !record.has_changed()) && entries().iter().all(|entry| !entry.has_changed()) {
        assert_eq!(settings(), *before, "{call:?}: nothing is told of a change: {said:#?}");
    }
    let told = entries().pop();
    for (index, operation) in operations().iter().enumerate() {
        let now = live().state_of(operation).expect("a state");
        let in_journal = told.as_ref().and_then(|entry| entry.steps.get(index)).filter(|step| !step.interrupted);
        for record in said.get(index).into_iter().chain(in_journal.map(|step| &step.record)) {
            match record.result {
                StepResult::Done | StepResult::AlreadyDone => assert!(operation.is_reached_in(&now), "{call:?}: {record:#?}"),
                StepResult::NotRun | StepResult::Refused => assert!(!operation.is_reached_in(&now), "{call:?}: {record:#?}"),
                StepResult::Failed | StepResult::NotVerified => {
                    assert!(record.message.is_some(), "{call:?}: {record:#?}");
                    if let Some(after) = &record.after {
                        assert_eq!(operation.drift(after, &now), None, "{call:?}: {record:#?}");
                    }
                }
            }
        }
    }
}

/// Does `what` to each call of the helper in turn; gives the number of calls, and how many of them changed what became of the plan.
fn each(what: &[&str]) -> (usize, usize) {
    let before = start_anew();
    let calls = calls(&plan());
    take_back(&before, "with nothing wrong");
    let mut noticed = 0;
    for call in &calls {
        for what in what {
            assert_eq!(start_anew(), before);
            let output = run_to_its_end(&mut helper_with(call, what), &plan());
            noticed += usize::from(output.code != Some(0));
            is_true(&records(&output.said), &before, call);
            take_back(&before, format!("{call:?} {what}"));
        }
    }
    eprintln!("{} calls, {noticed} of {} noticed", calls.len(), calls.len() * what.len());
    (calls.len(), noticed)
}

fn fails() {
    let (calls, noticed) = each(&["error=EIO", "error=ENOSPC"]);
    assert!(noticed > calls / 4, "{noticed} of {calls}");
}

fn killed() {
    let (calls, noticed) = each(&["signal=KILL"]);
    assert_eq!(calls, noticed, "each ends it");
}

/// Only what changes files and the kernel: no kernel says yes to the rest without doing it.
fn lied_to() {
    let before = start_anew();
    let of =
        |names: &[&str]| -> Vec<Call> { calls(&plan()).into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect() };
    let calls = of(&["renameat", "renameat2", "rename", "fsync", "fdatasync", "fchmod"]);
    take_back(&before, "with nothing wrong");
    for call in &calls {
        assert_eq!(start_anew(), before);
        let output = run_to_its_end(&mut helper_with(call, "retval=0"), &plan());
        let records = records(&output.said);
        is_true(&records, &before, call);
        if call.0.starts_with("rename") {
            assert!(records.iter().any(|record| record.result == StepResult::NotVerified), "{call:?}: {records:#?}");
        }
        take_back(&before, format!("{call:?} without effect"));
    }
}

fn fails_back() {
    let before = start_anew();
    let change = || assert_eq!(portmedic_with_input(&["helper"], &plan()).code, 0);
    change();
    let calls = calls(&undo_newest());
    for call in &calls {
        assert_eq!(start_anew(), before);
        change();
        let output = run_to_its_end(&mut helper_with(call, "error=EIO"), &undo_newest());
        if output.code == Some(0) {
            assert_eq!(settings(), before, "{call:?}: it said that all was taken back: {}", output.said);
        }
        // An undo that failed halfway is taken up again.
        take_back(&before, format!("{call:?}, back"));
    }
}

fn lasts() {
    start_anew();
    fs::remove_dir_all("/var/lib/portmedic").ok();
    let lines = trace(&plan());
    let after = |at: usize, wanted: &str| lines[at..].iter().position(|line| line.contains(wanted)).map(|found| at + found);
    let replaced: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("rename")).collect();
    assert!(replaced.len() >= 2, "both lists are replaced");
    for at in replaced {
        let before = &lines[..at];
        let written =
            before.iter().rposition(|line| line.starts_with("write(") && line.contains(".portmedic-")).expect("a new text");
        assert!(before[written..].iter().any(|line| line.starts_with("fsync(") && line.contains(".portmedic-")), "{}", lines[at]);
        let folder = after(at, "fsync(").expect("the folder is kept");
        assert!(lines[folder].contains("</etc/sysctl.d>"), "{}", lines[folder]);
    }
    // The journal is on the disk before each change, and its folder too.
    let journal = after(0, "fsync(").expect("the journal's folder is kept");
    assert!(lines[journal].contains("</var/lib/portmedic>"), "{}", lines[journal]);
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("write(") && line.contains("/proc/sys/")) {
        let told = lines[..at].iter().rposition(|line| line.starts_with("write(") && line.contains(JOURNAL)).expect("it is told");
        assert!(lines[told..at].iter().any(|line| line.starts_with("fdatasync(") && line.contains(JOURNAL)), "{line}");
    }
}

/// What a run said, and how it ended.
struct Output {
    code: Option<i32>,
    said: String,
}

fn run_to_its_end(command: &mut Command, input: &str) -> Output {
    use std::io::Write as _;
    use std::process::Stdio;

    let mut child = command
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("strace starts");
    // A helper that ends early does not read all of it.
    child.stdin.take().expect("its input").write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().expect("it ends");
    // A helper that is killed may leave half a reply.
    let text = String::from_utf8_lossy(&output.stdout);
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    Output { code: output.status.code(), said: whole.to_owned() }
}
