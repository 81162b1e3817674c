//! A service as the service control manager has it.

use crate::machine::ServiceState;

/// What the service control manager says a service does (`SERVICE_STATUS.dwCurrentState`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It does not run.
    Stopped,
    /// It was started and has not said that it runs.
    StartPending,
    /// It was told to stop and has not ended.
    StopPending,
    /// It runs.
    Running,
    /// It goes on after a pause.
    ContinuePending,
    /// It is about to pause.
    PausePending,
    /// It runs and does nothing until it is told to go on.
    Paused,
}

impl Phase {
    /// The phase with this number; `None` where Windows has none.
    pub const fn of_number(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::Stopped,
            2 => Self::StartPending,
            3 => Self::StopPending,
            4 => Self::Running,
            5 => Self::ContinuePending,
            6 => Self::PausePending,
            7 => Self::Paused,
            _ => return None,
        })
    }

    /// Whether its process is there, so that it has its ports or may be about to ask for them.
    pub const fn is_alive(self) -> bool {
        !matches!(self, Self::Stopped)
    }

    /// Whether the service is on its way to another phase.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::StartPending | Self::StopPending | Self::ContinuePending | Self::PausePending)
    }

    /// The phase in the words of Windows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::StartPending => "start pending",
            Self::StopPending => "stop pending",
            Self::Running => "running",
            Self::ContinuePending => "continue pending",
            Self::PausePending => "pause pending",
            Self::Paused => "paused",
        }
    }
}

/// The state of a service at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// What it does.
    pub phase: Phase,
    /// How it ended, as an error number of Windows; 1066 where the service has numbers of its own.
    pub exit_code: u32,
    /// How it ended in numbers of its own, where `exit_code` is 1066.
    pub own_exit_code: u32,
    /// Goes up while a pending service makes progress.
    pub checkpoint: u32,
    /// How long a pending service may take until the next checkpoint, in milliseconds.
    pub wait_hint_ms: u32,
    /// Its process; `None` while it does not run.
    pub pid: Option<u32>,
    /// Whether it can be told to stop.
    pub accepts_stop: bool,
}

impl Status {
    /// Whether it ended with an error.
    pub const fn ended_with_an_error(&self) -> bool {
        matches!(self.phase, Phase::Stopped) && !matches!(self.exit_code, 0 | NEVER_STARTED)
    }
}

/// The exit code of a service that has not been started since the computer was (`ERROR_SERVICE_NEVER_STARTED`).
pub const NEVER_STARTED: u32 = 1077;
/// The exit code that says that the service has a number of its own (`ERROR_SERVICE_SPECIFIC_ERROR`).
pub const OWN_ERROR: u32 = 1066;

/// When Windows starts a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartType {
    /// With the kernel.
    Boot,
    /// With the kernel's own services.
    System,
    /// With the computer.
    Automatic,
    /// Some minutes after the computer.
    Delayed,
    /// When somebody or something asks for it.
    Manual,
    /// Never.
    Disabled,
}

impl StartType {
    /// The start type with this number (`QUERY_SERVICE_CONFIG.dwStartType`); `None` where Windows has none.
    pub const fn of_number(number: u32, delayed: bool) -> Option<Self> {
        Some(match number {
            0 => Self::Boot,
            1 => Self::System,
            2 if delayed => Self::Delayed,
            2 => Self::Automatic,
            3 => Self::Manual,
            4 => Self::Disabled,
            _ => return None,
        })
    }

    /// Whether Windows starts it without being asked.
    pub const fn starts_by_itself(self) -> bool {
        matches!(self, Self::Boot | Self::System | Self::Automatic | Self::Delayed)
    }
}

/// How a service is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// When it starts.
    pub start_type: StartType,
    /// The command line that starts it.
    pub command_line: String,
    /// The account it runs as: `LocalSystem`, `NT SERVICE\MSSQLSERVER`.
    pub account: String,
    /// The names of the services that must run before it. Groups of drivers are left out.
    pub dependencies: Vec<String>,
}

impl Config {
    /// Whether nobody may start it.
    pub const fn is_disabled(&self) -> bool {
        matches!(self.start_type, StartType::Disabled)
    }
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name, which commands take.
    pub name: String,
    /// The name that people see, in the language of Windows.
    pub display_name: String,
    /// Its state.
    pub status: Status,
    /// How it is set up; `None` where this user may not know.
    pub config: Option<Config>,
}

