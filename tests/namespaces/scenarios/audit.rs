//! Fixed ports are found before somebody loses them: real listeners, the real settings of the kernel.

use crate::answer::{Answer, portmedic};
use crate::kernel::{self, RANGE, RESERVED};
use crate::next_start::next_start;
use crate::puppet::{Part, Puppet, address, connect, listen};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("audit finds a listener inside the dynamic range and --fix protects it", protect),
    ("audit leaves a listener alone that was given its port", given),
    ("audit of ports outside the range has nothing to do", outside),
    ("audit tells what a restart would bring", after_restart),
    ("audit finds a fixed UDP port", udp),
    ("audit --fix protects several ports as one change, and undo takes it back", several),
    ("audit --fix without consent changes nothing", no_consent),
    ("audit does not mind connections", connections),
];

fn audit() -> Answer {
    let answer = portmedic(&["audit", "--json"]);
    assert_eq!(answer.json["schema"], "portmedic.audit/1", "{}{}", answer.stdout, answer.stderr);
    answer
}

/// Port and kind of every risk.
fn risks(answer: &Answer) -> Vec<(u64, &str)> {
    let row = |risk: &'_ serde_json::Value| risk["port"].as_u64().expect("a port");
    let risks = answer.json["risks"].as_array().expect("risks");
    risks.iter().map(|risk| (row(risk), risk["kind"].as_str().expect("a kind"))).collect()
}

fn protect() {
    let mut server = listen("0.0.0.0:33000");
    let answer = audit();
    answer.has_code(1);
    assert_eq!(risks(&answer), [(33000, "dynamic_range")]);
    let risk = &answer.json["risks"][0];
    assert_eq!((&risk["likelihood"], &risk["fix"]["operation"]), (&"possible".into(), &"add_exclusion".into()), "{risk:#}");

    let fixed = portmedic(&["audit", "--fix", "--yes", "--json"]);
    fixed.has_code(0);
    assert_eq!(fixed.json["outcome"], "fixed", "{:#}", fixed.json["verification"]);
    assert_eq!((kernel::setting(RESERVED).as_str(), next_start(RESERVED).as_deref()), ("33000", Some("33000")));
    assert!(server.lives());
    audit().has_code(0);
}

/// The kernel gives each listener that asks for no port another one, and none of them is fixed.
fn given() {
    let servers: Vec<Puppet> = (0..20).map(|_| listen("127.0.0.1:0")).collect();
    let answer = audit();
    answer.has_code(0);
    assert_eq!(answer.json["not_fixed"].as_array().map(Vec::len), Some(servers.len()), "{:#}", answer.json);
}

fn outside() {
    let _server = listen("0.0.0.0:8080");
    let answer = audit();
    answer.has_code(0);
    assert_eq!((&answer.json["checked"], &answer.json["safe"][0]["port"]), (&1.into(), &8080.into()));
}

fn after_restart() {
    let _server = listen("0.0.0.0:33000");
    kernel::set(RESERVED, "33000");
    assert_eq!(risks(&audit()), [(33000, "excluded_only_now")]);
    kernel::set(RESERVED, "");
    kernel::set(RANGE, "40000 50000");
    assert_eq!(risks(&audit()), [(33000, "dynamic_range")], "the next start begins with the kernel's own range");
    portmedic(&["range", "40000-50000", "--yes"]).has_code(0);
    audit().has_code(0);
}

fn udp() {
    let _server = Puppet::start(&Part::Receive { at: address("0.0.0.0:40000") });
    let answer = audit();
    assert_eq!(risks(&answer), [(40000, "dynamic_range")]);
    assert_eq!(answer.json["risks"][0]["protocol"], "udp");
    portmedic(&["audit", "--fix", "--yes"]).has_code(0);
    assert_eq!(kernel::setting(RESERVED), "40000");
}

fn several() {
    let _servers = ["0.0.0.0:33000", "127.0.0.1:33001", "[::]:50051"].map(listen);
    kernel::set(RESERVED, "5000");
    let fixed = portmedic(&["audit", "--fix", "--yes", "--json"]);
    fixed.has_code(0);
    assert_eq!(Answer::operations(&fixed.json), ["add_exclusion", "add_exclusion"]);
    assert_eq!(kernel::setting(RESERVED), "5000,33000-33001,50051");
    portmedic(&["undo", "--yes"]).has_code(0);
    assert_eq!((kernel::setting(RESERVED).as_str(), next_start(RESERVED)), ("5000", None));
    audit().has_code(1);
}

fn no_consent() {
    let _server = listen("0.0.0.0:33000");
    portmedic(&["audit", "--fix"]).has_code(3);
    portmedic(&["audit", "--fix", "--yes", "--dry-run"]).has_code(0);
    assert_eq!((kernel::setting(RESERVED).as_str(), next_start(RESERVED)), ("", None));
}

fn connections() {
    let _server = listen("0.0.0.0:8080");
    let _clients: Vec<Puppet> = (0..3).map(|_| connect("127.0.0.1:8080")).collect();
    let answer = audit();
    answer.has_code(0);
    assert_eq!(answer.json["checked"], 1, "{:#}", answer.json);
}
