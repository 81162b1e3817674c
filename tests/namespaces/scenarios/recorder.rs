//! The recorder: who takes a port, and when.

use std::fs;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::answer::{Answer, executable, portmedic};
use crate::kernel::{self, RANGE, wait_until};
use crate::puppet::{Part, Puppet, address, connect, listen};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("the recorder names a client that gets the port, its parent and its command line", client),
    ("the recorder notes two listeners one after another, and that they left", one_after_another),
    ("the recorder notes a UDP port", udp),
    ("the recorder notes what is left of a connection that was over before it looked", missed),
    ("a watch for a time ends by itself, and says that nobody came", nobody_came),
    ("a list without any watch says so", nothing_watched),
    ("what is no port is not watched", no_port),
    ("a practice machine is not watched", practice),
];

const LOG: &str = "/var/lib/home/.local/state/portmedic/recorder.jsonl";

/// A listener whose note says that the first look is over.
const LIGHT: &str = "127.0.0.1:7777";

/// `portmedic watch` that has looked for the first time.
struct Watching {
    child: Child,
    _light: Puppet,
}

fn watching(arguments: &[&str]) -> Watching {
    let light = listen(LIGHT);
    let child = Command::new(executable())
        .args(["watch", "7777/tcp", "--json"])
        .args(arguments)
        .env_clear()
        .env("HOME", "/var/lib/home")
        .stdout(Stdio::piped())
        .spawn()
        .expect("portmedic starts");
    wait_until("the first look is noted", || noted("\"taken\"") == 1);
    Watching { child, _light: light }
}

/// How many lines of the log have this text.
fn noted(text: &str) -> usize {
    let log = fs::read(LOG).unwrap_or_default();
    String::from_utf8_lossy(&log).lines().filter(|line| line.contains(text)).count()
}

impl Watching {
    /// Ends it as Ctrl+C does.
    fn interrupted(self) -> Vec<Value> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process number");
        kill_process(pid, Signal::INT).expect("its end");
        self.answer()
    }

    /// What it answers at its end: the sightings, without the one of the light.
    fn answer(self) -> Vec<Value> {
        let output = self.child.wait_with_output().expect("its end");
        assert!(output.status.success(), "{:?}", output.status);
        let json: Value = serde_json::from_slice(&output.stdout).expect("a document");
        assert_eq!(json["schema"], "portmedic.watch/1");
        without_light(&json)
    }
}

fn without_light(json: &Value) -> Vec<Value> {
    let sightings = json["sightings"].as_array().expect("sightings");
    sightings.iter().filter(|sighting| sighting["local"] != LIGHT).cloned().collect()
}

fn client() {
    let _server = listen("127.0.0.1:9000");
    let watching = watching(&["1433/tcp", "--until-taken", "--for", "60s"]);
    kernel::set(RANGE, "1433 1433");
    let client = connect("127.0.0.1:9000");
    let seen = watching.answer();
    let [taken] = &seen[..] else { panic!("{seen:#?}") };
    assert_eq!((&taken["local"], &taken["remote"]), (&"127.0.0.1:1433".into(), &"127.0.0.1:9000".into()));
    assert_eq!(taken["state"], "ESTABLISHED");
    assert_eq!(taken["process"]["pid"], client.pid());
    assert_eq!(taken["parent"]["pid"], std::process::id());
    let command_line = taken["process"]["command_line"].to_string();
    assert!(command_line.contains("--puppet") && command_line.contains("Connect"), "{command_line}");
    assert!(taken["process"]["exe"].is_string() && taken["not_before"].is_string() && taken["boot"].is_string(), "{taken:#}");

    let list = portmedic(&["watch", "--list", "--json"]);
    assert_eq!(list.has_code(0).json["schema"], "portmedic.sightings/1");
    let [listed] = &without_light(&list.json)[..] else { panic!("{:#}", list.json) };
    assert_eq!((&listed["process"], &listed["log"]), (&taken["process"], &LOG.into()));
    assert_eq!(list.json["periods"][0]["ended"], true);
    let text = portmedic(&["watch", "--list", "1433"]);
    assert!(text.stdout.contains("took port 1433 for a connection to 127.0.0.1:9000"), "{}", text.stdout);
    assert!(!text.stdout.contains("port 7777"), "{}", text.stdout);
}