impl Record {
    /// Whether Windows should have it running.
    pub fn starts_by_itself(&self) -> Option<bool> {
        self.config.as_ref().map(|config| config.start_type.starts_by_itself())
    }

    /// Whether it needs the other service, directly.
    pub fn depends_on(&self, name: &str) -> bool {
        self.config.iter().flat_map(|config| &config.dependencies).any(|own| own.eq_ignore_ascii_case(name))
    }

    /// The state in one word; `failed` tells whether something went wrong.
    pub const fn state(&self, failed: bool) -> ServiceState {
        match self.status.phase {
            Phase::Stopped if failed => ServiceState::Failed,
            Phase::Stopped => ServiceState::Stopped,
            Phase::StartPending => ServiceState::Starting,
            Phase::StopPending => ServiceState::Stopping,
            Phase::Running | Phase::ContinuePending | Phase::PausePending | Phase::Paused => ServiceState::Running,
        }
    }
}

/// The services that run and need `name`, those first that nothing that runs needs in turn: the order in which to stop them.
///
/// Windows has a call for it; the dependencies of all services tell the same, and tell it where that call is missing.
pub fn running_dependants<'a>(records: &'a [Record], name: &str) -> Vec<&'a Record> {
    fn add<'a>(records: &'a [Record], name: &str, path: &mut Vec<String>, found: &mut Vec<&'a Record>) {
        path.push(name.to_lowercase());
        for record in records.iter().filter(|record| record.status.phase.is_alive() && record.depends_on(name)) {
            let known = found.iter().any(|own| own.name.eq_ignore_ascii_case(&record.name));
            if !known && !path.contains(&record.name.to_lowercase()) {
                add(records, &record.name, path, found);
                found.push(record);
            }
        }
        path.pop();
    }
    let mut found = Vec::new();
    add(records, name, &mut Vec::new(), &mut found);
    found
}

#[cfg(test)]
pub mod testing {
    //! Services for tests.

    use super::{Config, Phase, Record, StartType, Status};

    /// An automatic service that runs.
    pub fn running(name: &str) -> Record {
        let status = Status {
            phase: Phase::Running,
            exit_code: 0,
            own_exit_code: 0,
            checkpoint: 0,
            wait_hint_ms: 0,
            pid: Some(1000),
            accepts_stop: true,
        };
        let config = Config {
            start_type: StartType::Automatic,
            command_line: String::new(),
            account: "LocalSystem".to_owned(),
            dependencies: Vec::new(),
        };
        Record { name: name.to_owned(), display_name: name.to_owned(), status, config: Some(config) }
    }

    /// An automatic service that has ended with this code.
    pub fn ended(name: &str, exit_code: u32) -> Record {
        let mut record = running(name);
        record.status = Status { phase: Phase::Stopped, pid: None, exit_code, ..record.status };
        record
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{ended, running};
    use super::*;

    fn needing(name: &str, needs: &[&str]) -> Record {
        let mut record = running(name);
        record.config.as_mut().unwrap().dependencies = needs.iter().map(|name| (*name).to_owned()).collect();
        record
    }

    fn names(records: &[Record], of: &str) -> Vec<String> {
        running_dependants(records, of).iter().map(|record| record.name.clone()).collect()
    }

    #[test]
    fn dependants_come_in_the_order_to_stop_them() {
        let records = [
            running("Base"),
            needing("Middle", &["base"]),
            needing("Top", &["MIDDLE", "Base"]),
            needing("Other", &["Elsewhere"]),
        ];
        assert_eq!(names(&records, "Base"), ["Top", "Middle"]);
        assert_eq!(names(&records, "Top"), [""; 0]);
    }

    #[test]
    fn a_dependant_that_does_not_run_is_none() {
        let mut stopped = needing("Top", &["Base"]);
        stopped.status = ended("Top", 0).status;
        assert!(names(&[running("Base"), stopped], "Base").is_empty());
    }

    #[test]
    fn services_that_need_each_other_come_to_an_end() {
        let records = [needing("A", &["B"]), needing("B", &["A"])];
        assert_eq!(names(&records, "A"), ["B"]);
    }

    #[test]
    fn a_service_that_was_never_started_has_not_failed() {
        assert!(!ended("A", NEVER_STARTED).status.ended_with_an_error());
        assert!(!ended("A", 0).status.ended_with_an_error());
        assert!(ended("A", 10048).status.ended_with_an_error());
        assert!(!running("A").status.ended_with_an_error());
    }
}
