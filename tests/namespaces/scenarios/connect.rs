//! A client and a server, each in a network of its own with a cable between them: every reason why no connection comes about is told apart.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::answer::{Answer, executable, portmedic, run};
use crate::kernel::{self, RANGE};
use crate::puppet::{Part, Puppet, address, own};
use crate::room::{self, Scenario};

/// They need `ip` (iproute2) for the cable.
pub const WIRED: &[Scenario] = &[
    ("a server that answers is reached", works),
    ("an address that every network has is reached through the interface behind it", link_local),
    ("a port on which nobody listens refuses", nobody),
    ("a listener for its own computer only is found on the server", loopback_only),
    ("a listener on another address is found on the server", other_address),
    ("an address that nobody has is not reached", nobody_there),
    ("a line of the hosts file leads to the wrong computer", hosts_file),
    ("a name that no server tells is no matter of ports", name),
    ("a queue that is full is told from a firewall on the server", full_queue),
    ("a server that ends every connection at once turns away", turned_away),
    ("another protocol than the expected one is named", other_protocol),
    ("a computer without a free port for the connection says so", no_port_left),
    ("a server that swallows everything is told from one closed port", swallowed),
    ("SQL Server Browser tells the port of an instance", browser),
    ("an instance that the Browser does not know is told from a silent one", browser_knows_not),
];

/// They need `nft` (nftables), too.
pub const NFT: &[Scenario] = &[
    ("a rule of nftables that drops is found on the server", nft_drop),
    ("a rule of nftables that rejects is told from a closed port", nft_reject),
    ("a rule of nftables that answers with a reset is found on the server", nft_reset),
    ("a rule of nftables that keeps a client in is found on the client", nft_out),
    ("a rule of nftables for others only is found although the own test works", nft_others),
];

/// They need `iptables`, too.
pub const IPTABLES: &[Scenario] = &[("a rule of iptables that drops is found on the server", iptables_drop)];

const SERVER: &str = "10.7.0.2";
const CLIENT: &str = "10.7.0.1";

/// The other computer: a network namespace that lives as long as the process in it.
struct Server {
    keeper: Puppet,
}

impl Server {
    /// Lays the cable and gives both ends their addresses.
    fn wired() -> Self {
        let server = Self { keeper: Puppet::start_elsewhere(&Part::Keep) };
        let pid = server.keeper.pid().to_string();
        ip(&["link", "add", "client", "type", "veth", "peer", "name", "server", "netns", &pid]);
        ip(&["address", "add", &format!("{CLIENT}/24"), "dev", "client"]);
        ip(&["link", "set", "client", "up"]);
        for arguments in [
            &["ip", "address", "add", &format!("{SERVER}/24"), "dev", "server"][..],
            &["ip", "link", "set", "server", "up"],
            &["ip", "link", "set", "lo", "up"],
        ] {
            server.run(arguments);
        }
        server
    }

    /// A command that runs on the server.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.keeper.pid().to_string(), "--net", "--"]).arg(program);
        command
    }

    fn run(&self, arguments: &[&str]) {
        room::run(self.command(Path::new(arguments[0])).args(&arguments[1..]));
    }

    /// A program on the server that plays this part.
    fn plays(&self, part: &Part) -> Puppet {
        Puppet::start_by(self.command(&own()), part)
    }

    fn listens(&self, at: &str) -> Puppet {
        self.plays(&Part::Listen { at: address(at), v6only: false, reuse_port: false, waiting: 0 })
    }

    /// The checklist, run on the server.
    fn checks(&self, arguments: &[&str]) -> Answer {
        run(self.command(Path::new(&executable())).arg("connect").args(arguments).args(["--json", "--timeout", "1"]), "")
    }
}

fn ip(arguments: &[&str]) {
    room::run(Command::new("ip").args(arguments));
}

/// The checklist, run on the client.
fn checks(arguments: &[&str]) -> Answer {
    portmedic(&[&["connect"], arguments, &["--json", "--timeout", "1"]].concat())
}

/// What the checklist says to one of its questions.
fn item<'a>(answer: &'a Answer, id: &str) -> &'a Value {
    let items = answer.json["items"].as_array().expect("items");
    items.iter().find(|item| item["id"] == id).unwrap_or_else(|| panic!("no item {id} in {:#}", answer.json))
}

#[track_caller]
fn has(answer: &Answer, cause: &str, confidence: &str) {
    answer.has_cause(cause).has_code(i32::from(cause != "works"));
    assert_eq!(answer.json["verdict"]["confidence"], confidence, "{:#}", answer.json["verdict"]);
    assert_eq!(answer.json["schema"], "portmedic.connect/1");
}

