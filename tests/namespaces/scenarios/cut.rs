//! The real helper is ended between any two steps, forth and back: the journal tells the truth, and undo brings back what was there.

use std::fs;
use std::io::{PipeReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use portmedic::helper::journal::{Entry, read};
use portmedic::helper::protocol::{Job, PlannedStep, Request, VERSION};
use portmedic::platform::live;
use portmedic::remedy::{Operation, Stores};

use crate::answer::{executable, portmedic, portmedic_with_input};
use crate::kernel::{self, RANGE, RESERVED, wait_until};
use crate::next_start::files;
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("a helper that is killed between any two steps leaves a true journal and a way back", killed_forth),
    ("a helper that is killed while it takes back can be run again", killed_back),
    ("a helper that ends in the middle of any line of its journal leaves a way back", cut_lines),
    ("a helper whose asker is gone ends after its step and leaves a true journal", left_alone),
    ("a second program is told who changes the computer, and changes nothing", two_at_once),
];

pub const JOURNAL: &str = "/var/lib/portmedic/journal.jsonl";
/// The least that a pipe holds.
const PIPE: usize = 4096;
/// The signal of a file that grows beyond its limit.
const SIGXFSZ: i32 = 25;

pub type Settings = (String, String, std::collections::BTreeMap<String, String>);

/// What the kernel and the next start have.
pub fn settings() -> Settings {
    (kernel::setting(RESERVED), kernel::setting(RANGE), files())
}

/// What the plan does.
pub fn operations() -> Vec<Operation> {
    let add = |port: &str| Operation::AddExclusion { range: port.parse().expect("a port"), protocol: None, stores: Stores::Both };
    let range = "20000-29999".parse().expect("ports");
    vec![add("1433"), Operation::SetDynamicRange { range, protocol: None, family: None, stores: Stores::Both }, add("8080")]
}

fn said(job: Job) -> String {
    // Each is taken once.
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let id = format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let request = Request { version: VERSION, id, job };
    format!("{}\n", serde_json::to_string(&request).expect("a request"))
}

/// A request for it.
pub fn plan() -> String {
    let step = |action: Operation| PlannedStep { before: live().state_of(&action).ok(), action };
    said(Job::Apply { title: "Three steps".to_owned(), steps: operations().into_iter().map(step).collect(), purpose: None })
}

/// A request that takes the newest entry back.
pub fn undo_newest() -> String {
    said(Job::undo(entries().pop().expect("an entry").id))
}

/// The entries of the journal; none where there is no journal.
pub fn entries() -> Vec<Entry> {
    read(fs::read_to_string(JOURNAL).unwrap_or_default().lines())
}

/// How many lines the journal has.
fn lines() -> usize {
    fs::read_to_string(JOURNAL).unwrap_or_default().lines().filter(|line| !line.is_empty()).count()
}

/// A helper at work that cannot say more than so many bytes.
struct Held {
    helper: Child,
    replies: PipeReader,
}

/// Starts the helper with this request; after `room` bytes its next reply waits for somebody to read it.
fn hold(request: &str, room: usize) -> Held {
    let (replies, mut full) = std::io::pipe().expect("a pipe");
    let size = rustix::pipe::fcntl_setpipe_size(&full, PIPE).expect("a small pipe");
    full.write_all(&vec![b' '; size - room]).expect("a pipe with little room left");
    let mut helper = Command::new(executable())
        .arg("helper")
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::null())
        .spawn()
        .expect("the helper starts");
    helper.stdin.as_mut().expect("its input").write_all(request.as_bytes()).expect("a request");
    Held { helper, replies }
}

impl Held {
    /// Kills it as `kill -9` does.
    fn kill(mut self) {
        self.helper.kill().expect("it is killed");
        self.helper.wait().expect("it has ended");
    }
}

/// How many bytes the helper says before each of its replies, and how many lines its journal has got while it says that one.
fn places(request: &str, before: usize) -> Vec<(usize, usize)> {
    let answer = portmedic_with_input(&["helper"], request);
    assert_eq!(answer.code, 0, "{}", answer.stdout);
    let all = lines() - before;
    let replies: Vec<&str> = answer.stdout.split_inclusive('\n').collect();
    let steps = (replies.len() - 2) / 2;
    let mut bytes = 0;
    let mut places = Vec::new();
    for (index, reply) in replies.iter().enumerate() {
        let written = match index {
            0 => 0,
            last if last == replies.len() - 1 => all,
            // The beginning, and two lines for each step that has ended.
            index => 1 + index / 2 * 2,
        };
        places.push((bytes, written));
        bytes += reply.len();
    }
    assert_eq!(steps, 3, "{}", answer.stdout);
    places
}

/// What the journal tells of the newest entry is so.
fn is_true(before: &Settings) {
    let now = settings();
    let Some(entry) = entries().pop() else {
        assert_eq!(now, *before, "nothing is told");
        return;
    };
    for (index, operation) in operations().iter().enumerate() {
        let is_so = operation.is_reached_in(&live().state_of(operation).expect("a state"));
        match entry.steps.get(index) {
            Some(step) if step.interrupted => {}
            Some(step) => assert_eq!(step.record.result.is_success(), is_so, "{operation} in {entry:#?}"),
            None => assert!(!is_so, "nothing is told of {operation} in {entry:#?}"),
        }
    }
}

