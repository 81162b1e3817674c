//! The socket table for people: one line a socket, in the words of the Ports page; who shares a socket stands in the same line.
//!
//! A busy computer has hundreds of thousands of sockets, so the lines are made in parts, by several threads, and written at once.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use rustc_hash::FxHashMap;

use super::Arguments;
use crate::app::ports;
use crate::machine::{Snapshot, Socket, SocketState, unit_of, visible};
use crate::platform::{SocketTable, crew};

const HEADS: [&str; COLUMNS] = ["PROTO", "LOCAL", "REMOTE", "STATE", "PROGRAM", "USER", "SERVICE"];
const COLUMNS: usize = 7;
/// How many columns tell who has the socket: the last ones.
const HELD: usize = 3;
/// How many sockets a thread takes at a time.
const PART: usize = 4096;
const MAX_THREADS: usize = 4;

/// How wide each column is, in characters.
type Widths = [usize; COLUMNS];

/// Writes the sockets that are asked for under their heads; whether there are any.
///
/// # Errors
/// Where `out` cannot be written.
pub fn write(table: &SocketTable, arguments: &Arguments, out: &mut dyn Write) -> io::Result<bool> {
    let parts: Vec<Range<usize>> =
        (0..table.sockets.count()).step_by(PART).map(|start| start..(start + PART).min(table.sockets.count())).collect();
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_THREADS));
    let measured = crew::each(threads, "columns", &parts, |part| widths(table, arguments, part.clone()));
    let Some(widths) = measured.into_iter().flatten().reduce(wider) else { return Ok(false) };
    let widths = wider(widths, HEADS.map(str::len));
    let mut heads = String::new();
    padded(HEADS.into_iter().map(|head| (head, head.len())), &widths, &mut heads);
    writeln!(out, "{}", heads.trim_end())?;
    for few in parts.chunks(threads) {
        for lines in crew::each(threads, "lines", few, |part| lines(table, arguments, part.clone(), &widths)) {
            out.write_all(lines.as_bytes())?;
        }
    }
    Ok(true)
}

/// How wide the columns must be for these sockets; `None` where none of them is asked for.
fn widths(table: &SocketTable, arguments: &Arguments, part: Range<usize>) -> Option<Widths> {
    let mut widths = None;
    let mut holders = Holders::new(&table.look, |cells| cells.each_ref().map(|cell| cell.width));
    table.sockets.each(part, &mut |socket| {
        if arguments.shows(socket) {
            let [program, user, service] = *holders.of(socket);
            let remote = socket.remote.map_or(1, width_of);
            let state = socket.state.in_words();
            let own = [kind(socket).len(), width_of(socket.local), remote, state.len(), program, user, service];
            widths = Some(widths.map_or(own, |widths| wider(widths, own)));
        }
    });
    widths
}

fn wider(mut one: Widths, other: Widths) -> Widths {
    for (one, other) in one.iter_mut().zip(other) {
        *one = (*one).max(other);
    }
    one
}

/// The lines of these sockets.
fn lines(table: &SocketTable, arguments: &Arguments, part: Range<usize>, widths: &Widths) -> String {
    let mut lines = String::with_capacity(part.len() * (widths.iter().sum::<usize>() + 2 * COLUMNS));
    let (of_socket, of_holder) = widths.split_at(COLUMNS - HELD);
    // Where a line ends is the same for all sockets of a holder.
    let mut holders = Holders::new(&table.look, |cells| {
        let mut end = String::new();
        padded(cells.iter().map(|cell| (cell.text.as_str(), cell.width)), of_holder, &mut end);
        end.truncate(end.trim_end().len());
        end + "\n"
    });
    let (mut local, mut remote) = (String::new(), String::new());
    table.sockets.each(part, &mut |socket| {
        if arguments.shows(socket) {
            local.clear();
            remote.clear();
            address(socket.local, &mut local);
            match socket.remote {
                Some(end) => address(end, &mut remote),
                None => remote.push('-'),
            }
            let cells = [kind(socket), &local, &remote, socket.state.in_words()].map(|text| (text, text.len()));
            padded(cells.into_iter(), of_socket, &mut lines);
            lines.push_str(holders.of(socket));
        }
    });
    lines
}

/// Adds cells, each with how wide it is: as wide as its column, with two blanks behind it.
fn padded<'a>(cells: impl Iterator<Item = (&'a str, usize)>, widths: &[usize], lines: &mut String) {
    const BLANKS: &str = "                                                                ";
    for ((cell, own), width) in cells.zip(widths) {
        lines.push_str(cell);
        let mut missing = width.saturating_sub(own) + 2;
        while missing > 0 {
            let few = missing.min(BLANKS.len());
            lines.push_str(&BLANKS[..few]);
            missing -= few;
        }
    }
}

