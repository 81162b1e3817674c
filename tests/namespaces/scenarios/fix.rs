//! One command frees the port and keeps it.

use super::clients::{deaf_server, rest_on_1433, server_and_client};
use crate::answer::{Answer, diagnose, portmedic};
use crate::kernel::{self, RANGE, RESERVED, bind};
use crate::next_start::{files, next_start};
use crate::puppet::{Part, Puppet, address, connect, listen};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("fix closes a client's connection and keeps the port", client),
    ("fix moves a dynamic range that is the port alone", client_of_a_range_of_one),
    ("fix closes a connection that rests on the port", resting),
    ("fix ends the process that listens", listener),
    ("fix ends every process that shares a socket", shared),
    ("fix ends the process whose socket nobody sees", bound),
    ("fix of a free port has nothing to do", free),
    ("fix --dry-run changes nothing", dry_run),
    ("fix without consent changes nothing", no_consent),
    ("undo after fix takes the exclusion back", undo),
];

fn conflict() -> (Puppet, Puppet) {
    server_and_client(&deaf_server())
}

/// Demands that every step was done and the proof came out right.
#[track_caller]
fn is_fixed(answer: &Answer) {
    answer.has_code(0);
    assert_eq!(answer.json["outcome"], "fixed", "{:#}", answer.json["verification"]);
    for step in answer.json["steps"].as_array().expect("steps") {
        assert_eq!(step["result"], "done", "{step:#}");
    }
}

fn client() {
    let (_server, mut client) = conflict();
    let answer = portmedic(&["fix", "1433", "--yes", "--json"]);
    is_fixed(&answer);
    assert_eq!(Answer::operations(&answer.json), ["add_exclusion", "close_connection"]);
    bind("0.0.0.0:1433", false).expect("the port is free");
    assert!(client.lives(), "only its connection was closed");
    assert_eq!(kernel::setting(RESERVED), "1433");
    assert_eq!(next_start(RESERVED).as_deref(), Some("1433"));
}

fn client_of_a_range_of_one() {
    let _server = listen("127.0.0.1:9000");
    kernel::set(RANGE, "1433 1433");
    let mut client = connect("127.0.0.1:9000");
    let answer = portmedic(&["fix", "1433", "--yes", "--json"]);
    is_fixed(&answer);
    assert_eq!(
        Answer::operations(&answer.json),
        ["set_dynamic_range", "add_exclusion", "close_connection"],
        "the exclusion alone would leave no port at all"
    );
    bind("0.0.0.0:1433", false).expect("the port is free");
    assert!(client.lives());
    assert_ne!(kernel::setting(RANGE), "1433\t1433");
}

fn resting() {
    let _server = rest_on_1433();
    let answer = portmedic(&["fix", "1433", "--yes", "--json"]);
    answer.has_code(0);
    assert_eq!(answer.json["outcome"], "fixed");
    bind("0.0.0.0:1433", false).expect("the port is free");
}

fn listener() {
    let mut holder = listen("0.0.0.0:8080");
    let answer = portmedic(&["fix", "8080", "--yes", "--json"]);
    is_fixed(&answer);
    assert!(Answer::operations(&answer.json).contains(&"end_process"));
    assert!(!holder.lives());
    bind("0.0.0.0:8080", false).expect("the port is free");
}

fn shared() {
    let mut holder = Puppet::start(&Part::Share { at: address("127.0.0.1:8080") });
    let answer = portmedic(&["fix", "8080", "--yes", "--json"]);
    is_fixed(&answer);
    assert!(!holder.lives());
    bind("127.0.0.1:8080", false).expect("the port is free");
}

fn bound() {
    let mut holder = Puppet::start(&Part::Bind { at: address("0.0.0.0:1433"), count: 1 });
    is_fixed(&portmedic(&["fix", "1433", "--yes", "--json"]));
    assert!(!holder.lives());
    bind("0.0.0.0:1433", false).expect("the port is free");
}

fn free() {
    let answer = portmedic(&["fix", "1433", "--yes", "--json"]);
    answer.has_code(0).has_cause("port_free");
    assert!(files().is_empty() && kernel::setting(RESERVED).is_empty());
}

fn dry_run() {
    let (_server, client) = conflict();
    let answer = portmedic(&["fix", "1433", "--dry-run", "--json"]);
    answer.has_code(1).has_cause("held_by_client");
    assert!(answer.json["outcome"].is_null(), "nothing was tried");
    let option = &answer.options()[0];
    assert_eq!(option["recommended"], true);
    assert_eq!(Answer::operations(option), ["add_exclusion", "close_connection"]);
    is_as_before(&client);
}

fn no_consent() {
    let (_server, client) = conflict();
    portmedic(&["fix", "1433"]).has_code(3);
    is_as_before(&client);
    let answer = portmedic(&["fix", "1433", "--json"]);
    answer.has_code(3);
    assert_eq!(answer.json["outcome"], "declined");
    is_as_before(&client);
}

#[track_caller]
fn is_as_before(client: &Puppet) {
    diagnose("1433").has_cause("held_by_client").has_owners(&[(Some(client.pid()), "process", "ESTABLISHED")]);
    assert_eq!(kernel::setting(RESERVED), "");
    assert!(files().is_empty(), "{:?}", files());
}

fn undo() {
    let (_server, _client) = conflict();
    portmedic(&["fix", "1433", "--yes"]).has_code(0);
    let answer = portmedic(&["undo", "--yes", "--json"]);
    answer.has_code(0);
    assert_eq!(kernel::setting(RESERVED), "");
    assert!(files().is_empty(), "{:?}", files());
}
