//! What `portmedic watch` takes of the computer: processor time, memory and disk, beside tables of sockets of two sizes.
//!
//! `cargo bench --bench recorder`; needs user namespaces. Each watch runs for a minute in a network namespace that has the sockets.

#![cfg_attr(
    target_os = "linux",
    expect(clippy::disallowed_methods, reason = "a bench starts programs itself"),
    expect(clippy::panic, reason = "a bench ends where something is wrong")
)]

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(target_os = "linux")]
#[path = "../namespaces/kernel.rs"]
#[expect(dead_code, reason = "the tests in namespaces use the rest")]
mod kernel;

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io::{BufRead, BufReader};
    use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::Duration;

    use super::kernel;

    /// How long each watch runs.
    const TIME: Duration = Duration::from_mins(1);
    /// So many connections a process has; each is two sockets.
    const CONNECTIONS: usize = 8000;
    const INSIDE: &str = "--inside";
    const HOLD: &str = "--hold";

    pub fn main() {
        let arguments: Vec<String> = std::env::args().collect();
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [_, INSIDE] => inside(),
            [_, HOLD, number, count] => hold(number.parse().expect("a number"), count.parse().expect("a number")),
            _ => {
                let own = std::env::current_exe().expect("this executable");
                let room = ["--user", "--map-root-user", "--net", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc"];
                let ended = Command::new("unshare").args(room).arg(own).arg(INSIDE).status();
                assert!(ended.is_ok_and(|status| status.success()), "the bench needs user namespaces");
            }
        }
    }

    fn inside() {
        kernel::bring_loopback_up();
        kernel::set(kernel::RANGE, "10000 60000");
        println!("{:>8} {:>6} {:>7} {:>10} {:>10} {:>10}", "sockets", "ports", "looks", "CPU", "memory", "disk");
        let mut holders = Vec::new();
        for sockets in [1_000, 200_000] {
            fill(&mut holders, sockets / 2);
            for ports in [1, 64] {
                measure(sockets, ports);
            }
        }
    }

    /// Starts processes until they have so many connections together.
    fn fill(holders: &mut Vec<(Child, usize)>, connections: usize) {
        let mut missing = connections - holders.iter().map(|(_, count)| count).sum::<usize>();
        while missing > 0 {
            let count = missing.min(CONNECTIONS);
            let own = std::env::current_exe().expect("this executable");
            let arguments = [HOLD, &holders.len().to_string(), &count.to_string()];
            let mut child = Command::new(own).args(arguments).stdout(Stdio::piped()).spawn().expect("a holder");
            let mut ready = String::new();
            BufReader::new(child.stdout.take().expect("its output")).read_line(&mut ready).expect("a line");
            assert_eq!(ready.trim(), "ready");
            holders.push((child, count));
            missing -= count;
        }
    }

    /// Holds so many connections of an address of its own with itself.
    fn hold(number: u8, count: usize) {
        let listener = TcpListener::bind(SocketAddrV4::new(Ipv4Addr::new(127, 0, 1, number), 9000)).expect("a listener");
        let address = listener.local_addr().expect("its address");
        let _held: Vec<_> = (0..count)
            .map(|_| (TcpStream::connect(address).expect("a connection"), listener.accept().expect("its other end")))
            .collect();
        println!("ready");
        loop {
            thread::park();
        }
    }

    /// Watches ports that nobody listens on, which costs most.
    fn measure(sockets: usize, ports: usize) {
        let home = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_portmedic"));
        command.arg("watch").args((1001..).take(ports).map(|port: u16| port.to_string()));
        command.args(["--for", &format!("{}s", TIME.as_secs() + 5), "--json"]).env("HOME", home.path());
        let child = command.env_remove("XDG_STATE_HOME").stdout(Stdio::piped()).spawn().expect("portmedic");
        thread::sleep(TIME);
        let (ticks, memory) = (ticks(child.id()), memory(child.id()));
        let answer = child.wait_with_output().expect("its answer");
        let answer: serde_json::Value = serde_json::from_slice(&answer.stdout).expect("a document");
        let log = fs::metadata(home.path().join(".local/state/portmedic/recorder.jsonl")).expect("its log").len();
        let per_second = rustix::param::clock_ticks_per_second();
        #[expect(clippy::as_conversions, reason = "small numbers")]
        let share = ticks as f64 / per_second as f64 / TIME.as_secs_f64() * 100.0;
        println!("{sockets:>8} {ports:>6} {:>7} {share:>8.2} % {:>7} kB {log:>8} B", answer["looks"], memory);
    }

    /// The processor time of a process, in clock ticks.
    fn ticks(pid: u32) -> u64 {
        let stat = fs::read(format!("/proc/{pid}/stat")).expect("a process");
        let stat = String::from_utf8_lossy(&stat);
        let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_ascii_whitespace().collect();
        [11, 12].map(|field: usize| fields[field].parse::<u64>().expect("ticks")).iter().sum()
    }

    /// The most memory that a process had, in kB.
    fn memory(pid: u32) -> u64 {
        let status = fs::read(format!("/proc/{pid}/status")).expect("a process");
        let status = String::from_utf8_lossy(&status);
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}
