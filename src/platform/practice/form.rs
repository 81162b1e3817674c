//! The form of a practice machine's file, as people write it. `build` makes the machine out of it, `check` sees that the facts fit together.
//!
//! What is left out is filled in as an ordinary computer has it, so that a file tells only what matters.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::Behaviour;
use super::network::NetworkForm;
use crate::diagnosis::Cause;
use crate::diagnosis::connect::ConnectCause;
use crate::machine::{
    Container, Family, KnownFrom, Load, Port, PortRange, Protocol, ServiceState, Sighting, SocketState, System, WindowsFacts,
};

/// A whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// One line: what happened.
    pub title: String,
    /// What the trainee is told at the beginning.
    pub story: String,
    /// What is to be learned.
    pub lesson: Lesson,
    /// The computer.
    pub host: HostForm,
    /// What people and luck do while it is practised.
    #[serde(default)]
    pub behaviour: Behaviour,
    #[serde(default)]
    pub dynamic_range: Vec<Spanned<DynamicRangeForm>>,
    #[serde(default)]
    pub exclusion: Vec<Spanned<ExclusionForm>>,
    #[serde(default)]
    pub process: Vec<Spanned<ProcessForm>>,
    #[serde(default)]
    pub service: Vec<Spanned<ServiceForm>>,
    #[serde(default)]
    pub socket: Vec<Spanned<SocketForm>>,
    #[serde(default)]
    pub socket_block: Vec<Spanned<SocketBlockForm>>,
    /// What programs open while time passes.
    #[serde(default)]
    pub flow: Vec<Spanned<FlowForm>>,
    /// Handles, events and counters.
    #[serde(default)]
    pub load: Load,
    /// What only Windows has.
    pub windows: Option<Spanned<WindowsFacts>>,
    /// What others answer, and what of its settings stands in between.
    #[serde(default)]
    pub network: NetworkForm,
    /// What a recorder has seen before the story begins.
    #[serde(default)]
    pub sighting: Vec<Sighting>,
    #[serde(default)]
    pub gap: Vec<GapForm>,
}

/// What is to be learned from a machine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// What the trainee types or chooses: a port, a service or an error text.
    pub target: String,
    /// The cause that the verdict must name.
    pub cause: Cause,
    /// Who carries out the recommended way out.
    pub fix: Fix,
    /// What a client cannot connect to, where the story is about that.
    pub connect: Option<ConnectLesson>,
    /// What the trainee knows afterwards.
    pub learns: String,
}

/// What is to be learned about a connection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectLesson {
    /// The computer, and behind a blank the port, instance or product: `db1 1433`.
    pub to: String,
    /// The cause that the checklist must name.
    pub cause: ConnectCause,
}