fn one_after_another() {
    let watching = watching(&["8080"]);
    let first = listen("127.0.0.1:8080");
    wait_until("the first one is noted", || noted("127.0.0.1:8080") == 1);
    let first_pid = first.pid();
    drop(first);
    wait_until("its end is noted", || noted("\"left\"") == 1);
    // Another program: the same one is noted once a minute.
    let copy = "/run/second";
    fs::copy(std::env::current_exe().expect("this executable"), copy).expect("a copy");
    let part = Part::Listen { at: address("127.0.0.1:8080"), v6only: false, reuse_port: false, waiting: 0 };
    let second = Puppet::start_from(copy.as_ref(), &part);
    wait_until("the second one is noted", || noted("127.0.0.1:8080") == 2);
    let seen = watching.interrupted();
    let pids: Vec<_> = seen.iter().map(|taken| taken["process"]["pid"].clone()).collect();
    assert_eq!(pids, [first_pid, second.pid()]);
    assert!(seen[0]["gone"].is_string() && seen[1]["gone"].is_null(), "{seen:#?}");
    assert_eq!(seen[1]["process"]["name"], "second");
}

fn udp() {
    let watching = watching(&["5353/udp", "--until-taken", "--for", "60s"]);
    let receiver = Puppet::start(&Part::Receive { at: address("127.0.0.1:5353") });
    let seen = watching.answer();
    let [taken] = &seen[..] else { panic!("{seen:#?}") };
    assert_eq!((&taken["protocol"], &taken["state"]), (&"udp".into(), &"UNCONNECTED".into()));
    assert_eq!(taken["process"]["pid"], receiver.pid());
}

fn missed() {
    let _server = Puppet::start(&Part::Serve { at: address("127.0.0.1:9000") });
    let watching = watching(&["1433/tcp", "--until-taken", "--for", "60s"]);
    kernel::set(RANGE, "1433 1433");
    drop(Puppet::start(&Part::Flee { to: address("127.0.0.1:9000"), count: 1 }));
    let seen = watching.answer();
    assert_eq!(seen.len(), 1, "{seen:#?}");
    assert_eq!(seen[0]["remote"], "127.0.0.1:9000");
}

fn nobody_came() {
    let text = portmedic(&["watch", "1433", "--for", "1s"]);
    assert!(text.has_code(0).stdout.starts_with("Nobody had the port."), "{}", text.stdout);
    assert!(text.stdout.contains("may have been missed"), "{}", text.stdout);
    portmedic(&["watch", "1433", "--for", "1s", "--until-taken"]).has_code(1);
    let list = portmedic(&["watch", "--list"]);
    assert!(list.stdout.starts_with("Nobody was seen on the ports that were watched."), "{}", list.stdout);
}

fn nothing_watched() {
    let list = portmedic(&["watch", "--list"]);
    assert!(list.has_code(0).stdout.contains("Nothing was watched"), "{}", list.stdout);
}

fn no_port() {
    for wrong in [&["watch"][..], &["watch", "0"], &["watch", "nginx"], &["watch", "1433", "--for", "soon"]] {
        portmedic(wrong).has_code(2);
    }
}

fn practice() {
    for arguments in [&["watch", "1433"][..], &["watch", "--list"]] {
        let answer: Answer = portmedic(&[arguments, &["--practice", "sql-client"]].concat());
        assert!(answer.has_code(2).stderr.contains("practice") || answer.stderr.contains("made up"), "{}", answer.stderr);
    }
}