fn works() {
    let server = Server::wired();
    let _program = server.listens("0.0.0.0:5432");
    let answer = checks(&[SERVER, "5432"]);
    has(&answer, "works", "certain");
    assert_eq!(item(&answer, "this_computer")["finding"].as_str().unwrap_or_default().get(..2), Some("no"));
    assert_eq!(item(&answer, "answer")["answer"], "ok");
}

fn link_local() {
    let server = Server::wired();
    // Addresses of the cable's own are only sure after a second.
    ip(&["address", "add", "fe80::1/64", "dev", "client", "nodad"]);
    server.run(&["ip", "address", "add", "fe80::2/64", "dev", "server", "nodad"]);
    let _program = server.listens("[::]:5432");
    has(&checks(&["fe80::2%client", "5432"]), "works", "certain");
    let other = checks(&["fe80::2%no-cable", "5432"]);
    has(&other, "not_reachable", "certain");
    assert_eq!(item(&other, "name")["answer"], "problem");
}

fn nobody() {
    let server = Server::wired();
    has(&checks(&[SERVER, "5432"]), "nothing_listens", "likely");
    let there = server.checks(&[SERVER, "5432"]);
    has(&there, "nothing_listens", "certain");
    assert_eq!(item(&there, "listening")["answer"], "problem");
}

fn loopback_only() {
    let server = Server::wired();
    let _program = server.listens("127.0.0.1:5432");
    has(&checks(&[SERVER, "5432"]), "nothing_listens", "likely");
    has(&server.checks(&[SERVER, "5432"]), "loopback_only", "certain");
    has(&server.checks(&["127.0.0.1", "5432"]), "works", "certain");
}

fn other_address() {
    let server = Server::wired();
    server.run(&["ip", "address", "add", "10.8.0.2/24", "dev", "server"]);
    let _program = server.listens("10.8.0.2:5432");
    has(&server.checks(&[SERVER, "5432"]), "other_address", "certain");
}

fn nobody_there() {
    let _server = Server::wired();
    let answer = portmedic(&["connect", "10.7.0.77", "5432", "--json", "--timeout", "20"]);
    has(&answer, "not_reachable", "certain");
    has(&checks(&["192.0.2.1", "5432"]), "not_reachable", "certain");
}

fn hosts_file() {
    let server = Server::wired();
    let _program = server.listens("0.0.0.0:5432");
    fs::write("/etc/hosts", "127.0.0.1 localhost\n10.7.0.1 db1 # the old address\n10.7.0.2 db2\n")
        .expect("the room's hosts file");
    let answer = checks(&["db1", "5432"]);
    assert!(matches!(answer.cause(), "hosts_file" | "nothing_listens"), "{:#}", answer.json["verdict"]);
    let told = item(&answer, "hosts");
    assert_eq!(told["answer"], "problem", "{told:#}");
    assert_eq!(told["evidence"][0]["source"], "/etc/hosts, line 2");
    has(&checks(&["db2", "5432"]), "works", "certain");
}

fn name() {
    let answer = checks(&["db1.corp.example", "5432"]);
    assert!(matches!(answer.cause(), "name_not_answered" | "name_unknown"), "{:#}", answer.json["verdict"]);
    answer.has_code(1);
    assert_eq!(item(&answer, "name")["answer"], "problem");
    assert_eq!(item(&answer, "answer")["answer"], "could_not_check");
}

fn full_queue() {
    let server = Server::wired();
    let _program = server.plays(&Part::Jam { at: address("0.0.0.0:5432") });
    let far = checks(&[SERVER, "5432"]);
    has(&far, "firewall_drops", "likely");
    let said = far.json["verdict"]["explanation"].as_str().unwrap_or_default();
    assert!(said.contains("queue"), "from afar both look alike, and that is said: {said}");
    let there = server.checks(&[SERVER, "5432"]);
    has(&there, "queue_full", "certain");
    assert_eq!(item(&there, "queue")["answer"], "problem");
}

fn turned_away() {
    let server = Server::wired();
    let _program = server.plays(&Part::HangUp { at: address("0.0.0.0:5432") });
    has(&checks(&[SERVER, "5432"]), "reset", "certain");
}

fn other_protocol() {
    let server = Server::wired();
    let _program = server.plays(&Part::Speak { at: address("0.0.0.0:443") });
    let answer = checks(&[&format!("https://{SERVER}")]);
    has(&answer, "other_protocol", "certain");
    assert!(item(&answer, "who")["finding"].as_str().unwrap_or_default().contains("SSH-2.0-puppet"));
    has(&checks(&[SERVER, "22"]), "nothing_listens", "likely");
}

fn no_port_left() {
    let server = Server::wired();
    let _program = server.listens("0.0.0.0:5432");
    kernel::set(RANGE, "40000 40000");
    let _client = Puppet::start(&Part::Connect { to: address(&format!("{SERVER}:5432")), count: 1 });
    has(&checks(&[SERVER, "5432"]), "no_local_port", "certain");
}