/// Who carries out the recommended way out of a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// PortMedic, and it helps.
    Automatic,
    /// A person.
    ByHand,
    /// Nobody: nothing is to be done about the port.
    Nothing,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostForm {
    pub name: String,
    pub system: System,
    pub version: String,
    /// When the trainee looks. The machine's clock begins here and goes on only with what is done.
    #[serde(default = "three_in_the_morning")]
    pub now: Timestamp,
    pub user: String,
    /// Whether that user has administrator rights. Without them a Linux machine hides the processes of other users.
    pub elevated: bool,
    #[serde(default)]
    pub wsl: bool,
    /// Addresses beside the loopback ones.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    /// Linux: the first port that needs no right.
    #[serde(default = "usual_unprivileged_start")]
    pub unprivileged_port_start: Port,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DynamicRangeForm {
    #[serde(deserialize_with = "range")]
    pub range: PortRange,
    /// Both where it is left out.
    pub protocol: Option<Protocol>,
    /// Both where it is left out.
    pub family: Option<Family>,
    #[serde(default)]
    pub store: StoreForm,
}

/// The store of a range: unlike an operation, a fact is in both where nothing else is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreForm {
    #[default]
    Both,
    Active,
    Persistent,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExclusionForm {
    #[serde(deserialize_with = "range")]
    pub range: PortRange,
    /// Linux has one list for both protocols; Windows has one for each, so both get a row where it is left out.
    pub protocol: Option<Protocol>,
    #[serde(default)]
    pub store: StoreForm,
    /// `false` (Windows only): asking for such a port fails.
    #[serde(default = "yes")]
    pub administered: bool,
    pub owner: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessForm {
    pub pid: u32,
    pub name: String,
    pub exe: Option<String>,
    #[serde(default)]
    pub exe_deleted: bool,
    /// The command line, one entry an argument.
    pub command: Option<Vec<String>>,
    /// The administrator account of the system where it is left out.
    pub user: Option<String>,
    /// An hour before the machine's `now` where it is left out.
    pub started: Option<Timestamp>,
    pub parent: Option<u32>,
    /// The unit or service it belongs to.
    pub service: Option<String>,
    pub container: Option<Container>,
    /// Linux: where it is neither the unit's nor the session's.
    pub cgroup: Option<String>,
    #[serde(default)]
    pub kernel: bool,
    /// Why it must never be ended.
    pub protected: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceForm {
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// The product, where its name in the catalogue does not tell it.
    pub product: Option<String>,
    pub state: ServiceState,
    /// The service manager's own words; the usual ones where they are left out.
    pub state_detail: Option<String>,
    /// Whether it starts with the computer.
    #[serde(default = "yes")]
    pub starts_by_itself: bool,
    /// Whether the service manager starts it again when its process ends.
    #[serde(default)]
    pub restarts: bool,
    #[serde(default)]
    pub start_limit_hit: bool,
    pub main_pid: Option<u32>,
    /// The executable that a start runs.
    pub program: String,
    /// The account it runs as.
    pub user: Option<String>,
    pub may_bind_low_ports: Option<bool>,
    /// The lines that it logs when it does not start. They are read as the log of a real service is.
    #[serde(default)]
    pub log: Vec<String>,
    /// The log; the journal of the unit (Linux) or the event log (Windows) where it is left out.
    pub log_source: Option<String>,
    pub failed_at: Option<Timestamp>,
    /// The units that a socket unit starts, or that start a service.
    #[serde(default)]
    pub linked: Vec<String>,
    /// Windows: the URLs that it registers with HTTP.sys when it starts.
    #[serde(default)]
    pub http_urls: Vec<String>,
    /// Why the service manager refuses to stop it.
    pub stop_refused: Option<String>,
    #[serde(default)]
    pub port: Vec<ServicePortForm>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServicePortForm {
    #[serde(deserialize_with = "port")]
    pub port: Port,
    #[serde(default = "tcp")]
    pub protocol: Protocol,
    /// Every address of both families where it is left out.
    pub address: Option<IpAddr>,
    pub known_from: KnownFrom,
    #[serde(default)]
    pub source: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SocketForm {
    #[serde(default = "tcp")]
    pub protocol: Protocol,
    pub local: SocketAddr,
    pub remote: Option<SocketAddr>,
    pub state: SocketState,
    /// The processes that have it; none for a connection that is over.
    #[serde(default)]
    pub pids: Vec<u32>,
    /// Windows: the service that made it, where its process runs several.
    pub service: Option<String>,
    /// For `[::]`: whether it leaves IPv4 alone.
    #[serde(default)]
    pub v6only: bool,
    /// Linux: made with `SO_REUSEADDR`, as listeners and what they accept are.
    #[serde(default)]
    pub reuse_address: bool,
    /// Windows: made with `SO_EXCLUSIVEADDRUSE`, so that others are told 10013.
    #[serde(default)]
    pub exclusive: bool,
    /// For a connection that is over: how long the port rests yet.
    pub expires_seconds: Option<u32>,
    /// For a listener: how many connections wait to be taken, and the most that may.
    pub backlog: Option<(u32, u32)>,
    /// For a connection: the program connects again so many seconds after it was closed, from the next port it is given.
    pub reconnects_after: Option<u32>,
}

/// Many sockets alike, one a port: what leaks them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SocketBlockForm {
    #[serde(default = "tcp")]
    pub protocol: Protocol,
    pub address: IpAddr,
    #[serde(deserialize_with = "range")]
    pub ports: PortRange,
    pub remote: Option<SocketAddr>,
    pub state: SocketState,
    #[serde(default)]
    pub pids: Vec<u32>,
}

/// Sockets that a program opens one after another while time passes: TCP, each on the next free port of the dynamic range. It goes on until
/// the program ends or no port is left.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowForm {
    pub pid: u32,
    pub address: IpAddr,
    pub remote: Option<SocketAddr>,
    pub state: SocketState,
    /// How many every ten seconds.
    pub each_ten_seconds: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapForm {
    pub what: String,
    pub because: String,
    pub shown_by: String,
    /// Whether administrator rights show it.
    #[serde(default)]
    pub needs_rights: bool,
}

const fn yes() -> bool {
    true
}

const fn tcp() -> Protocol {
    Protocol::Tcp
}

/// `net.ipv4.ip_unprivileged_port_start` as the kernel has it.
const fn usual_unprivileged_start() -> Port {
    1024
}

fn three_in_the_morning() -> Timestamp {
    // 2026-11-21 03:12:40 UTC, a Saturday.
    Timestamp::constant(1_795_230_760, 0)
}

/// `1433` or `1024-15000`, as everywhere else.
fn range<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PortRange, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn port<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Port, D::Error> {
    let number = i64::deserialize(deserializer)?;
    let wrong = || serde::de::Error::custom(format!("ports go from 1 to 65535, and {number} is none of them"));
    Port::try_from(number).ok().filter(|port| *port > 0).ok_or_else(wrong)
}
