//! Everything that PortMedic can do to a computer. The list is closed: the helper does nothing else.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::step::of_table;
use super::{Task, TaskName};
use crate::machine::{Family, Port, PortRange, PortSet, PortproxyRule, ProcessId, Protocol, RpcService, visible};

/// Which stores an exclusion or range change is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stores {
    /// The running system and the next start.
    Both,
    /// The running system only.
    Active,
    /// The next start only.
    Persistent,
}

impl Stores {
    /// Whether the running system is meant.
    pub const fn active(self) -> bool {
        matches!(self, Self::Both | Self::Active)
    }

    /// Whether the next start is meant.
    pub const fn persistent(self) -> bool {
        matches!(self, Self::Both | Self::Persistent)
    }
}

/// So long a process on Linux may take to end in its own way.
pub const SECONDS_TO_END: u64 = 5;

/// One typed operation. No field is ever run as a command or taken as a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// Stops a unit or service.
    StopService {
        /// Its full name.
        service: String,
    },
    /// Forgets earlier failures of a unit or service and starts it.
    StartService {
        /// Its full name.
        service: String,
    },
    /// Forgets earlier failures of a unit or service, stops it where it runs, and starts it.
    RestartService {
        /// Its full name.
        service: String,
    },
    /// Closes one connection; the process that has it lives on.
    CloseConnection {
        /// The protocol.
        protocol: Protocol,
        /// The end on this computer.
        local: SocketAddr,
        /// The far end.
        remote: SocketAddr,
        /// The kernel's identity of the socket, so that a later connection between the same ends is not meant.
        cookie: Option<u64>,
    },
    /// Asks a process to end and, where it does not within [`SECONDS_TO_END`], ends it.
    EndProcess {
        /// The process beyond doubt.
        process: ProcessId,
        /// Its name, for people.
        name: String,
    },
    /// Keeps the system from handing these ports to clients.
    AddExclusion {
        /// The ports.
        range: PortRange,
        /// The protocol; `None` for both (always so on Linux).
        protocol: Option<Protocol>,
        /// The stores.
        stores: Stores,
    },
    /// Lets the system hand these ports to clients again.
    RemoveExclusion {
        /// The ports.
        range: PortRange,
        /// The protocol; `None` for both (always so on Linux).
        protocol: Option<Protocol>,
        /// The stores.
        stores: Stores,
    },
    /// Sets the dynamic port range.
    SetDynamicRange {
        /// The new range.
        range: PortRange,
        /// The protocol; `None` for both (always so on Linux). Windows keeps a range of its own for each protocol and family.
        protocol: Option<Protocol>,
        /// The family; `None` for both (always so on Linux).
        family: Option<Family>,
        /// The stores.
        stores: Stores,
    },
    /// Gives one unit the right to listen on ports below the unprivileged start.
    AllowLowPort {
        /// The unit's full name.
        service: String,
    },
    /// Stops WinNAT, keeps these ports from it for good by an exclusion, and starts it again, in one step so that it is never left stopped
    /// (Windows). WinNAT reserves blocks of ports for virtual machines and containers, and lets go of them only so.
    RestartWinnat {
        /// The ports to exclude while it is stopped.
        range: PortRange,
        /// Their protocol.
        protocol: Protocol,
    },
    /// Deletes one portproxy rule, so that iphlpsvc listens no more for it (Windows).
    DeletePortproxy {
        /// The rule, whole: undo adds it again.
        rule: PortproxyRule,
    },
    /// Gives a service of a domain controller a fixed RPC port beside the one that Windows gives it, from the next start on (Windows).
    SetRpcPort {
        /// The service.
        service: RpcService,
        /// The port.
        port: Port,
    },
    /// Adds these ports to those that the DNS server leaves alone when it fills its socket pool, from its next start on (Windows).
    ExcludeFromDnsPool {
        /// The ports.
        ports: PortSet,
    },
    /// Removes the registry value `MaxUserPort`, which widens the dynamic range of TCP down to 1024 at each start (Windows).
    RemoveMaxUserPort,
    /// Starts a trace of the network, into a file of PortMedic's that only administrators can read (Windows).
    StartTrace,
    /// Ends that trace, so that its file can be read (Windows).
    StopTrace,
    /// Has the system start a task of PortMedic's from now on.
    InstallTask {
        /// The task.
        task: Task,
    },
    /// Has the system start it no more, and leaves nothing of it behind.
    RemoveTask {
        /// Which one.
        task: TaskName,
    },
    /// Something that only a person can do.
    Manual {
        /// What to do, one plain sentence an entry.
        instructions: Vec<String>,
    },
}

