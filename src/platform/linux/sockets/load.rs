//! What tells of used up ports beside the sockets: descriptors of processes, counters of the kernel.

use std::cmp::Reverse;
use std::io;

use super::holders::Holders;
use crate::machine::{Counter, CounterKind, Gap, Handles, Load, Snapshot, TimeWaitReuse};
use crate::platform::linux::proc_file;
use crate::platform::linux::stat::Stat;

/// How many processes are told: those with the most descriptors.
const MOST: usize = 12;

/// Adds the counts of the processes that were looked into, and what the kernel counts.
pub fn look(holders: &Holders, snapshot: &mut Snapshot) {
    let (counters, gaps) = counters();
    let time_wait_reuse = match read("/proc/sys/net/ipv4/tcp_tw_reuse").ok().as_deref().map(str::trim_end) {
        Some("0") => Some(TimeWaitReuse::Never),
        Some("1") => Some(TimeWaitReuse::Always),
        Some("2") => Some(TimeWaitReuse::Loopback),
        _ => None,
    };
    snapshot.load = Load { handles: handles(holders, snapshot), counters, time_wait_reuse, ..Load::new() };
    Gap::add(&mut snapshot.gaps, gaps);
}

fn handles(holders: &Holders, snapshot: &Snapshot) -> Vec<Handles> {
    let mut most = holders.descriptors.clone();
    most.sort_by_key(|own| (Reverse(own.all), own.pid));
    most.truncate(MOST);
    let name = |pid: u32| match snapshot.processes.get(&pid) {
        Some(process) => Some(process.name.clone()),
        None => Stat::of(pid).ok().flatten().map(|stat| stat.name),
    };
    let told = |own: &super::holders::Descriptors| Handles {
        pid: own.pid,
        process: name(own.pid),
        handles: own.all,
        sockets: Some(own.sockets),
    };
    most.iter().map(told).collect()
}

/// The file, the line in it and the name on that line of each counter.
const COUNTERS: [(CounterKind, &str, &str, &str); 5] = [
    (CounterKind::TimeWait, "/proc/net/sockstat", "TCP", "tw"),
    (CounterKind::Orphans, "/proc/net/sockstat", "TCP", "orphan"),
    (CounterKind::TimeWaitOverflow, "/proc/net/netstat", "TcpExt", "TCPTimeWaitOverflow"),
    (CounterKind::TimeWaitReused, "/proc/net/netstat", "TcpExt", "TWRecycled"),
    (CounterKind::ListenOverflows, "/proc/net/netstat", "TcpExt", "ListenOverflows"),
];

fn counters() -> (Vec<Counter>, Vec<Gap>) {
    let mut counters = Vec::new();
    let mut gaps = Vec::new();
    for file in ["/proc/net/sockstat", "/proc/net/netstat"] {
        let text = match read(file) {
            Ok(text) => text,
            Err(error) => {
                let what = format!("what the kernel counts in {file}");
                gaps.push(Gap::new(
                    what,
                    format!("it could not be read ({error})"),
                    "PortMedic outside of the sandbox it runs in",
                ));
                continue;
            }
        };
        let own = COUNTERS.iter().filter(|(_, of, ..)| *of == file);
        counters.extend(own.filter_map(|(what, _, line, name)| {
            let value = if file.ends_with("sockstat") { beside(&text, line, name) } else { below(&text, line, name) };
            Some(Counter { what: *what, value: value?, source: format!("{file}, {line}: {name}") })
        }));
    }
    (counters, gaps)
}

fn read(path: &str) -> io::Result<String> {
    proc_file::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// `TCP: inuse 5 orphan 0 tw 3`: each number stands behind its name.
fn beside(text: &str, line: &str, name: &str) -> Option<u64> {
    let words = text.lines().find_map(|own| own.strip_prefix(line)?.strip_prefix(':'))?;
    let mut words = words.split_ascii_whitespace();
    words.find(|word| *word == name)?;
    words.next()?.parse().ok()
}

/// Two lines with the same beginning: the names, and below them the numbers.
fn below(text: &str, line: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter_map(|own| own.strip_prefix(line)?.strip_prefix(':'));
    let at = lines.next()?.split_ascii_whitespace().position(|own| own == name)?;
    lines.next()?.split_ascii_whitespace().nth(at)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{below, beside, counters};
    use crate::machine::CounterKind;

    #[test]
    fn numbers_are_read_by_their_names_wherever_they_stand() {
        let sockstat = "sockets: used 291\nTCP: inuse 5 orphan 2 tw 31 alloc 7 mem 1\nTCP6: inuse 3\n";
        assert_eq!((beside(sockstat, "TCP", "tw"), beside(sockstat, "TCP", "orphan")), (Some(31), Some(2)));
        assert_eq!((beside(sockstat, "UDP", "tw"), beside(sockstat, "TCP", "no")), (None, None));
        let netstat = "TcpExt: SyncookiesSent TW TCPTimeWaitOverflow\nTcpExt: 0 36 4\nIpExt: InNoRoutes\nIpExt: 9\n";
        assert_eq!(below(netstat, "TcpExt", "TCPTimeWaitOverflow"), Some(4));
        assert_eq!((below(netstat, "IpExt", "InNoRoutes"), below(netstat, "TcpExt", "InNoRoutes")), (Some(9), None));
    }

    #[test]
    fn this_kernel_tells_every_counter() {
        let (counters, gaps) = counters();
        assert!(gaps.is_empty(), "{gaps:?}");
        let seen: Vec<CounterKind> = counters.iter().map(|own| own.what).collect();
        assert!(seen.contains(&CounterKind::TimeWait) && seen.contains(&CounterKind::TimeWaitOverflow), "{counters:?}");
    }
}
