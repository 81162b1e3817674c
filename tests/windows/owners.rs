//! Who has a port: `owner` and `ports`, with sockets of this test.

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

use predicates::str::{contains, starts_with};
use serde_json::{Value, json};

use crate::answer::{self, portmedic};

fn owners(port: u16) -> Vec<Value> {
    let (answer, code) = answer::json(&["owner", &port.to_string()]);
    assert_eq!((answer["schema"].as_str(), code), (Some("portmedic.owner/1"), 0), "{answer}");
    answer["owners"].as_array().expect("owners").clone()
}

/// Our own name as Windows lists it.
fn own_name() -> String {
    let exe = std::env::current_exe().expect("our own path");
    exe.file_name().expect("a file").to_string_lossy().into_owned()
}

#[test]
fn a_listener_of_either_family_is_told_with_its_program() {
    for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
        let listener = TcpListener::bind(address).unwrap();
        let local = listener.local_addr().unwrap();
        let owners = owners(local.port());
        assert_eq!(owners.len(), 1, "{owners:?}");
        let owner = &owners[0];
        assert_eq!(owner["local"], json!(local.to_string()), "{owner}");
        assert_eq!((&owner["state"], &owner["kind"]), (&json!("LISTEN"), &json!("process")), "{owner}");
        assert_eq!((&owner["pid"], &owner["process"]), (&json!(std::process::id()), &json!(own_name())), "{owner}");
        let exe = owner["exe"].as_str().expect("the path of the program");
        assert!(exe.ends_with(&own_name()) && exe.contains(":\\"), "{exe}");
        assert!(owner["user"].as_str().is_some_and(|user| !user.is_empty()), "{owner}");
        assert!(owner["started"].is_string(), "{owner}");
    }
}

#[test]
fn udp_is_told_too() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let owners = owners(socket.local_addr().unwrap().port());
    assert_eq!((&owners[0]["protocol"], &owners[0]["state"]), (&json!("udp"), &json!("UNCONNECTED")), "{owners:?}");
    assert_eq!(owners[0]["pid"], json!(std::process::id()));
}

#[test]
fn a_client_that_has_the_port_is_told_with_its_far_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let owners = owners(client.local_addr().unwrap().port());
    assert_eq!(owners[0]["state"], json!("ESTABLISHED"), "{owners:?}");
    assert_eq!(owners[0]["remote"], json!(listener.local_addr().unwrap().to_string()));
}

#[test]
fn two_sockets_on_one_port_are_both_told() {
    let one = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = one.local_addr().unwrap().port();
    let other = UdpSocket::bind(("127.0.0.1", port)).unwrap();
    let protocols: Vec<Value> = owners(port).iter().map(|owner| owner["protocol"].clone()).collect();
    assert_eq!(protocols, [json!("tcp"), json!("udp")]);
    drop(other);
}

#[test]
fn a_free_port_is_an_answer() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    portmedic(&["owner", &free.to_string()]).success().stdout(starts_with(format!("Nobody has port {free}.")));
}

#[test]
fn what_this_windows_cannot_show_is_said() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (answer, _) = answer::json(&["owner", &format!("{free}/tcp")]);
    let gaps = answer["gaps"].as_array().expect("gaps");
    let bound = gaps.iter().find(|gap| gap["what"].as_str().is_some_and(|what| what.contains("bound without listening")));
    // Windows 10 version 1809 and later lists them; Wine does not.
    if let Some(gap) = bound {
        assert!(gap["shown_by"].as_str().is_some_and(|text| text.contains("netstat -anoq")), "{gap}");
    }
}

#[test]
fn the_whole_table_has_our_sockets_and_their_program() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let udp = UdpSocket::bind("[::1]:0").unwrap();
    let (answer, code) = answer::json(&["ports"]);
    assert_eq!((answer["schema"].as_str(), code), (Some("portmedic.ports/1"), 0));
    let sockets = answer["sockets"].as_array().expect("sockets");
    let state = |local: SocketAddr| {
        let local = json!(local.to_string());
        let socket = sockets.iter().find(|socket| socket["local"] == local).unwrap_or_else(|| panic!("{local} in {sockets:?}"));
        assert_eq!(socket["owners"][0]["process"], json!(own_name()), "{socket}");
        socket["state"].clone()
    };
    assert_eq!(state(listener.local_addr().unwrap()), json!("LISTEN"));
    assert_eq!(state(client.local_addr().unwrap()), json!("ESTABLISHED"));
    assert_eq!(state(udp.local_addr().unwrap()), json!("UNCONNECTED"));
}

#[test]
fn the_table_for_people_can_be_narrowed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let pid = std::process::id().to_string();
    let local = listener.local_addr().unwrap().to_string();
    portmedic(&["ports", "--state", "listen", "--pid", &pid]).success().stdout(contains(local)).stdout(contains(own_name()));
}