/// Takes back what there is to take back.
pub fn take_back(before: &Settings, place: impl std::fmt::Display) {
    if entries().iter().any(Entry::can_be_undone) {
        portmedic(&["undo", "--yes", "--json"]).has_code(0);
    }
    assert_eq!(settings(), *before, "cut {place}");
    assert!(!entries().iter().any(Entry::can_be_undone));
}

/// A journal without entries, and ports of somebody else.
pub fn start_anew() -> Settings {
    fs::remove_file(JOURNAL).ok();
    kernel::set(RESERVED, "3000-3010");
    settings()
}

fn killed_forth() {
    let before = start_anew();
    let places = places(&plan(), 0);
    take_back(&before, 0);
    for (place, (bytes, written)) in places.iter().enumerate() {
        assert_eq!(start_anew(), before);
        let held = hold(&plan(), bytes + 20);
        wait_until("the helper waits with its reply", || lines() >= *written);
        held.kill();
        assert_eq!(lines(), *written, "cut {place}");
        is_true(&before);
        take_back(&before, place);
    }
}

fn killed_back() {
    let before = start_anew();
    let change = |text: &str| {
        portmedic_with_input(&["helper"], text).has_code(0);
    };
    change(&plan());
    let places = places(&undo_newest(), lines());
    for (place, (bytes, written)) in places.iter().enumerate() {
        assert_eq!(start_anew(), before);
        change(&plan());
        let from = lines();
        let held = hold(&undo_newest(), bytes + 20);
        wait_until("the helper waits with its reply", || lines() >= from + *written);
        held.kill();
        take_back(&before, place);
    }
}

fn cut_lines() {
    // A file has room for this much whatever is told of the journal: the lists for the next start are files too.
    const PADDING: usize = 1 << 14;
    let before = start_anew();
    portmedic_with_input(&["helper"], &plan()).has_code(0);
    let whole = fs::metadata(JOURNAL).expect("a journal").len();
    take_back(&before, 0);
    let mut cuts = 0;
    // No line is shorter.
    for room in (0..whole).step_by(71) {
        assert_eq!(start_anew(), before);
        fs::write(JOURNAL, "\n".repeat(PADDING)).expect("an old journal");
        let limit = format!("--fsize={}", u64::try_from(PADDING).expect("a length") + room);
        let mut helper = Command::new("prlimit")
            .args([&limit, "--core=0", &executable(), "helper"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prlimit (util-linux)");
        helper.stdin.as_mut().expect("its input").write_all(plan().as_bytes()).expect("a request");
        let ended = helper.wait().expect("it ends");
        if ended.signal() != Some(SIGXFSZ) {
            // Times have no fixed length: near the end all may find room.
            assert!(ended.success() && whole - room < 100, "room for {room} bytes: {ended}");
            take_back(&before, cuts);
            continue;
        }
        cuts += 1;
        is_true(&before);
        take_back(&before, cuts);
    }
    assert!(cuts > 30, "{cuts} cuts");
}

fn left_alone() {
    let before = start_anew();
    let places = places(&plan(), 0);
    take_back(&before, 0);
    for (place, (bytes, written)) in places.iter().enumerate() {
        assert_eq!(start_anew(), before);
        let Held { mut helper, replies } = hold(&plan(), bytes + 20);
        wait_until("the helper waits with its reply", || lines() >= *written);
        drop(replies);
        helper.wait().expect("it ends");
        is_true(&before);
        if let Some(entry) = entries().pop() {
            assert!(entry.finished, "cut {place}: {entry:#?}");
            let begun = entry.steps.iter().filter(|step| step.record.has_changed()).count();
            assert!(begun <= written.div_ceil(2), "no further step begins: {entry:#?}");
        }
        take_back(&before, place);
    }
}

fn two_at_once() {
    let before = start_anew();
    let places = places(&plan(), 0);
    take_back(&before, 0);
    portmedic(&["exclude", "7000", "--yes"]).has_code(0);
    let (before, from) = (settings(), lines());
    // The first one is about to do its first step.
    let (bytes, written) = places[1];
    let held = hold(&plan(), bytes + 20);
    wait_until("the helper waits with its reply", || lines() >= from + written);
    for command in [&["exclude", "9000", "--yes"][..], &["undo", "--yes"]] {
        let answer = portmedic(command);
        answer.has_code(2);
        for told in ["another run of PortMedic is changing this computer", "Three steps", "asked for by root"] {
            assert!(answer.stderr.contains(told), "{told}: {}", answer.stderr);
        }
        assert_eq!((settings(), lines()), (before.clone(), from + written), "{command:?}");
    }
    held.kill();
    portmedic(&["exclude", "9000", "--yes"]).has_code(0);
}