fn kind(socket: &Socket) -> &'static str {
    ports::kind(socket.protocol, socket.family())
}

/// Adds an address with its port. Most are IPv4, and the way of the standard library for them takes longer than all else about a line.
fn address(end: SocketAddr, text: &mut String) {
    let SocketAddr::V4(end) = end else { return text.push_str(&end.to_string()) };
    let mut digits = itoa::Buffer::new();
    for (octet, after) in end.ip().octets().into_iter().zip(['.', '.', '.', ':']) {
        text.push_str(digits.format(octet));
        text.push(after);
    }
    text.push_str(digits.format(end.port()));
}

/// How wide an address with its port is.
fn width_of(end: SocketAddr) -> usize {
    let digits = |number: u16| usize::try_from(number.checked_ilog10().unwrap_or(0) + 1).unwrap_or(1);
    match end {
        SocketAddr::V4(end) => {
            end.ip().octets().iter().map(|octet| digits((*octet).into()) + 1).sum::<usize>() + digits(end.port())
        }
        SocketAddr::V6(end) => end.to_string().len(),
    }
}

/// What decides about program, user and service of a socket: where the lists and texts lie that many sockets share, not what they say.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Whose {
    pids: usize,
    cgroup: Option<usize>,
    service: Option<usize>,
    state: SocketState,
    has_inode: bool,
}

impl Whose {
    fn of(socket: &Socket) -> Self {
        let place = |text: &Arc<str>| Arc::as_ptr(text).addr();
        Self {
            pids: Arc::as_ptr(&socket.pids).addr(),
            cgroup: socket.cgroup.as_ref().map(place),
            service: socket.service.as_ref().map(place),
            state: socket.state,
            has_inode: socket.inode.is_some(),
        }
    }
}

/// Program, user and service.
type Cells = [Cell; HELD];

struct Cell {
    text: String,
    width: usize,
}

/// Finds what is made of the words for who has a socket; most sockets are had by few.
struct Holders<'a, T, M> {
    look: &'a Snapshot,
    make: M,
    known: FxHashMap<Whose, Known<T>>,
}

struct Known<T> {
    made: T,
    /// What it was made for: as long as that is kept, nothing else lies where its list and texts do.
    _of: Socket,
}

impl<'a, T, M: Fn(Cells) -> T> Holders<'a, T, M> {
    fn new(look: &'a Snapshot, make: M) -> Self {
        Self { look, make, known: FxHashMap::default() }
    }

    fn of(&mut self, socket: &Socket) -> &T {
        let make = || Known { made: (self.make)(cells(self.look, socket)), _of: socket.clone() };
        &self.known.entry(Whose::of(socket)).or_insert_with(make).made
    }
}

