//! What PortMedic does by itself, without a window or a command: only where a user asked for it, and under the control of the system.

mod scheduled;
mod unit;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::machine::PortSet;

/// The most ports that the recorder watches: it looks at each of them again and again.
pub const MOST_RECORDED_PORTS: u32 = 64;

/// A task that the system starts. On Linux it is a unit of systemd, on Windows a scheduled task.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Makes the checks that wait for a restart, once after each start of the computer.
    Recheck,
    /// Writes down who takes these ports, from each start of the computer on.
    Recorder {
        /// The ports, at most [`MOST_RECORDED_PORTS`].
        ports: PortSet,
    },
}

/// Which of the tasks, whatever it is for. The computer has each of them at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskName {
    /// [`Task::Recheck`].
    Recheck,
    /// [`Task::Recorder`].
    Recorder,
}

impl TaskName {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Recheck, Self::Recorder];

    /// What it does, as a noun for a sentence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recheck => "the check after each restart",
            Self::Recorder => "the recorder of ports",
        }
    }

    /// The unit of systemd that runs it.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Recheck => "portmedic-recheck.service",
            Self::Recorder => "portmedic-recorder.service",
        }
    }

    /// The file of that unit.
    pub fn unit_file(self) -> String {
        format!("/etc/systemd/system/{}", self.unit())
    }
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Task {
    /// Which one it is.
    pub const fn name(&self) -> TaskName {
        match self {
            Self::Recheck => TaskName::Recheck,
            Self::Recorder { .. } => TaskName::Recorder,
        }
    }

    /// What PortMedic is started with. There is no blank or sign in it that a unit or a command line would read in its own way.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Self::Recheck => vec!["recheck".to_owned(), "--wait".to_owned()],
            Self::Recorder { ports } => vec!["watch".to_owned(), "--record".to_owned(), ports.to_string()],
        }
    }

    /// The task that was written with these arguments; `None` where PortMedic writes none such.
    pub fn with_arguments(arguments: &[&str]) -> Option<Self> {
        let task = match arguments {
            ["recheck", ..] => Self::Recheck,
            ["watch", _, ports] => Self::Recorder { ports: ports.parse().ok()? },
            _ => return None,
        };
        (task.arguments() == arguments).then_some(task)
    }
}

/// The task in a sentence.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recheck => f.write_str(TaskName::Recheck.as_str()),
            Self::Recorder { ports } => write!(f, "the recorder of {}", ports.short()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Task;

    #[test]
    fn a_task_is_told_by_its_arguments_and_nothing_else_is_one() {
        for task in [Task::Recheck, Task::Recorder { ports: "53,1433,5000-5003".parse().unwrap() }] {
            let arguments = task.arguments();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            assert_eq!(Task::with_arguments(&arguments), Some(task));
        }
        for arguments in
            [&["recheck"] as &[&str], &["recheck", "--wait", "x"], &["watch", "--record", "1434,1433"], &["fix"], &[]]
        {
            assert_eq!(Task::with_arguments(arguments), None, "{arguments:?}");
        }
    }
}
