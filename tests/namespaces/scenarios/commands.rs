//! What the commands that change nothing answer.

use serde_json::Value;

use crate::answer::portmedic;
use crate::kernel::{self, RANGE, RESERVED};
use crate::puppet::{Part, Puppet, address, connect, listen};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("owner names the process", owner),
    ("owner of a shared socket names all with --all", owner_all),
    ("owner of a free port says that nobody has it", owner_free),
    ("ports shows the whole table with owners", ports),
    ("ports --state and --pid choose rows", ports_chosen),
    ("ranges shows both stores", ranges),
    ("what is no target is told so", no_target),
    ("an unknown service is told so", unknown_service),
];

fn owner() {
    let holder = listen("127.0.0.1:8080");
    let answer = portmedic(&["owner", "8080", "--json"]);
    answer.has_code(0).has_owners(&[(Some(holder.pid()), "process", "LISTEN")]);
    assert_eq!(answer.json["schema"], "portmedic.owner/1");
    let text = portmedic(&["owner", "8080/tcp"]);
    assert!(text.has_code(0).stdout.contains(&holder.pid().to_string()), "{}", text.stdout);
}

fn owner_all() {
    let holder = Puppet::start(&Part::Share { at: address("127.0.0.1:8080") });
    let answer = portmedic(&["owner", "8080", "--all", "--json"]);
    answer.has_owners(&[(Some(holder.pid()), "process", "LISTEN"), (holder.ready.partner, "process", "LISTEN")]);
    assert_eq!(answer.json["searched"], "all");
}

fn owner_free() {
    let answer = portmedic(&["owner", "8080", "--json"]);
    answer.has_owners(&[]);
    assert!(answer.json["owners"].is_array());
}

/// The sockets of `ports --json`.
fn sockets(arguments: &[&str]) -> Vec<Value> {
    let answer = portmedic(&[&["ports", "--json"], arguments].concat());
    assert_eq!(answer.has_code(0).json["schema"], "portmedic.ports/1");
    answer.json["sockets"].as_array().expect("sockets").clone()
}

fn ports() {
    let server = listen("127.0.0.1:9000");
    let client = connect("127.0.0.1:9000");
    let udp = Puppet::start(&Part::Receive { at: address("127.0.0.1:5353") });
    let bound = Puppet::start(&Part::Bind { at: address("127.0.0.1:7000"), count: 1 });
    let sockets = sockets(&[]);
    for (state, pid) in [("LISTEN", &server), ("ESTABLISHED", &client), ("UNCONNECTED", &udp), ("BOUND", &bound)] {
        let found = sockets.iter().any(|socket| socket["state"] == state && socket.to_string().contains(&pid.pid().to_string()));
        assert!(found, "{state} of process {}: {sockets:#?}", pid.pid());
    }
}

fn ports_chosen() {
    let server = listen("127.0.0.1:9000");
    let client = connect("127.0.0.1:9000");
    assert_eq!(sockets(&["--state", "listen"]).len(), 1);
    let of_client = sockets(&["--pid", &client.pid().to_string()]);
    assert_eq!(of_client.len(), 1);
    assert_eq!(of_client[0]["state"], "ESTABLISHED");
    assert_eq!(sockets(&["--pid", &server.pid().to_string(), "--state", "established"]).len(), 0);
}

fn ranges() {
    kernel::set(RANGE, "20000 30001");
    kernel::set(RESERVED, "25000-25010");
    let answer = portmedic(&["ranges", "--json"]);
    assert_eq!(answer.has_code(0).json["schema"], "portmedic.ranges/1");
    let text = answer.json.to_string();
    for number in ["20000", "30001", "25000", "25010"] {
        assert!(text.contains(number), "{number} in {text}");
    }
}

fn no_target() {
    for target in ["0", "70000", "-5", "1433/sctp", "", "65536/udp", "../etc"] {
        let answer = portmedic(&["diagnose", "--json", "--", target]);
        assert_eq!(answer.code, 2, "\"{target}\": {answer:?}");
        assert!(answer.stderr.contains("1433"), "\"{target}\": the text shows what a target looks like: {}", answer.stderr);
    }
}

fn unknown_service() {
    let answer = portmedic(&["diagnose", "no-such-service"]);
    answer.has_code(2);
    assert!(answer.stderr.contains("no-such-service"), "{}", answer.stderr);
}
