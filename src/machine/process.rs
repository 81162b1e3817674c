//! A process, as far as one needs to know it before one stops it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A process beyond doubt: numbers are used again, the start time is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessId {
    /// The number.
    pub pid: u32,
    /// When it started, in the system's own units: clock ticks since boot (Linux, `/proc/PID/stat` field 22) or 100 ns since 1601 (Windows).
    pub started: u64,
}

/// The container a process runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// What runs it: `docker`, `podman`, `containerd`, `kubernetes`, `lxc`, `systemd-nspawn`.
    pub runtime: String,
    /// Its id or name, as the runtime writes it.
    pub id: String,
}

/// A process. What could not be read is `None`, and a Gap of the Snapshot says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its identity.
    pub id: ProcessId,
    /// Its short name.
    pub name: String,
    /// The executable's path.
    pub exe: Option<String>,
    /// Whether that file is no longer there (updated or removed while it runs).
    pub exe_deleted: bool,
    /// The command line, one entry an argument.
    pub command_line: Option<Vec<String>>,
    /// The number of its user.
    pub uid: Option<u32>,
    /// The name of its user.
    pub user: Option<String>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// The number of the process that started it.
    pub parent: Option<u32>,
    /// Its control group now, as a path below the root of cgroup2.
    pub cgroup: Option<String>,
    /// The systemd unit or Windows service that it belongs to.
    pub service: Option<String>,
    /// The container it runs in.
    pub container: Option<Container>,
    /// Whether the kernel itself runs it.
    pub kernel_thread: bool,
    /// The inode of its network namespace.
    pub network_namespace: Option<u64>,
    /// Why it must never be ended, in words: it is the init system, the session in use, the kernel. `None` for ordinary processes.
    pub protected: Option<String>,
}

impl Process {
    /// A process of which nothing is known but its identity and its name.
    pub fn named(id: ProcessId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            exe: None,
            exe_deleted: false,
            command_line: None,
            uid: None,
            user: None,
            started: None,
            parent: None,
            cgroup: None,
            service: None,
            container: None,
            kernel_thread: false,
            network_namespace: None,
            protected: None,
        }
    }
}
