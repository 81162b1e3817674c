//! A program listens on the port, or has it by `bind` alone.

use std::fs;
use std::path::Path;

use rustix::io::Errno;

use crate::answer::diagnose;
use crate::kernel::{self, CLOSE_WAIT, bind};
use crate::puppet::{Part, Puppet, address, listen};
use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("a listener on every address is found", every_address),
    ("a listener on loopback alone blocks every address", loopback_alone),
    ("a listener on another loopback address blocks every address", other_loopback),
    ("a dual-stack listener blocks IPv4", dual_stack),
    ("an IPv6-only listener blocks IPv6", ipv6_only),
    ("a bound socket that nobody sees is found", bound),
    ("a UDP socket blocks UDP and leaves TCP free", udp),
    ("both members of a port sharing group are found", group),
    ("every process that shares a socket is found", shared),
    ("the last process that shares a socket is found", shared_orphan),
    ("a deleted executable is told as deleted", deleted),
    ("connections that wait to be accepted belong to the listener", accept_queue),
    ("connections that were never closed do not hide the listener", close_wait),
];

fn every_address() {
    let holder = listen("0.0.0.0:8080");
    assert_eq!(bind("0.0.0.0:8080", true).err(), Some(Errno::ADDRINUSE));
    let answer = diagnose("8080");
    answer.has_cause("held_by_listener").has_owners(&[(Some(holder.pid()), "process", "LISTEN")]);
    assert_eq!(answer.owners()[0]["local"], "0.0.0.0:8080");
    assert!(answer.owners()[0]["remote"].is_null());
    let exe = std::env::current_exe().expect("the puppet's executable");
    assert_eq!(answer.owners()[0]["exe"].as_str(), exe.to_str());
}

fn loopback_alone() {
    let holder = listen("127.0.0.1:8080");
    assert_eq!(bind("0.0.0.0:8080", true).err(), Some(Errno::ADDRINUSE));
    diagnose("8080").has_cause("held_by_listener").has_owners(&[(Some(holder.pid()), "process", "LISTEN")]);
}

fn other_loopback() {
    let holder = listen("127.0.0.2:8080");
    bind("127.0.0.1:8080", true).expect("another address is free");
    assert_eq!(bind("0.0.0.0:8080", true).err(), Some(Errno::ADDRINUSE));
    diagnose("8080").has_cause("held_by_listener").has_owners(&[(Some(holder.pid()), "process", "LISTEN")]);
}

fn dual_stack() {
    let holder = listen("[::]:8080");
    assert_eq!(bind("127.0.0.1:8080", true).err(), Some(Errno::ADDRINUSE));
    let answer = diagnose("8080");
    answer.has_cause("held_by_listener").has_owners(&[(Some(holder.pid()), "process", "LISTEN")]);
    assert_eq!(answer.owners()[0]["local"], "[::]:8080");
}

fn ipv6_only() {
    let holder = Puppet::start(&Part::Listen { at: address("[::]:8080"), v6only: true, reuse_port: false, waiting: 0 });
    bind("0.0.0.0:8080", true).expect("IPv4 is free");
    diagnose("8080").has_cause("held_by_listener").has_owners(&[(Some(holder.pid()), "process", "LISTEN")]);
}

fn bound() {
    let holder = Puppet::start(&Part::Bind { at: address("0.0.0.0:1433"), count: 1 });
    assert!(kernel::states(1433).is_empty(), "the classic table must not show it");
    assert_eq!(bind("0.0.0.0:1433", true).err(), Some(Errno::ADDRINUSE));
    diagnose("1433").has_cause("held_by_bound_socket").has_owners(&[(Some(holder.pid()), "process", "BOUND")]);
}

fn udp() {
    let holder = Puppet::start(&Part::Receive { at: address("0.0.0.0:1433") });
    let answer = diagnose("1433/udp");
    answer.has_cause("held_by_listener").has_owners(&[(Some(holder.pid()), "process", "UNCONNECTED")]);
    assert_eq!(answer.owners()[0]["protocol"], "udp");
    bind("0.0.0.0:1433", false).expect("TCP is free");
    diagnose("1433/tcp").has_cause("port_free").has_owners(&[]);
}

fn group() {
    let member = || Puppet::start(&Part::Listen { at: address("0.0.0.0:8080"), v6only: false, reuse_port: true, waiting: 0 });
    let (one, two) = (member(), member());
    assert_eq!(bind("0.0.0.0:8080", true).err(), Some(Errno::ADDRINUSE));
    diagnose("8080")
        .has_cause("held_by_listener")
        .has_owners(&[(Some(one.pid()), "process", "LISTEN"), (Some(two.pid()), "process", "LISTEN")]);
}

fn shared() {
    let holder = Puppet::start(&Part::Share { at: address("127.0.0.1:8080") });
    diagnose("8080")
        .has_cause("held_by_listener")
        .has_owners(&[(Some(holder.pid()), "process", "LISTEN"), (holder.ready.partner, "process", "LISTEN")]);
}

fn shared_orphan() {
    let holder = Puppet::start(&Part::Share { at: address("127.0.0.1:8080") });
    let partner = holder.ready.partner;
    drop(holder);
    assert_eq!(bind("0.0.0.0:8080", true).err(), Some(Errno::ADDRINUSE), "the partner still has it");
    diagnose("8080").has_cause("held_by_listener").has_owners(&[(partner, "process", "LISTEN")]);
}

fn deleted() {
    let copy = Path::new("/run/leaky");
    fs::copy(std::env::current_exe().expect("this executable"), copy).expect("a copy");
    let holder =
        Puppet::start_from(copy, &Part::Listen { at: address("0.0.0.0:8080"), v6only: false, reuse_port: false, waiting: 0 });
    fs::remove_file(copy).expect("the copy goes");
    let answer = diagnose("8080");
    answer.has_cause("held_by_listener").has_owners(&[(Some(holder.pid()), "process", "LISTEN")]);
    let owner = &answer.owners()[0];
    assert_eq!((owner["exe"].as_str(), owner["exe_deleted"].as_bool()), (Some("/run/leaky"), Some(true)));
}

fn accept_queue() {
    let holder = Puppet::start(&Part::Listen { at: address("127.0.0.1:8080"), v6only: false, reuse_port: false, waiting: 5 });
    assert_eq!(holder.ready.count, 5);
    let answer = diagnose("8080");
    answer.has_cause("held_by_listener");
    assert_eq!(answer.owners()[0]["pid"], holder.pid());
    assert_eq!(answer.owners()[0]["state"], "LISTEN");
    for owner in answer.owners() {
        assert_eq!(owner["pid"], holder.pid(), "a waiting connection is the listener's: {owner:#}");
    }
}

fn close_wait() {
    let holder = Puppet::start(&Part::Hoard { at: address("127.0.0.1:8080"), count: 50 });
    assert_eq!(kernel::states(8080).into_iter().filter(|state| *state == CLOSE_WAIT).count(), 50);
    let answer = diagnose("8080");
    answer.has_cause("held_by_listener");
    assert_eq!(answer.owners()[0]["pid"], holder.pid());
    assert_eq!(answer.owners()[0]["state"], "LISTEN");
}