/// Program, user and service.
fn cells(look: &Snapshot, socket: &Socket) -> Cells {
    let each = |text: &dyn Fn(&u32) -> Option<String>| {
        let mut texts: Vec<String> = socket.pids.iter().filter_map(text).collect();
        texts.dedup();
        (!texts.is_empty()).then(|| texts.join(", "))
    };
    let process = |pid: &u32| look.processes.get(pid);
    let program = if socket.pids.is_empty() {
        Some(ports::Holder::of(look, socket).program_in_words(!socket.state.is_connected()))
    } else {
        each(&|pid| Some(format!("{} ({pid})", process(pid).map_or("-", |process| &process.name))))
    };
    let user = each(&|pid| process(pid)?.user.clone());
    let service = if socket.pids.is_empty() {
        socket.cgroup.as_deref().and_then(unit_of).map(|unit| unit.name.to_owned())
    } else {
        each(&|pid| {
            let process = process(pid)?;
            let container = process.container.as_ref().map(|own| format!("{} container {}", own.runtime, own.id));
            container.or_else(|| process.service.clone())
        })
    };
    [program, user, service].map(|cell| {
        let text = cell.map_or_else(|| "-".to_owned(), |cell| visible(&cell));
        Cell { width: text.chars().count(), text }
    })
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::ops::Range;

    use clap::Parser;
    use jiff::Timestamp;

    use super::{PART, address, width_of, write};
    use crate::cli::ports::Arguments;
    use crate::machine::{Host, Process, ProcessId, Protocol, Snapshot, Socket, SocketState, System};
    use crate::platform::{SocketTable, Sockets};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn socket(number: usize) -> Socket {
        let port = u16::try_from(1000 + number).unwrap();
        Socket {
            inode: Some(1),
            pids: if number.is_multiple_of(7) { [8, 9].into() } else { [8].into() },
            ..Socket::bare(Protocol::Tcp, format!("127.0.0.1:{port}").parse().unwrap(), SocketState::Listen)
        }
    }

    fn told(sockets: usize, arguments: &[&str]) -> (bool, String) {
        let look = Snapshot {
            sockets: (0..sockets).map(socket).collect(),
            processes: [8, 9].map(|pid| (pid, Process::named(ProcessId { pid, started: 1 }, "w\u{e9}b\u{1b}"))).into(),
            ..Snapshot::new(Timestamp::UNIX_EPOCH, Host::of(System::Linux))
        };
        let line = Line::try_parse_from(["ports"].iter().chain(arguments)).unwrap();
        let mut out = Vec::new();
        let any = write(&SocketTable::of(look), &line.arguments, &mut out).unwrap();
        (any, String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_socket_of_a_long_table_has_one_line_in_order_and_under_its_heads() {
        let count = 2 * PART + 3;
        let (any, text) = told(count, &[]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(any && lines.len() == count + 1);
        let chars = |line: &str, word: &str| line[..line.find(word).unwrap()].chars().count();
        let (program, user) = (chars(lines[0], "PROGRAM"), chars(lines[0], "USER"));
        for (number, line) in lines[1..].iter().enumerate() {
            let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
            let both = if number.is_multiple_of(7) { "w\u{e9}b\\u{1b} (8), w\u{e9}b\\u{1b} (9)" } else { "w\u{e9}b\\u{1b} (8)" };
            assert_eq!(cells, ["TCP4", &format!("127.0.0.1:{}", 1000 + number), "-", "Listening", both, "-", "-"], "{line}");
            assert_eq!(chars(line, "w\u{e9}b"), program);
            assert_eq!(line.chars().nth(user), Some('-'));
        }
    }

    /// Makes each socket when it is asked for, and lets go of it at once.
    struct Fleeting(u32);

    impl Sockets for Fleeting {
        fn count(&self) -> usize {
            self.0.try_into().unwrap()
        }

        fn each(&self, part: Range<usize>, tell: &mut dyn FnMut(&Socket)) {
            for pid in (1..=self.0).take(part.end).skip(part.start) {
                tell(&Socket { pids: [pid].into(), ..socket(0) });
            }
        }
    }

    #[test]
    fn each_socket_has_its_own_holder_also_where_one_lies_in_memory_where_another_lay() {
        let look = Snapshot::new(Timestamp::UNIX_EPOCH, Host::of(System::Linux));
        let table = SocketTable { look, sockets: Box::new(Fleeting(20)) };
        let line = Line::try_parse_from(["ports"]).unwrap();
        let mut out = Vec::new();
        assert!(write(&table, &line.arguments, &mut out).unwrap());
        let text = String::from_utf8(out).unwrap();
        for (pid, line) in (1..).zip(text.lines().skip(1)) {
            assert!(line.contains(&format!("- ({pid})")), "{pid}: {line}");
        }
    }

    #[test]
    fn only_what_is_asked_for_has_a_line() {
        let (any, text) = told(20, &["--pid", "9"]);
        assert!(any);
        assert_eq!(text.lines().count(), 1 + 3, "{text}");
        assert_eq!(told(20, &["--state", "connected"]), (false, String::new()));
        assert_eq!(told(0, &[]), (false, String::new()));
    }

    #[test]
    fn an_address_is_written_as_everywhere_and_as_wide_as_it_is_said_to_be() {
        let ends = ["0.0.0.0:0", "127.0.0.1:9", "10.20.30.255:65535", "100.9.10.99:1000", "[::]:80", "[fe80::1%3]:5432"];
        for end in ends {
            let parsed: SocketAddr = end.parse().unwrap();
            let mut text = String::new();
            address(parsed, &mut text);
            assert_eq!((text.as_str(), text.len()), (end, width_of(parsed)));
        }
    }

    proptest::proptest! {
        #[test]
        fn every_address_is_written_as_the_standard_library_does(end: SocketAddr) {
            let mut text = String::new();
            address(end, &mut text);
            assert_eq!((text.as_str(), text.len()), (end.to_string().as_str(), width_of(end)));
        }
    }
}
