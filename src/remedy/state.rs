//! The part of the computer that one operation changes: compared with the preview before it, read back after it, restored by undo.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Task, TraceState};
use crate::machine::{Port, PortRange, PortSet, ServiceState};

/// What one operation is about to change, or has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum OperationState {
    /// A service.
    Service {
        /// Its state.
        state: ServiceState,
        /// Its main process.
        main_pid: Option<u32>,
        /// The services that run and need it (Windows): they stop before it, in this order, and undo starts them again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dependants: Vec<String>,
    },
    /// A connection.
    Connection {
        /// Whether it is there.
        present: bool,
    },
    /// A process.
    Process {
        /// Whether it is there, with the same start time.
        alive: bool,
    },
    /// The exclusions that can be changed: on Windows the administered ones of the protocol in question.
    Exclusions {
        /// The ports excluded in the running system.
        active: PortSet,
        /// The ports that will be excluded after the next start.
        persistent: PortSet,
        /// The text of our own file in the persistent store; `None` where there is none. On Windows the list of each protocol, where both are
        /// meant and differ.
        own_file: Option<String>,
    },
    /// The dynamic range: on Windows that of the protocol and family in question.
    DynamicRange {
        /// The range in force.
        active: PortRange,
        /// The range after the next start, where something sets one.
        persistent: Option<PortRange>,
        /// The text of our own file in the persistent store; `None` where there is none. On Windows the range of each protocol and family,
        /// where several are meant and differ.
        own_file: Option<String>,
    },
    /// The right of a unit to low ports.
    LowPort {
        /// Whether the unit has it.
        allowed: bool,
        /// The text of our own drop-in; `None` where there is none.
        own_file: Option<String>,
    },
    /// A portproxy rule.
    Portproxy {
        /// Whether it is there, exactly so.
        present: bool,
    },
    /// The fixed RPC port of a service.
    RpcPort {
        /// The port; `None` where none is fixed.
        port: Option<Port>,
    },
    /// The ports that the DNS server leaves alone.
    DnsPool {
        /// The ports.
        excluded: PortSet,
    },
    /// The registry value `MaxUserPort`.
    MaxUserPort {
        /// The value; `None` where there is none.
        value: Option<u32>,
    },
    /// The trace of the network.
    Trace {
        /// Whether one runs.
        now: TraceState,
    },
    /// A task of PortMedic's own.
    Task {
        /// The task that the system starts, exactly as PortMedic installs it; `None` where there is none, or one that differs.
        works: Option<Task>,
        /// Whether the system starts what is there.
        enabled: bool,
        /// The text of our own definition of it; `None` where there is none.
        own_file: Option<String>,
    },
    /// Nothing that PortMedic could read: a manual step.
    Nothing,
}

/// The state as people read it in a before and after table.
impl fmt::Display for OperationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = |set: &PortSet| {
            if set.is_empty() { "none".to_owned() } else { set.to_string() }
        };
        match self {
            Self::Service { state, main_pid: Some(pid), .. } => write!(f, "{}, PID {pid}", state.as_str()),
            Self::Service { state, main_pid: None, .. } => f.write_str(state.as_str()),
            Self::Connection { present } => f.write_str(if *present { "connected" } else { "closed" }),
            Self::Process { alive } => f.write_str(if *alive { "running" } else { "ended" }),
            Self::Exclusions { active, persistent, .. } if active == persistent => f.write_str(&ports(active)),
            Self::Exclusions { active, persistent, .. } => {
                write!(f, "{} now, {} after a restart", ports(active), ports(persistent))
            }
            Self::DynamicRange { active, persistent: Some(persistent), .. } if active != persistent => {
                write!(f, "{active} now, {persistent} after a restart")
            }
            Self::DynamicRange { active, .. } => write!(f, "{active}"),
            Self::LowPort { allowed, .. } => f.write_str(if *allowed { "allowed" } else { "not allowed" }),
            Self::Portproxy { present } => f.write_str(if *present { "there" } else { "not there" }),
            Self::RpcPort { port } => match port {
                Some(port) => write!(f, "{port}"),
                None => f.write_str("not fixed"),
            },
            Self::DnsPool { excluded } => f.write_str(&ports(excluded)),
            Self::MaxUserPort { value } => match value {
                Some(value) => write!(f, "{value}"),
                None => f.write_str("not set"),
            },
            Self::Trace { now } => write!(f, "{now}"),
            Self::Task { works: Some(task), .. } => write!(f, "{task}"),
            Self::Task { own_file: None, .. } => f.write_str("not installed"),
            Self::Task { enabled, .. } => {
                f.write_str(if *enabled { "installed, but not as it should be" } else { "switched off" })
            }
            Self::Nothing => f.write_str("not read"),
        }
    }
}
