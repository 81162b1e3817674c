//! What a person can do to find out why ports run out, where PortMedic cannot tell. The last resort comes last.

use serde::Serialize;

use super::paths::TRACE_FILE_WINDOWS;
use super::{Operation, shell};
use crate::diagnosis::{Diagnosis, Owner, holder_name};
use crate::machine::{Snapshot, SocketState, System, TimeWaitReuse, visible};

/// The page that the steps for Windows are from.
const ARTICLE: &str = "https://learn.microsoft.com/troubleshoot/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting";

/// The page that tells of the rest of finished connections on Windows.
const DELAY: &str =
    "https://learn.microsoft.com/biztalk/technical-guides/settings-that-can-be-modified-to-improve-network-performance";

/// What the settings of the kernel mean.
const SYSCTL: &str = "https://docs.kernel.org/networking/ip-sysctl.html";

/// Steps for a person, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guide {
    /// What it is for.
    pub title: String,
    /// What comes of it, and what it costs.
    pub effect: String,
    /// One plain sentence or command an entry.
    pub steps: Vec<String>,
    /// What PortMedic can do of it itself, when somebody asks for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Operation>,
    /// The page that tells more; `None` where there is none.
    pub source: Option<String>,
}

/// What can be found out about used up ports by hand.
pub fn exhaustion_guides(snapshot: &Snapshot, diagnosis: &Diagnosis) -> Vec<Guide> {
    let owner = diagnosis.owners.first();
    let mut guides = vec![vendor(snapshot, owner)];
    if snapshot.sockets.iter().any(|socket| socket.state == SocketState::TimeWait) {
        guides.push(time_wait_guide(snapshot));
    }
    match snapshot.host.system {
        System::Windows => guides.extend([handles_on_windows(), trace_on_windows(), restart(snapshot), dump_on_windows()]),
        System::Linux => guides.extend([trace_on_linux(owner), restart(snapshot), dump_on_linux(owner)]),
    }
    guides
}

fn guide(title: &str, effect: &str, steps: Vec<String>, source: Option<&str>) -> Guide {
    let source = source.map(str::to_owned);
    Guide { title: title.to_owned(), effect: effect.to_owned(), steps, operations: Vec::new(), source }
}

fn vendor(snapshot: &Snapshot, owner: Option<&Owner>) -> Guide {
    let who = owner.map_or_else(|| "the program".to_owned(), |owner| holder_name(snapshot, owner));
    let exe = owner.and_then(|owner| owner.exe.as_deref()).map(|exe| format!(" ({})", visible(exe))).unwrap_or_default();
    let version = visible(&snapshot.host.version);
    let system = if version.is_empty() { String::new() } else { format!(", on {version}") };
    let steps = vec![
        format!("Which program and version it is: {who}{exe}{system}"),
        "How many sockets it has in which state, and how fast that grows: portmedic exhaustion --watch --for 10m --to ports.jsonl".to_owned(),
        "Where the connections go to, and what the program was doing".to_owned(),
        "That it must close each socket also after an error, and keep connections open to use them again".to_owned(),
    ];
    guide("Tell the makers of the program", "Only they can stop a leak for good.", steps, None)
}

/// How long finished connections keep their ports, and what it costs to shorten that.
pub fn time_wait_guide(snapshot: &Snapshot) -> Guide {
    let (steps, source) = match snapshot.host.system {
        System::Windows => (time_wait_on_windows(), DELAY),
        System::Linux => (time_wait_on_linux(snapshot.load.time_wait_reuse), SYSCTL),
    };
    let effect = "It helps only where most ports are of connections that are over, and does nothing about a leak.";
    guide("Let finished connections rest for a shorter time", effect, steps, Some(source))
}

fn time_wait_on_windows() -> Vec<String> {
    let key = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
    vec![
        format!("See whether it is set already: reg query {key} /v TcpTimedWaitDelay"),
        format!("As administrator: reg add {key} /v TcpTimedWaitDelay /t REG_DWORD /d 60"),
        "It is a number of seconds from 30 to 300, and counts after a restart of the computer".to_owned(),
        "The price: a late packet of an old connection may reach a new one on the same port".to_owned(),
        format!("To take it back: reg delete {key} /v TcpTimedWaitDelay"),
    ]
}

