//! Ports run out: `portmedic exhaustion` while it happens.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use jiff::Timestamp;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::answer::{Answer, executable, portmedic};
use crate::kernel::{self, RANGE, TIME_WAIT, bind, wait_until};
use crate::puppet::{Part, Puppet, address, listen};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("a leak of bound sockets is forecast, and the range is full when it was said", leak_to_the_end),
    ("finished connections that use the range up are told with the program that made them", resting_to_the_end),
    ("a filled range is told for its destination, and another one is still reached", filled),
    ("bound sockets that fill the range are told with their program", bound),
    ("a pile of half closed connections is a leak of the program that has them", half_closed),
    ("many connections at rest are not exhaustion", many_at_rest),
    ("an idle range has ports left", idle),
    ("a watch ends on Ctrl+C with the verdict, and keeps its samples", interrupted),
];

fn exhaustion(arguments: &[&str]) -> Answer {
    let arguments: Vec<&str> = ["exhaustion", "--json"].iter().chain(arguments).copied().collect();
    let answer = portmedic(&arguments);
    assert_eq!(answer.json["schema"], "portmedic.exhaustion/1", "{}{}", answer.stdout, answer.stderr);
    answer
}

/// Demands this standing, with the exit code that fits it, and gives the range that it is about.
#[track_caller]
fn stands(answer: &Answer, standing: &str) -> Value {
    assert_eq!(answer.json["standing"], standing, "{:#}", answer.json["verdict"]);
    let trouble = ["exhausted", "heading_there", "leak"].contains(&standing);
    assert_eq!(answer.code, i32::from(trouble), "{}", answer.stderr);
    let place = usize::try_from(answer.json["range"].as_u64().expect("a range")).expect("a place");
    answer.json["ranges"][place].clone()
}

#[track_caller]
fn is_first(answer: &Answer, puppet: &Puppet) {
    assert_eq!(answer.json["owners"][0]["pid"], puppet.pid(), "{:#}", answer.json["owners"]);
}

fn leak_to_the_end() {
    kernel::set(RANGE, "20000 20599");
    let leaker = Puppet::start(&Part::Leak { at: address("0.0.0.0:0"), every_ms: 25 });
    let answer = exhaustion(&["--watch", "--every", "1", "--for", "5s"]);
    let range = stands(&answer, "heading_there");
    is_first(&answer, &leaker);
    assert_eq!(answer.json["leak"]["pid"], leaker.pid());
    assert_eq!(answer.json["leak"]["state"], "BOUND");
    let said = range["forecast"]["full_in_minutes"].as_f64().expect("a forecast") * 60.0;
    let last: Timestamp = range["samples"].as_array().expect("samples").last().expect("a sample")["time"]
        .as_str()
        .and_then(|time| time.parse().ok())
        .expect("its time");
    wait_until("no port is left", || bind("0.0.0.0:0", false).err() == Some(Errno::ADDRINUSE));
    let took = Timestamp::now().duration_since(last).as_secs_f64();
    assert!((said - took).abs() <= 2.0 + took * 0.3, "full after {took:.1} s, and {said:.1} s were said");
    let answer = exhaustion(&[]);
    stands(&answer, "exhausted");
    is_first(&answer, &leaker);
}

fn resting_to_the_end() {
    let _server = Puppet::start(&Part::Serve { at: address("127.0.0.1:9000") });
    // Otherwise loopback clients get ports that have rested for a second.
    kernel::set("tcp_tw_reuse", "0");
    kernel::set(RANGE, "20000 20199");
    let churner = Puppet::start(&Part::Churn { to: address("127.0.0.1:9000"), at_once: 3, every_ms: 40 });
    let answer = exhaustion(&["--watch", "--every", "1", "--for", "8s"]);
    let range = stands(&answer, "exhausted");
    is_first(&answer, &churner);
    assert!(range["states"]["TIME_WAIT"].as_u64() > Some(150), "{:#}", range["states"]);
    let was = range["holders"].as_array().expect("holders").iter().find(|own| own["tie"] != "has").expect("who had them");
    assert_eq!(was["pid"], churner.pid(), "{was:#}");
}

