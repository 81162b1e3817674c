//! A window that is open for long: what it looks at each second is looked at as often as in an hour, while connections come and go, and the
//! program holds no more memory, open files or threads at the end than at the beginning.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use portmedic::app::ports::PortTable;
use portmedic::app::{Backend, Computer};
use portmedic::helper::journal::history;
use portmedic::machine::Protocol;
use portmedic::platform::{Scope, SocketScope, live};

use crate::room::Scenario;

pub const ALL: &[Scenario] = &[
    ("an hour of looks at the live table leaves memory, files and threads as they were", live_table),
    ("many whole looks leave memory, files and threads as they were", whole_looks),
];

/// Looks in an hour of the live table.
const HOUR: usize = 3600;
/// By then every buffer and every cache has the size that it keeps.
const WARM: usize = 400;
/// What the allocator may hold back, in KiB.
const SLACK: u64 = 1024;
/// A thread that has ended is still listed for a moment. What leaks does so with every look.
const ENDING_THREADS: usize = 8;

/// What a process holds: memory in KiB, open files, threads.
#[derive(Debug)]
struct Held {
    memory: u64,
    files: usize,
    threads: usize,
}

fn held() -> Held {
    let status = fs::read_to_string("/proc/self/status").expect("our state");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("our memory");
    let memory = line.split_whitespace().next().expect("a number").parse().expect("a number");
    let count = |folder: &str| fs::read_dir(folder).expect("a folder").count();
    Held { memory, files: count("/proc/self/fd"), threads: count("/proc/self/task") }
}

/// Does `look` so often, with 20 connections that come and go meanwhile, and compares what is held.
fn each_time(times: usize, warm: usize, mut look: impl FnMut()) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("its address");
    let mut open = Vec::new();
    let mut begin = None;
    for time in 0..times {
        if time % 10 == 0 {
            open.clear();
            for _ in 0..20 {
                let client = TcpStream::connect(at).expect("a connection");
                let server = listener.accept().expect("its other end");
                // It is reset at its end: thousands at rest would be memory that is held for a reason.
                rustix::net::sockopt::set_socket_linger(&client, Some(Duration::ZERO)).expect("an option");
                open.push((client, server));
            }
        }
        look();
        if time == warm {
            begin = Some(held());
        }
    }
    let (begin, end) = (begin.expect("more looks than warm ones"), held());
    eprintln!("{times} looks: {begin:?} after {warm}, {end:?} at the end");
    assert!(end.memory <= begin.memory + SLACK, "{begin:?} after {warm} looks, {end:?} after {times}");
    assert_eq!(end.files, begin.files);
    assert!(end.threads <= begin.threads + ENDING_THREADS, "{begin:?} after {warm} looks, {end:?} after {times}");
}

fn live_table() {
    let computer = Computer::live();
    let mut table: Option<PortTable> = None;
    let (begin, mut look) = (Timestamp::UNIX_EPOCH, 0);
    each_time(HOUR, WARM, || {
        // As `app::ports::watch` does, without its pauses.
        let searched = table.as_ref().filter(|_| look % 30 != 0).map(|table| Arc::new(table.searched()));
        let mut snapshot = computer.ports(searched).expect("a look");
        // One look a second, as in the window: what is gone leaves the table by this clock.
        snapshot.taken_at = begin + Duration::from_secs(look);
        table = Some(PortTable::after(table.as_ref(), &snapshot));
        look += 1;
    });
    let table = table.expect("a table");
    assert!(table.open() > 20 && table.rows.len() < 200, "{} of {} rows are open", table.open(), table.rows.len());
}

fn whole_looks() {
    let platform = live();
    let scope = Scope { sockets: SocketScope::All, ..Scope::default() };
    each_time(400, 100, || {
        platform.observe(&scope).expect("a look");
        platform.sample_dynamic_ports(Protocol::Tcp, 4).expect("ports");
        assert!(history().expect("a journal").is_empty());
    });
}
