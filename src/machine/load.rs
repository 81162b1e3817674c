//! What tells of used up ports beside the socket table: handles of processes, events, counters of the kernel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Evidence, SocketState};

/// What tells of used up ports beside the socket table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The processes with the most handles, the most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handles: Vec<Handles>,
    /// The events in which Windows says that ports ran out, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<PortEvent>,
    /// What programs wrote when they got no port, where logs are looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Evidence>,
    /// How many sockets of each process and state a program counted there, the most first, where only counts are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<Counted>,
    /// Counters of the Linux kernel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<Counter>,
    /// Whether new connections get ports that rest in `TIME_WAIT` (Linux: `net.ipv4.tcp_tw_reuse`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_wait_reuse: Option<TimeWaitReuse>,
}

impl Load {
    /// Nothing known.
    pub const fn new() -> Self {
        Self {
            handles: Vec::new(),
            events: Vec::new(),
            refused: Vec::new(),
            counted: Vec::new(),
            counters: Vec::new(),
            time_wait_reuse: None,
        }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::new()
    }

    /// The value of a counter, where it was read.
    pub fn counter(&self, what: CounterKind) -> Option<&Counter> {
        self.counters.iter().find(|own| own.what == what)
    }
}

/// How many handles a process has. Each socket is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handles {
    /// The process.
    pub pid: u32,
    /// Its name, where it is known.
    pub process: Option<String>,
    /// Its handles (Windows) or file descriptors (Linux).
    pub handles: u32,
    /// Those of them that are sockets; `None` where the system does not tell.
    pub sockets: Option<u32>,
}

/// How many sockets a process has in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The process; 0 for connections that are over.
    pub pid: u32,
    /// Its name, where it is told.
    pub process: Option<String>,
    /// The state.
    pub state: SocketState,
    /// How many.
    pub sockets: u32,
}

/// An event of the provider `Tcpip` in the log `System` of Windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortEvent {
    /// Its number: 4227, 4231 or 4266.
    pub id: u32,
    /// When it was written, where that is told.
    pub time: Option<Timestamp>,
    /// Where it was read.
    pub source: String,
}

impl PortEvent {
    /// The numbers of these events.
    pub const IDS: [u32; 3] = [4227, 4231, 4266];

    /// What the event says.
    pub const fn meaning(&self) -> &'static str {
        match self.id {
            4227 => "no port was left for one destination, whose connections are opened and closed at a high rate",
            4231 => "every TCP port that Windows hands out was in use",
            _ => "every UDP port that Windows hands out was in use",
        }
    }

    /// Whether it says that the whole range was used up, and not only for one destination.
    pub const fn is_of_whole_range(&self) -> bool {
        self.id != 4227
    }
}

/// A counter of the Linux kernel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// What it counts.
    pub what: CounterKind,
    /// How many, now or since the network namespace was made.
    pub value: u64,
    /// The file and the name in it.
    pub source: String,
}

/// What a counter of the Linux kernel counts. None of them counts refused ports: the kernel keeps no such counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterKind {
    /// Connections in `TIME_WAIT` now.
    TimeWait,
    /// Connections now that no process has any more and that are not over yet, on the whole computer.
    Orphans,
    /// `TIME_WAIT` cut short, since more than `net.ipv4.tcp_max_tw_buckets` rested.
    TimeWaitOverflow,
    /// Ports in `TIME_WAIT` that were given to a new connection.
    TimeWaitReused,
    /// Connections refused since the queue of a listener was full: not a lack of ports.
    ListenOverflows,
}

/// Which new connections get ports that rest in `TIME_WAIT` (`net.ipv4.tcp_tw_reuse`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeWaitReuse {
    /// None (0).
    Never,
    /// All that go out, after a second (1).
    Always,
    /// Those of the computer with itself, after a second (2, as the kernel has it).
    Loopback,
}
