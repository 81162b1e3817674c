//! A trace of the network on Windows: whether one runs, where its file lies, and the commands for it.
//!
//! Windows runs one such trace at a time, whoever starts it
//! (<https://learn.microsoft.com/windows-server/administration/windows-commands/netsh-trace>). The scenario is that of the article on used up
//! ports: <https://learn.microsoft.com/troubleshoot/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting>. The article takes packets
//! as well; they prove nothing about ports, hold what was sent, and would push the proof out of the file within seconds.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::paths::TRACE_FILE_WINDOWS;

/// What is recorded: connections, and all that the network stack tells of them.
pub const TRACE_SCENARIO: &str = "scenario=netconnection";

/// The options of the trace: at most 250 MB, in which the newest is kept; the file of an earlier trace goes; no report about the computer.
pub const TRACE_OPTIONS: [&str; 4] = ["maxsize=250", "filemode=circular", "overwrite=yes", "report=disabled"];

/// Whether a trace runs. Of somebody else's the platform tells nothing but that it is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceState {
    /// None runs.
    Off,
    /// One that PortMedic has started.
    Running,
    /// Windows tells it to administrators only, and this is none.
    NotTold,
}

impl TraceState {
    /// Whether somebody started or stopped one between `then` and `self`. What was not told then or is not now counts as the same.
    pub(super) fn has_changed_since(self, then: Self) -> bool {
        self != then && self != Self::NotTold && then != Self::NotTold
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "no trace runs",
            Self::Running => "a trace runs",
            Self::NotTold => "told to administrators only",
        })
    }
}

/// Starts one, in a folder of its own that only administrators and the system can read: it tells who talked with whom.
pub(super) fn start_commands() -> Vec<String> {
    let file = format!("\"$env:ProgramFiles\\{TRACE_FILE_WINDOWS}\"");
    vec![
        format!("New-Item -ItemType Directory -Force (Split-Path {file})"),
        format!("icacls (Split-Path {file}) /inheritance:r /grant '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-18:(OI)(CI)F'"),
        format!(
            "netsh trace start {TRACE_SCENARIO} {} \"tracefile=$env:ProgramFiles\\{TRACE_FILE_WINDOWS}\"",
            TRACE_OPTIONS.join(" ")
        ),
    ]
}

/// Stops the one that runs.
pub(super) fn stop_commands() -> Vec<String> {
    vec!["netsh trace stop".to_owned()]
}