/// By `Documentation/networking/ip-sysctl.rst`; `tcp_tw_recycle` was removed in Linux 4.12.
fn time_wait_on_linux(reuse: Option<TimeWaitReuse>) -> Vec<String> {
    let set = match reuse {
        Some(TimeWaitReuse::Always) => {
            "net.ipv4.tcp_tw_reuse is 1 already: outgoing connections take resting ports after a second"
        }
        _ => "As root: sysctl -w net.ipv4.tcp_tw_reuse=1 lets outgoing connections take resting ports after a second",
    };
    vec![
        "See how it is: sysctl net.ipv4.tcp_tw_reuse net.ipv4.tcp_timestamps".to_owned(),
        set.to_owned(),
        "Both ends need net.ipv4.tcp_timestamps=1; a line in a file of /etc/sysctl.d keeps the setting over a restart".to_owned(),
        "The 60 seconds of TIME_WAIT cannot be changed: tcp_fin_timeout is another wait, and tcp_tw_recycle is gone since Linux 4.12".to_owned(),
        "To take it back: set the value that it had before, usually 2".to_owned(),
    ]
}

fn handles_on_windows() -> Guide {
    let steps = vec![
        "Start Process Explorer (Sysinternals) as administrator".to_owned(),
        "View, Select Columns, Process Performance: tick Handle Count, and sort by it".to_owned(),
        "Leave System, lsass.exe, store.exe and sqlservr.exe aside: they have more than 3000 in good health".to_owned(),
        r"View, Lower Pane View, Handles; choose the process with the most: rows of type File named \Device\Afd are its sockets"
            .to_owned(),
        "Some are usual, hundreds to thousands are not: close that program and see whether connections work again".to_owned(),
    ];
    guide("Find the program by its handles", "A socket is a handle. Nothing is changed by looking.", steps, Some(ARTICLE))
}

fn trace_on_windows() -> Guide {
    let steps = vec![
        "Start the trace: portmedic exhaustion --trace start".to_owned(),
        "Do what does not work: open a share, sign in, connect".to_owned(),
        "Stop the trace: portmedic exhaustion --trace stop".to_owned(),
        format!(r#"In PowerShell as administrator: portmedic analyze "$env:ProgramFiles\{TRACE_FILE_WINDOWS}""#),
        "Each STATUS_TOO_MANY_ADDRESSES in it is a program that asked for a port when none was left; without one, nothing in the file says that \
         ports ran out"
            .to_owned(),
        "Delete its folder afterwards: it tells who talked with whom".to_owned(),
    ];
    let trace = guide(
        "Prove it by a trace",
        "It slows the network a little while it runs, and its file takes up to 250 MB.",
        steps,
        Some(ARTICLE),
    );
    Guide { operations: vec![Operation::StartTrace, Operation::StopTrace], ..trace }
}

fn dump_on_windows() -> Guide {
    let steps = vec![
        "Only where nothing else told the program, and while no connection works".to_owned(),
        "System Properties, Advanced, Startup and Recovery: Complete memory dump; room on the disk for all memory".to_owned(),
        "Let the computer make it, as the support of Microsoft tells you: it stops at once, and every program on it".to_owned(),
        "Send it to the support: it shows which process has the most handles. It also holds every password in memory".to_owned(),
    ];
    guide("Last resort: a complete memory dump", "The computer stops and starts anew.", steps, Some(ARTICLE))
}

fn trace_on_linux(owner: Option<&Owner>) -> Guide {
    let pid = owner.and_then(|owner| owner.pid).map_or_else(|| "PID".to_owned(), |pid| pid.to_string());
    let steps = vec![
        format!("As root: strace -f -e trace=socket,bind,connect,close -p {pid} -o trace.txt"),
        "Let it run for a minute, and end it with Ctrl+C".to_owned(),
        "Each socket that is made and never closed is a leak; connect with EADDRNOTAVAIL and bind with EADDRINUSE prove that ports ran out"
            .to_owned(),
    ];
    guide("Prove it by a trace", "The program runs more slowly while it is traced.", steps, None)
}

fn dump_on_linux(owner: Option<&Owner>) -> Guide {
    let pid = owner.and_then(|owner| owner.pid).map_or_else(|| "PID".to_owned(), |pid| pid.to_string());
    let steps = vec![
        format!("As root, with gdb installed: gcore -o memory {}", shell::quote(&pid)),
        "Give it to the makers of the program. It also holds every password that the program knows".to_owned(),
    ];
    guide("Last resort: a memory dump of the program", "The program stands still while it is written.", steps, None)
}

fn restart(snapshot: &Snapshot) -> Guide {
    let how = match snapshot.host.system {
        System::Windows => "shutdown /r /t 0",
        System::Linux => "systemctl reboot",
    };
    let steps = vec![
        format!("As administrator: {how}"),
        "Watch afterwards whether it comes back: portmedic exhaustion --watch".to_owned(),
    ];
    guide(
        "Restart the computer",
        "It gives every port back, and helps only until the program has used them up again.",
        steps,
        None,
    )
}
