//! An outgoing connection, or what is left of it, has the port.

use rustix::io::Errno;

use crate::answer::{Answer, diagnose};
use crate::kernel::{self, CLOSE_WAIT, FIN_WAIT_2, RANGE, TIME_WAIT, bind, wait_until};
use crate::puppet::{Part, Puppet, address, connect};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("a client on the port is found with its far end", client),
    ("a client is told from its server where both ends are dynamic ports", both_ends_dynamic),
    ("a killed client's half-closed connection rests on the port", half_closed),
    ("a killed client's finished connection rests on the port", resting),
    ("a client whose server has closed still has the port", server_closed),
    ("a reset connection leaves the port free", reset),
    ("an accepted connection outlives its listener", outlived),
];

/// A server on 127.0.0.1:9000 and a client of it that was given port 1433, of a range that has many others.
pub fn server_and_client(server: &Part) -> (Puppet, Puppet) {
    let server = Puppet::start(server);
    kernel::set(RANGE, "1433 1433");
    let client = connect("127.0.0.1:9000");
    kernel::set(RANGE, "1024 8999");
    (server, client)
}

/// A server, and the rest of a connection to it on port 1433.
pub fn rest_on_1433() -> Puppet {
    let server = Puppet::start(&Part::Serve { at: address("127.0.0.1:9000") });
    kernel::set(RANGE, "1433 1433");
    wait_until("a client's end rests", || {
        // A busy kernel now and then resets a connection that is closed at once, and nothing is left of it.
        if kernel::states(1433).is_empty() {
            drop(connect("127.0.0.1:9000"));
        }
        kernel::states(1433) == [TIME_WAIT]
    });
    server
}

pub fn deaf_server() -> Part {
    Part::Listen { at: address("127.0.0.1:9000"), v6only: false, reuse_port: false, waiting: 0 }
}

fn client() {
    let (_server, client) = server_and_client(&deaf_server());
    assert_eq!(bind("0.0.0.0:1433", true).err(), Some(Errno::ADDRINUSE));
    let answer = diagnose("1433");
    answer.has_cause("held_by_client").has_owners(&[(Some(client.pid()), "process", "ESTABLISHED")]);
    let owner = &answer.owners()[0];
    assert_eq!(owner["local"], "127.0.0.1:1433");
    assert_eq!(owner["remote"], "127.0.0.1:9000");
    assert_eq!(owner["protocol"], "tcp");
    assert_eq!(answer.json["verdict"]["confidence"], "certain");
    assert_eq!(answer.json["target"]["port"], 1433);
    let option = &answer.options()[0];
    assert_eq!(option["recommended"], true);
    assert_eq!(Answer::operations(option), ["add_exclusion", "close_connection"]);
}

fn both_ends_dynamic() {
    let (_server, _client) = server_and_client(&deaf_server());
    kernel::set(RANGE, "1024 9999");
    let answer = diagnose("1433");
    answer.has_cause("held_by_client");
    assert_eq!(answer.json["verdict"]["confidence"], "certain", "{:#}", answer.json["verdict"]);
    assert!(answer.json["verdict"]["headline"].as_str().is_some_and(|text| text.starts_with("An outgoing connection")));
}

fn half_closed() {
    let (_server, client) = server_and_client(&deaf_server());
    drop(client);
    wait_until("the client's end is half closed", || kernel::states(1433) == [FIN_WAIT_2]);
    assert_eq!(bind("0.0.0.0:1433", true).err(), Some(Errno::ADDRINUSE));
    diagnose("1433").has_cause("held_by_closing_connection").has_owners(&[(None, "kernel", "FIN_WAIT_2")]);
}

fn resting() {
    let _server = rest_on_1433();
    assert_eq!(bind("0.0.0.0:1433", true).err(), Some(Errno::ADDRINUSE));
    diagnose("1433").has_cause("held_by_closing_connection").has_owners(&[(None, "kernel", "TIME_WAIT")]);
}

fn server_closed() {
    let (_server, client) = server_and_client(&Part::HangUp { at: address("127.0.0.1:9000") });
    wait_until("the server has closed", || kernel::states(1433) == [CLOSE_WAIT]);
    assert_eq!(bind("0.0.0.0:1433", true).err(), Some(Errno::ADDRINUSE));
    diagnose("1433").has_cause("held_by_client").has_owners(&[(Some(client.pid()), "process", "CLOSE_WAIT")]);
    drop(client);
    wait_until("nothing is left", || kernel::states(1433).is_empty());
    diagnose("1433").has_cause("port_free").has_owners(&[]);
}

fn reset() {
    let (server, mut client) = server_and_client(&deaf_server());
    drop(server);
    wait_until("the connection is reset", || kernel::states(1433).is_empty());
    assert!(client.lives());
    bind("0.0.0.0:1433", false).expect("a free port");
    diagnose("1433").has_cause("port_free").has_owners(&[]);
}

fn outlived() {
    let server = Puppet::start(&Part::Outlive { at: address("127.0.0.1:8080") });
    assert_eq!(bind("0.0.0.0:8080", false).err(), Some(Errno::ADDRINUSE));
    bind("0.0.0.0:8080", true).expect("SO_REUSEADDR is enough here");
    diagnose("8080").has_cause("held_by_client").has_owners(&[(Some(server.pid()), "process", "ESTABLISHED")]);
}
