//! A table of sockets: a tenth listeners, seven tenths connections with both their ends, two tenths rests in TIME_WAIT, spread over a few
//! processes, beside the descriptors that a desktop has open. And the ports that are asked for.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType};
use rustix::process::{Resource, Rlimit};

use super::groups::{self, Groups};

/// The argument with which the bench holds a part of the table.
pub const HOLD: &str = "--hold";
/// In place of a control group.
const NO_GROUP: &str = "-";

const LEAST_HOLDERS: usize = 8;
/// So many sockets one process holds at most.
const MOST_EACH: usize = 18_000;
const BACKGROUND: usize = 300;
const TIME_WAIT: Duration = Duration::from_mins(1);
/// How often the rests are renewed.
const TICK: Duration = Duration::from_millis(100);

/// A port whose holder is asked for; all of them are outside of what is handed to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A server listens on it, on every address.
    Listener,
    /// A client has it, and nobody listens.
    Client,
    /// A program has bound it and does nothing else.
    Bound,
    /// Nobody has it.
    Nobody,
}

impl Asked {
    pub const ALL: [Self; 4] = [Self::Listener, Self::Client, Self::Bound, Self::Nobody];

    pub const fn port(self) -> u16 {
        match self {
            Self::Listener => 1433,
            Self::Client => 1434,
            Self::Bound => 1435,
            Self::Nobody => 1436,
        }
    }

    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Listener => "a listener",
            Self::Client => "a client's end of a connection",
            Self::Bound => "bound, and nothing else",
            Self::Nobody => "free",
        }
    }
}

/// The processes that hold the table; it ends with them.
pub struct Table(Vec<Child>);

impl Table {
    /// Starts them and waits until every socket is there.
    pub fn fill(sockets: usize, groups: Option<&Groups>) -> Self {
        let holders = LEAST_HOLDERS.max(sockets.div_ceil(MOST_EACH));
        let mut table = Self(Vec::new());
        for number in 0..holders {
            let count = sockets * (number + 1) / holders - sockets * number / holders;
            table.start(&["part", &number.to_string(), &count.to_string()], groups, &format!("holder-{number}"));
        }
        table.start(&["asked"], groups, "asked");
        for _ in 0..BACKGROUND {
            table.start(&["background"], groups, "background");
        }
        for child in &mut table.0 {
            let mut ready = String::new();
            BufReader::new(child.stdout.take().expect("its output")).read_line(&mut ready).expect("a line");
            assert_eq!(ready.trim(), "ready");
        }
        table
    }

    fn start(&mut self, part: &[&str], groups: Option<&Groups>, group: &str) {
        let own = std::env::current_exe().expect("this executable");
        let group = groups.map(|groups| groups.group(group));
        let group = group.as_deref().unwrap_or_else(|| Path::new(NO_GROUP));
        let child = Command::new(own).arg(HOLD).arg(group).args(part).stdout(Stdio::piped()).spawn().expect("a holder");
        self.0.push(child);
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        for child in &mut self.0 {
            child.kill().expect("an end");
        }
        for child in &mut self.0 {
            child.wait().expect("its end");
        }
    }
}

/// How many TCP sockets over IPv4 there are in the room.
pub fn sockets() -> usize {
    fs::read_to_string("/proc/net/tcp").expect("the socket table").lines().skip(1).count()
}

/// Holds a part of the table until it is killed.
pub fn hold(part: &[&str]) {
    let [group, what, numbers @ ..] = part else { panic!("{part:?}") };
    if *group != NO_GROUP {
        groups::join(Path::new(group));
    }
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let all = Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(Resource::Nofile, all).expect("as many descriptors as are allowed");
    match (*what, numbers) {
        ("part", [number, count]) => hold_part(number.parse().expect("a number"), count.parse().expect("a number")),
        ("asked", []) => hold_asked(),
        ("background", []) => hold_descriptors(),
        _ => panic!("{part:?}"),
    }
}

/// Holds `sockets` sockets at an address of its own.
fn hold_part(number: u8, sockets: usize) {
    let address = Ipv4Addr::new(127, 0, 1, number);
    let bind = |_| TcpListener::bind(SocketAddrV4::new(address, 0)).expect("a listener");
    let listeners: Vec<TcpListener> = (0..(sockets / 10).max(1)).map(bind).collect();
    let mut next = listeners.iter().cycle();
    let mut connect = || {
        let listener = next.next().expect("a listener");
        let client = TcpStream::connect(listener.local_addr().expect("its address")).expect("a connection");
        (client, listener.accept().expect("its other end").0)
    };
    let _held: Vec<_> = (0..sockets * 7 / 20).map(|_| connect()).collect();
    let resting = sockets / 5;
    // Whoever closes first rests.
    let mut rest = |count: usize| (0..count).for_each(|_| drop(connect()));
    rest(resting);
    ready();
    let mut renewed = 0_u32;
    let begin = Instant::now();
    loop {
        thread::sleep(TICK);
        let due = resting as f64 * begin.elapsed().as_secs_f64() / TIME_WAIT.as_secs_f64();
        while f64::from(renewed) < due {
            rest(1);
            renewed += 1;
        }
    }
}

fn hold_asked() {
    let any = |port| SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port);
    let _listener = TcpListener::bind(any(Asked::Listener.port())).expect("the port");
    let _bound = bound(any(Asked::Bound.port()));
    let server = TcpListener::bind(any(0)).expect("a listener");
    let client = bound(SocketAddrV4::new(Ipv4Addr::LOCALHOST, Asked::Client.port()));
    let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, server.local_addr().expect("its address").port());
    rustix::net::connect(&client, &to).expect("a connection");
    let _accepted = server.accept().expect("its other end");
    ready();
    wait();
}

fn bound(at: SocketAddrV4) -> OwnedFd {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    rustix::net::bind(&socket, &at).expect("the port");
    socket
}

/// What a process on a desktop has open: 40 descriptors, few of them sockets and none of the network.
fn hold_descriptors() {
    let _pipes: Vec<_> = (0..15).map(|_| std::io::pipe().expect("a pipe")).collect();
    let _pairs: Vec<_> = (0..5).map(|_| UnixStream::pair().expect("a pair")).collect();
    ready();
    wait();
}

fn ready() {
    println!("ready");
}

fn wait() {
    loop {
        thread::park();
    }
}
