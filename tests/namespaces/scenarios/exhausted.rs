//! No dynamic port is left for clients.

use rustix::io::Errno;

use crate::answer::diagnose;
use crate::kernel::{self, RANGE, RESERVED, TIME_WAIT, bind, wait_until};
use crate::puppet::{Part, Puppet, address, connect, listen};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("held connections use the dynamic range up", filled),
    ("finished connections use the dynamic range up", fled),
    ("bound sockets use the dynamic range up", bound),
    ("a dynamic range that is reserved whole has no port left", reserved_whole),
    ("a range that was used up and has room again is told with doubt", ports_left),
];

/// What a client says when no port is left for it.
const NO_PORT: &str = "dial tcp 127.0.0.1:9000: connect: cannot assign requested address";

#[track_caller]
fn is_used_up() {
    assert_eq!(bind("0.0.0.0:0", false).err(), Some(Errno::ADDRINUSE));
    let answer = diagnose(NO_PORT);
    answer.has_cause("exhausted");
    assert_eq!(answer.json["verdict"]["confidence"], "certain");
}

fn filled() {
    let _server = listen("127.0.0.1:9000");
    kernel::set(RANGE, "20000 20499");
    let client = Puppet::start(&Part::Connect { to: address("127.0.0.1:9000"), count: 2000 });
    assert_eq!((client.ready.count, client.ready.refused), (500, Some(Errno::ADDRNOTAVAIL.raw_os_error())));
    is_used_up();
}

fn fled() {
    let _server = Puppet::start(&Part::Serve { at: address("127.0.0.1:9000") });
    // Otherwise loopback clients get ports that have rested for a second.
    kernel::set("tcp_tw_reuse", "0");
    kernel::set(RANGE, "20000 20099");
    let resting = || kernel::table().into_iter().filter(|(_, state)| *state == TIME_WAIT).count();
    // A busy kernel now and then resets a connection that is closed at once, and its port is free again.
    wait_until("every port rests", || {
        let client = Puppet::start(&Part::Flee { to: address("127.0.0.1:9000"), count: 2000 });
        client.ready.refused == Some(Errno::ADDRNOTAVAIL.raw_os_error()) && resting() == 100
    });
    is_used_up();
}

fn bound() {
    kernel::set(RANGE, "20000 20099");
    let holder = Puppet::start(&Part::Bind { at: address("0.0.0.0:0"), count: 100 });
    assert_eq!(holder.ready.count, 100);
    is_used_up();
}

fn reserved_whole() {
    kernel::set(RANGE, "20000 20099");
    kernel::set(RESERVED, "20000-20099");
    is_used_up();
}

fn ports_left() {
    let _server = listen("127.0.0.1:9000");
    let _client = connect("127.0.0.1:9000");
    let answer = diagnose(NO_PORT);
    answer.has_cause("exhausted");
    assert_eq!(answer.json["verdict"]["confidence"], "likely", "the text says so, and the table does not");
}