fn swallowed() {
    let server = Server::wired();
    // What the server sends to the client goes nowhere.
    server.run(&["ip", "route", "add", "blackhole", &format!("{CLIENT}/32")]);
    let answer = checks(&[SERVER, "5432"]);
    has(&answer, "not_reachable", "likely");
    assert_eq!(item(&answer, "reachable")["answer"], "problem");
}

fn browser() {
    let server = Server::wired();
    let _browser = server.plays(&Part::Browse { at: address("0.0.0.0:1434") });
    let _program = server.listens("0.0.0.0:50123");
    let answer = checks(&[SERVER, "SALES"]);
    has(&answer, "works", "certain");
    assert_eq!((&answer.json["target"]["port"], &answer.json["target"]["port_from"]), (&50123.into(), &"browser".into()));
    assert_eq!(item(&answer, "browser")["answer"], "ok");
}

fn browser_knows_not() {
    let server = Server::wired();
    has(&checks(&[SERVER, "SALES"]), "browser_silent", "certain");
    let silent = server.plays(&Part::Receive { at: address("0.0.0.0:1434") });
    has(&checks(&[SERVER, "SALES"]), "browser_silent", "likely");
    drop(silent);
    let _browser = server.plays(&Part::Browse { at: address("0.0.0.0:1434") });
    has(&checks(&[&format!(r"{SERVER}\ORDERS")]), "instance_unknown", "certain");
}

/// A table with one chain at this hook, and a rule in it.
fn nft(server: Option<&Server>, hook: &str, rule: &str) {
    let rules = format!("table inet room {{\nchain {hook} {{\ntype filter hook {hook} priority 0\n{rule}\n}}\n}}\n");
    let mut command = server.map_or_else(|| Command::new("nft"), |server| server.command(Path::new("nft")));
    room::run(command.arg(rules));
}

/// The text of the rule that the checklist names.
fn rule(answer: &Answer) -> String {
    item(answer, "firewall")["evidence"][0]["fact"].as_str().unwrap_or_default().to_owned()
}

fn nft_drop() {
    let server = Server::wired();
    let _program = server.listens("0.0.0.0:5432");
    nft(Some(&server), "input", "tcp dport 5432 drop");
    has(&checks(&[SERVER, "5432"]), "firewall_drops", "likely");
    let there = server.checks(&[SERVER, "5432"]);
    has(&there, "firewall_drops", "certain");
    assert_eq!(rule(&there), "tcp dport 5432 drop");
}

fn nft_reject() {
    let server = Server::wired();
    let _program = server.listens("0.0.0.0:5432");
    nft(Some(&server), "input", "tcp dport 5432 reject");
    let far = checks(&[SERVER, "5432"]);
    has(&far, "firewall_rejects", "certain");
    has(&server.checks(&[SERVER, "5432"]), "firewall_rejects", "certain");
    has(&checks(&[SERVER, "5433"]), "nothing_listens", "likely");
}

fn nft_reset() {
    let server = Server::wired();
    let _program = server.listens("0.0.0.0:5432");
    nft(Some(&server), "input", "tcp dport 5432 reject with tcp reset");
    // From afar it is what a closed port answers.
    has(&checks(&[SERVER, "5432"]), "nothing_listens", "likely");
    let there = server.checks(&[SERVER, "5432"]);
    has(&there, "firewall_rejects", "certain");
    assert_eq!(rule(&there), "tcp dport 5432 reject with tcp reset");
}

fn nft_out() {
    let server = Server::wired();
    let _program = server.listens("0.0.0.0:5432");
    nft(None, "output", "ip daddr 10.7.0.0/24 tcp dport 5432 reject");
    let answer = checks(&[SERVER, "5432"]);
    has(&answer, "firewall_out", "certain");
    // nft adds with which message.
    assert!(rule(&answer).starts_with("ip daddr 10.7.0.0/24 tcp dport 5432 reject"), "{}", rule(&answer));
}

fn nft_others() {
    let server = Server::wired();
    let _program = server.listens("0.0.0.0:5432");
    nft(Some(&server), "input", "iifname != \"lo\" tcp dport 5432 drop");
    let there = server.checks(&[SERVER, "5432"]);
    has(&there, "firewall_drops", "certain");
    assert_eq!(item(&there, "answer")["answer"], "ok", "the own attempt works");
}

fn iptables_drop() {
    let server = Server::wired();
    let _program = server.listens("0.0.0.0:5432");
    server.run(&["iptables", "-A", "INPUT", "-p", "tcp", "--dport", "5432", "-j", "DROP"]);
    has(&checks(&[SERVER, "5432"]), "firewall_drops", "likely");
    let there = server.checks(&[SERVER, "5432"]);
    has(&there, "firewall_drops", "certain");
    assert!(rule(&there).contains("5432"), "{}", rule(&there));
}