fn filled() {
    let _server = listen("127.0.0.1:9000");
    let _other = listen("127.0.0.1:9001");
    kernel::set(RANGE, "20000 20499");
    let client = Puppet::start(&Part::Connect { to: address("127.0.0.1:9000"), count: 2000 });
    assert_eq!(client.ready.count, 500);
    let answer = exhaustion(&["--to-host", "127.0.0.1:9000"]);
    let range = stands(&answer, "exhausted");
    is_first(&answer, &client);
    assert_eq!((&range["in_use"], &range["capacity"]), (&500.into(), &500.into()));
    assert_eq!(range["destinations"][0]["remote"], "127.0.0.1:9000");
    assert_eq!(answer.json["verdict"]["headline"], "No port is left for connections to 127.0.0.1:9000");
    assert_eq!(answer.json["probes"]["connection"]["result"], "no_port_left");
    assert_eq!(answer.json["verdict"]["confidence"], "certain");
    let answer = exhaustion(&["--to-host", "127.0.0.1:9001"]);
    assert_eq!(answer.json["probes"]["connection"]["result"], "connected", "Linux counts each destination by itself");
    stands(&answer, "exhausted");
}

fn bound() {
    kernel::set(RANGE, "20000 20099");
    let holder = Puppet::start(&Part::Bind { at: address("0.0.0.0:0"), count: 100 });
    let answer = exhaustion(&[]);
    let range = stands(&answer, "exhausted");
    is_first(&answer, &holder);
    assert_eq!((&range["states"]["BOUND"], &range["kept"]), (&100.into(), &100.into()));
    assert_eq!(answer.json["piles"][0]["sockets"], 100);
    let handles = answer.json["load"]["handles"].as_array().expect("handles");
    let own = handles.iter().find(|own| own["pid"] == holder.pid()).expect("the holder is among those with the most handles");
    assert!(own["sockets"].as_u64() >= Some(100), "{own:#}");
}

fn half_closed() {
    let hoarder = Puppet::start(&Part::Hoard { at: address("127.0.0.1:8080"), count: 60 });
    let answer = exhaustion(&[]);
    stands(&answer, "leak");
    is_first(&answer, &hoarder);
    let pile = &answer.json["leak"];
    assert_eq!((&pile["state"], &pile["server_port"], &pile["sockets"]), (&"CLOSE_WAIT".into(), &8080.into(), &60.into()));
    assert_eq!(answer.json["verdict"]["confidence"], "likely", "one look does not tell whether it grows");
}

fn many_at_rest() {
    let _server = Puppet::start(&Part::Serve { at: address("127.0.0.1:9000") });
    kernel::set("tcp_tw_reuse", "0");
    kernel::set(RANGE, "20000 20999");
    let resting = || kernel::table().into_iter().filter(|(_, state)| *state == TIME_WAIT).count();
    // A busy kernel now and then resets a connection that is closed at once, and nothing is left of it.
    wait_until("many rest", || {
        drop(Puppet::start(&Part::Flee { to: address("127.0.0.1:9000"), count: 100 }));
        resting() >= 300
    });
    let answer = exhaustion(&["--to-host", "127.0.0.1:9000"]);
    let range = stands(&answer, "many_time_wait");
    assert!(range["states"]["TIME_WAIT"].as_u64() >= Some(250));
    assert_eq!(answer.json["probes"]["connection"]["result"], "connected");
    assert!(answer.json["gaps"].to_string().contains("finished connections were"), "{:#}", answer.json["gaps"]);
}

fn idle() {
    let answer = exhaustion(&["--to-host", "127.0.0.1:9"]);
    stands(&answer, "not_exhausted");
    assert_eq!(answer.json["probes"]["connection"]["result"], "refused", "told apart from a lack of ports");
    assert_eq!(answer.json["plan"]["options"], Value::Array(Vec::new()), "nothing is to be done");
}

fn interrupted() {
    let file = "/var/lib/home/ports.jsonl";
    let mut child = Command::new(executable())
        .args(["exhaustion", "--watch", "--every", "1", "--to", file])
        .env_clear()
        .env("HOME", "/var/lib/home")
        .stdout(Stdio::piped())
        .spawn()
        .expect("portmedic starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line a look").expect("text");
    assert!(first.contains("of 28232") && first.contains("too few samples"), "{first}");
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process number");
    let asked = Instant::now();
    kill_process(pid, Signal::INT).expect("its end");
    let rest: Vec<String> = lines.map(|line| line.expect("text")).collect();
    assert_eq!(child.wait().expect("its end").code(), Some(0));
    assert!(asked.elapsed().as_secs() < 10, "it ends soon");
    assert!(rest.iter().any(|line| line == "Ports are left for outgoing connections"), "{rest:#?}");
    let kept = String::from_utf8(fs::read(file).expect("the samples")).expect("text");
    let sample: Value = serde_json::from_str(kept.lines().next().expect("a sample")).expect("a document");
    assert_eq!(sample["ranges"][0]["capacity"], 28232);
}
