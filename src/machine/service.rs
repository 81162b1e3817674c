//! A service: a systemd unit or a Windows service, its state, why it does not run, and the ports it wants.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Port, Protocol};

/// What kind of thing the service manager starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// A systemd `.service` unit.
    Unit,
    /// A systemd `.socket` unit: systemd itself listens and starts the service on demand.
    SocketUnit,
    /// A Windows service.
    WindowsService,
}

/// The state in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// Runs (or, for a socket unit, listens).
    Running,
    /// Is being started.
    Starting,
    /// Fails and is started again, in a loop.
    Restarting,
    /// Is being stopped.
    Stopping,
    /// Does not run, and nothing went wrong.
    Stopped,
    /// Does not run because something went wrong.
    Failed,
}

impl ServiceState {
    /// Whether a service in this state needs help: it failed, or it fails again and again.
    pub const fn is_failing(self) -> bool {
        matches!(self, Self::Failed | Self::Restarting)
    }

    /// The state as the end of a sentence: "SQL Server has failed".
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Running => "runs",
            Self::Starting => "is being started",
            Self::Restarting => "fails and is started again and again",
            Self::Stopping => "is being stopped",
            Self::Stopped => "is stopped",
            Self::Failed => "has failed",
        }
    }

    /// The state as a word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Starting => "starting",
            Self::Restarting => "restarting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// Where the port of a service is known from, the most trusted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownFrom {
    /// The line in a log or an error text that tells of the failure.
    Log,
    /// `Listen=` of the socket unit.
    SocketUnit,
    /// The service's own configuration.
    Configuration,
    /// The arguments of its command line.
    CommandLine,
    /// A socket it has right now.
    Socket,
    /// The product's usual port.
    Catalogue,
    /// The user named it.
    User,
}

impl KnownFrom {
    /// The origin in words, to stand after "from".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log => "its log",
            Self::SocketUnit => "its socket unit",
            Self::Configuration => "its configuration",
            Self::CommandLine => "its command line",
            Self::Socket => "its open socket",
            Self::Catalogue => "the catalogue",
            Self::User => "you",
        }
    }
}

/// A port that a service wants, and where that is known from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePort {
    /// The port.
    pub port: Port,
    /// The protocol.
    pub protocol: Protocol,
    /// The address; `None` for every address, or where it is not told.
    pub address: Option<IpAddr>,
    /// Where it is known from.
    pub known_from: KnownFrom,
    /// The file with line, the log line or the setting.
    pub source: String,
}

/// `ListenStream=` or `ListenDatagram=` of a socket unit, as far as it is a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenSpec {
    /// The protocol.
    pub protocol: Protocol,
    /// The address; `None` for every address.
    pub address: Option<IpAddr>,
    /// The port.
    pub port: Port,
}

/// What an error text or log line says about a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Somebody else has it (`EADDRINUSE`, 10048).
    InUse,
    /// Asking is forbidden although nobody need have it (10013; `EACCES` on a port from 1024 up).
    Forbidden,
    /// A low port without the right to it (`EACCES` below the unprivileged start).
    Privileged,
    /// The address is not this computer's (`EADDRNOTAVAIL` from `bind`, 10049).
    NotLocal,
    /// The other side has no listener (`ECONNREFUSED`, 10061).
    Refused,
    /// No dynamic port is left (10055; `EADDRNOTAVAIL` from `connect`).
    Exhausted,
    /// It went wrong for a reason that is not the port: configuration, certificate, permission on a file, crash.
    NotAPort,
    /// It went wrong, and the text does not say why.
    Unknown,
}

impl FailureKind {
    /// Whether the address of such an error is the far end that a client asked for, not one to listen on.
    pub const fn is_of_a_client(self) -> bool {
        matches!(self, Self::Refused | Self::Exhausted)
    }

    /// The kind in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InUse => "the port is in use",
            Self::Forbidden => "the port is not allowed",
            Self::Privileged => "the right to a low port is missing",
            Self::NotLocal => "the address is not this computer's",
            Self::Refused => "nobody answered",
            Self::Exhausted => "no port was left",
            Self::NotAPort => "not the port",
            Self::Unknown => "the text does not say",
        }
    }
}

/// Why a service did not start, as the service manager and the logs tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartFailure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// The line that says it best, in the service's own words where there is one.
    pub message: String,
    /// The log or property it comes from.
    pub source: String,
    /// When.
    pub time: Option<Timestamp>,
    /// The port the line names.
    pub port: Option<Port>,
    /// The protocol the line names.
    pub protocol: Option<Protocol>,
    /// The address the line names.
    pub address: Option<IpAddr>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its full name: `nginx.service`, `MSSQLSERVER`.
    pub name: String,
    /// Its kind.
    pub kind: ServiceKind,
    /// Whether it belongs to the user's own service manager (`systemd --user`) and not to the system's.
    pub user_manager: bool,
    /// Its description.
    pub description: String,
    /// The product's name from the catalogue, where it is known.
    pub product: Option<String>,
    /// Its state.
    pub state: ServiceState,
    /// The state in the service manager's own words: `failed (exit-code)`.
    pub state_detail: String,
    /// Since when it is in this state.
    pub since: Option<Timestamp>,
    /// Whether it starts by itself with the computer; `None` where that is not known.
    pub starts_by_itself: Option<bool>,
    /// Why it does not run; `None` where it runs or nothing went wrong.
    pub failure: Option<StartFailure>,
    /// Whether the service manager refuses another start until it is told to forget the failures (`reset-failed`).
    pub start_limit_hit: bool,
    /// Its main process while it runs.
    pub main_pid: Option<u32>,
    /// Every process in its control group (Linux) or of this service (Windows).
    pub pids: Vec<u32>,
    /// Its control group, as a path below the root of cgroup2.
    pub cgroup: Option<String>,
    /// The user it runs as; `None` for root or the system account.
    pub user: Option<String>,
    /// Whether it may ask for ports below the unprivileged start; `None` where that is not known.
    pub may_bind_low_ports: Option<bool>,
    /// The command that starts it.
    pub command_line: Vec<String>,
    /// For a socket unit: what it listens on.
    pub listens: Vec<ListenSpec>,
    /// For a socket unit the service it starts, for a service the socket units that start it.
    pub linked: Vec<String>,
    /// The ports it wants, the best known first.
    pub ports: Vec<ServicePort>,
}

impl Service {
    /// Whether it needs help: it failed, or it fails again and again.
    pub const fn is_failing(&self) -> bool {
        self.state.is_failing()
    }

    /// The name for people: product, else description, else name.
    pub fn display_name(&self) -> &str {
        match &self.product {
            Some(product) => product,
            None if !self.description.is_empty() => &self.description,
            None => &self.name,
        }
    }
}
