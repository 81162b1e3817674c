//! Several users on one computer: whose port it is, and what a user without rights can see of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::answer::{Answer, diagnose, executable, run};
use crate::kernel::{self, RESERVED};
use crate::next_start::files;
use crate::puppet::{Part, Puppet, address};
use crate::room::{self, AS_NOBODY, Scenario};

pub const ALL: &[Scenario] = &[
    ("another user's process is named to root", seen_by_root),
    ("a user without rights gets a verdict and is told what is hidden", seen_by_nobody),
    ("a user to whom processes are hidden gets a verdict", hidden_processes),
    ("root who may not look into processes is told of the missing right", root_without_ptrace),
    ("a port sharing group of another user blocks the port", group_of_root),
    ("a user without rights changes nothing", no_rights),
    ("a low port is free and needs a right", low_port),
];

const LISTEN: Part = Part::Listen { at: EVERY_ADDRESS, v6only: false, reuse_port: false, waiting: 0 };
const EVERY_ADDRESS: std::net::SocketAddr =
    std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 8080);

/// A copy of an executable that every user may start, and a command that starts it as `nobody`.
fn as_nobody(executable: &str, name: &str) -> Command {
    let copy = format!("/run/{name}");
    fs::copy(executable, &copy).expect("a copy");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("the right to run it");
    let mut command = Command::new(AS_NOBODY[0]);
    command.args(&AS_NOBODY[1..]).arg(copy);
    command
}

/// What `portmedic` answers to `nobody`.
fn answer_to_nobody(arguments: &[&str]) -> Answer {
    run(as_nobody(&executable(), "portmedic").args(arguments), "")
}

fn seen_by_root() {
    let own = std::env::current_exe().expect("this executable");
    let holder = Puppet::start_by(as_nobody(own.to_str().expect("a path"), "puppet"), &LISTEN);
    let answer = diagnose("8080");
    answer.has_cause("held_by_listener").has_owners(&[(Some(holder.pid()), "process", "LISTEN")]);
    assert_eq!(answer.owners()[0]["user"], "nobody");
}

/// Demands the verdict that the socket table alone allows, and that what is missing is said.
#[track_caller]
fn is_seen_from_outside(holder: &Puppet) {
    let answer = answer_to_nobody(&["diagnose", "8080", "--json"]);
    answer.is_a_case("8080").has_cause("held_by_listener");
    let owner = &answer.owners()[0];
    assert_eq!(owner["local"], "0.0.0.0:8080");
    assert!(owner["pid"].is_null() || owner["pid"] == holder.pid(), "a stranger is blamed: {owner:#}");
    assert_ne!(answer.json["gaps"].as_array().map(Vec::len), Some(0), "what is hidden is said");
}

fn seen_by_nobody() {
    is_seen_from_outside(&Puppet::start(&LISTEN));
}

fn hidden_processes() {
    room::run(Command::new("mount").args(["-o", "remount,hidepid=2", "/proc"]));
    is_seen_from_outside(&Puppet::start(&LISTEN));
}

fn root_without_ptrace() {
    let _holder = Puppet::start(&LISTEN);
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]).arg(executable()).args(["owner", "8080", "--json"]);
    let answer = run(&mut command, "");
    assert!(answer.owners()[0]["pid"].is_null(), "{:#}", answer.json);
    let gap = &answer.json["gaps"][0];
    assert!(gap["because"].as_str().is_some_and(|because| because.contains("CAP_SYS_PTRACE")), "{gap:#}");
}

fn group_of_root() {
    let member = || Puppet::start(&Part::Listen { at: address("0.0.0.0:8080"), v6only: false, reuse_port: true, waiting: 0 });
    let (one, two) = (member(), member());
    is_seen_from_outside(&one);
    diagnose("8080").has_owners(&[(Some(one.pid()), "process", "LISTEN"), (Some(two.pid()), "process", "LISTEN")]);
}

fn no_rights() {
    let mut holder = Puppet::start(&LISTEN);
    let answer = answer_to_nobody(&["fix", "8080", "--yes", "--json"]);
    answer.has_code(1).has_cause("held_by_listener");
    assert!(
        Answer::operations(&answer.options()[0]).iter().all(|operation| *operation == "manual"),
        "a holder unseen is left alone"
    );
    assert!(holder.lives());
    let answer = answer_to_nobody(&["exclude", "1433", "--yes", "--json"]);
    answer.has_code(3);
    assert_eq!(answer.json["outcome"], "declined");
    assert_ne!(answer.json["message"].as_str().unwrap_or_default(), "", "why, is said");
    let text = answer_to_nobody(&["exclude", "1433", "--yes"]);
    text.has_code(3);
    let told = [text.stdout, text.stderr].concat();
    assert!(told.contains("Nothing was changed") && told.contains("sysctl"), "with the commands for an administrator: {told}");
    assert_eq!(kernel::setting(RESERVED), "");
    assert!(files().is_empty(), "{:?}", files());
}

fn low_port() {
    let answer = answer_to_nobody(&["diagnose", "80", "--json"]);
    answer.is_a_case("80").has_cause("port_free");
    let told = answer.json["verdict"].to_string();
    assert!(told.contains("1024"), "the first port that needs no right is said: {told}");
}
