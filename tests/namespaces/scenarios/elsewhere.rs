//! Nobody here has the port: it is free, reserved, another namespace's, or the trouble is of another kind.

use rustix::io::Errno;

use crate::answer::diagnose;
use crate::kernel::{self, RANGE, RESERVED, bind};
use crate::puppet::{Part, Puppet, address};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("a free port is free", free),
    ("a reserved port is free for those who name it", reserved),
    ("a listener in another network namespace is no conflict", other_namespace),
    ("a low port without the right to it", privileged),
    ("an address of another computer", not_local),
    ("a certificate is not a port", not_a_port),
];

fn free() {
    bind("0.0.0.0:1433", false).expect("a free port");
    let answer = diagnose("1433");
    answer.has_cause("port_free").has_owners(&[]);
    assert_eq!(answer.json["verdict"]["confidence"], "certain");
    let system = answer.json["host"]["version"].as_str().unwrap_or_default();
    assert!(system.starts_with("Linux "), "nothing here says which distribution it is: {system}");
    assert_ne!(answer.json["verdict"]["evidence"].as_array().map(Vec::len), Some(0), "what was checked is said");
}

fn reserved() {
    kernel::set(RANGE, "1430 1435");
    kernel::set(RESERVED, "1433");
    assert_eq!(kernel::setting(RESERVED), "1433");
    bind("0.0.0.0:1433", false).expect("a reservation does not keep a server from its port");
    diagnose("1433").has_cause("port_free").has_owners(&[]);
}

fn other_namespace() {
    let listening = Part::Listen { at: address("0.0.0.0:1433"), v6only: false, reuse_port: false, waiting: 0 };
    let stranger = Puppet::start_elsewhere(&listening);
    bind("0.0.0.0:1433", false).expect("a free port");
    let answer = diagnose("1433");
    answer.has_cause("port_free").has_owners(&[]);
    let told = answer.json["verdict"]["evidence"].to_string();
    assert!(told.contains("namespace"), "process {} has that port elsewhere, and that is said: {told}", stranger.pid());
}

fn privileged() {
    let answer = diagnose("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)");
    answer.has_cause("privileged_port").has_owners(&[]);
    assert_eq!(answer.json["target"]["port"], 80);
}

fn not_local() {
    assert_eq!(bind("203.0.113.9:8080", true).err(), Some(Errno::ADDRNOTAVAIL));
    let answer = diagnose("nginx: [emerg] bind() to 203.0.113.9:8080 failed (99: Cannot assign requested address)");
    answer.has_cause("address_not_local").has_owners(&[]);
    assert_eq!(answer.json["target"]["port"], 8080);
}

fn not_a_port() {
    diagnose("nginx: [emerg] cannot load certificate \"/etc/ssl/site.pem\": No such file or directory")
        .has_cause("not_a_port_problem");
}