impl Operation {
    /// The name of the operation in JSON, in the journal and on the command line.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::StopService { .. } => "stop_service",
            Self::StartService { .. } => "start_service",
            Self::RestartService { .. } => "restart_service",
            Self::CloseConnection { .. } => "close_connection",
            Self::EndProcess { .. } => "end_process",
            Self::AddExclusion { .. } => "add_exclusion",
            Self::RemoveExclusion { .. } => "remove_exclusion",
            Self::SetDynamicRange { .. } => "set_dynamic_range",
            Self::AllowLowPort { .. } => "allow_low_port",
            Self::RestartWinnat { .. } => "restart_winnat",
            Self::DeletePortproxy { .. } => "delete_portproxy",
            Self::SetRpcPort { .. } => "set_rpc_port",
            Self::ExcludeFromDnsPool { .. } => "exclude_from_dns_pool",
            Self::RemoveMaxUserPort => "remove_max_user_port",
            Self::StartTrace => "start_trace",
            Self::StopTrace => "stop_trace",
            Self::InstallTask { .. } => "install_task",
            Self::RemoveTask { .. } => "remove_task",
            Self::Manual { .. } => "manual",
        }
    }
}

/// The operation in words, without looking anything up: what the journal and the live output call it.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StopService { service } => write!(f, "Stop {}", visible(service)),
            Self::StartService { service } => write!(f, "Start {}", visible(service)),
            Self::RestartService { service } => write!(f, "Restart {}", visible(service)),
            Self::CloseConnection { local, remote, .. } => write!(f, "Close {local} to {remote}"),
            Self::EndProcess { process, name } => write!(f, "End {} (PID {})", visible(name), process.pid),
            Self::AddExclusion { range, protocol, stores } => {
                write!(f, "Exclude {}{range}{}", of_protocol(*protocol), when(*stores))
            }
            Self::RemoveExclusion { range, protocol, stores } => {
                write!(f, "Exclude {}{range} no longer{}", of_protocol(*protocol), when(*stores))
            }
            Self::SetDynamicRange { range, protocol, family, stores } => {
                write!(f, "Set the dynamic range{} to {range}{}", of_table(*protocol, *family), when(*stores))
            }
            Self::AllowLowPort { service } => write!(f, "Allow {} low ports", visible(service)),
            Self::RestartWinnat { range, protocol } => write!(f, "Restart WinNAT and exclude {protocol} {range}"),
            Self::DeletePortproxy { rule } => {
                write!(f, "Delete the portproxy rule for {}:{}", visible(&rule.listen_address), rule.listen_port)
            }
            Self::SetRpcPort { service, port } => write!(f, "Fix the RPC port of {} at {port}", service.as_str()),
            Self::ExcludeFromDnsPool { ports } => write!(f, "Keep the DNS server from UDP {}", ports.short()),
            Self::RemoveMaxUserPort => f.write_str("Remove MaxUserPort"),
            Self::StartTrace => f.write_str("Start a trace of the network"),
            Self::StopTrace => f.write_str("Stop the trace of the network"),
            Self::InstallTask { task } => write!(f, "Install {task}"),
            Self::RemoveTask { task } => write!(f, "Remove {task}"),
            Self::Manual { instructions } => f.write_str(&visible(instructions.first().map_or("By hand", String::as_str))),
        }
    }
}

/// `UDP `, where only one protocol is meant.
fn of_protocol(protocol: Option<Protocol>) -> String {
    protocol.map(|protocol| format!("{protocol} ")).unwrap_or_default()
}

const fn when(stores: Stores) -> &'static str {
    match stores {
        Stores::Both => "",
        Stores::Active => ", now",
        Stores::Persistent => ", after a restart",
    }
}
