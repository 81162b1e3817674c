//! What the audit finds.

use serde::Serialize;

use crate::machine::{Gap, KnownFrom, Port, PortproxyRule, Protocol};

/// How likely a service loses its port at the next start of the computer.
///
/// The rule, the same for every lint:
///
/// - **certain**: both sides are there at every start (two services that start by themselves and ask for the same address, a portproxy rule),
///   the port is taken or reserved right now while its service is down, or the service is down and lacks a right that it needs.
/// - **likely**: the service lost the port before (its log says so); or two services start by themselves, and of one it is not told for which
///   address it asks; or somebody who asks before it is known: services of Windows that
///   draw from a range which starts low, blocks of `WinNAT` that cover at least a tenth of the range; or the range is so small that 100
///   connections hit the port in at least one start of ten.
/// - **possible**: everything else, such as a port in a wide dynamic range; whatever is about a service that does not start with the
///   computer, or that runs although it seems that it could not; and whatever rests on the usual port of a product alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Likelihood {
    /// It needs bad luck.
    Possible,
    /// It is a matter of some restarts.
    Likely,
    /// It happens at the next start, or has happened.
    Certain,
}

impl Likelihood {
    /// The same in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// What kind of risk it is: it decides what helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskKind {
    /// Clients may be given the port.
    DynamicRange,
    /// It is excluded now, and will not be after a restart.
    ExcludedOnlyNow,
    /// It will be excluded after a restart, and is not now.
    ExcludedOnlyLater,
    /// It lies in a block that another program has reserved.
    ReservedBlock,
    /// Another service is set up for the same port.
    SamePort,
    /// Somebody else listens on it while its service is down.
    HeldByOther,
    /// A portproxy rule is for the same port.
    Portproxy,
    /// It is a low port, and the service has no right to one.
    LowPort,
}

impl RiskKind {
    /// The kind in a few words, for a table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DynamicRange => "clients may be given it",
            Self::ExcludedOnlyNow => "protected until the next restart only",
            Self::ExcludedOnlyLater => "protected from the next restart on",
            Self::ReservedBlock => "inside a reserved block",
            Self::SamePort => "another service wants it",
            Self::HeldByOther => "another program has it",
            Self::Portproxy => "a portproxy rule has it",
            Self::LowPort => "no right to a low port",
        }
    }

    /// Whether keeping the port from clients is what helps.
    pub const fn is_solved_by_exclusion(self) -> bool {
        matches!(self, Self::DynamicRange | Self::ExcludedOnlyNow | Self::ExcludedOnlyLater | Self::ReservedBlock)
    }
}

/// A fixed port that its service may lose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Risk {
    /// The port.
    pub port: Port,
    /// The protocol.
    pub protocol: Protocol,
    /// The service by its full name; the program, where no service manager looks after it.
    pub service: String,
    /// Its name for people.
    pub name: String,
    /// How likely.
    pub likelihood: Likelihood,
    /// Why, in whole sentences.
    pub why: String,
    /// What kind of risk.
    pub kind: RiskKind,
    /// Where the port is known from.
    pub known_from: KnownFrom,
    /// The setting, file or socket that names the port.
    pub source: String,
    /// The other side: a service, a program, a rule. `None` where it is clients in general.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rival: Option<String>,
    /// The rule of portproxy for the same port.
    #[serde(skip)]
    pub rule: Option<PortproxyRule>,
}

/// A fixed port that nothing was found against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SafePort {
    /// The port.
    pub port: Port,
    /// The protocol.
    pub protocol: Protocol,
    /// The service, or the program.
    pub service: String,
    /// Why it is safe: "outside the dynamic range 32768–60999".
    pub because: String,
}

/// A port that a service has and that is not fixed: after a restart it may have another one, so there is nothing to protect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotFixed {
    /// The port it has now.
    pub port: Port,
    /// The protocol.
    pub protocol: Protocol,
    /// The service, or the program.
    pub service: String,
    /// Why it is not taken for fixed.
    pub because: String,
}

/// Everything that the audit has to say of a computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// How many fixed ports were checked.
    pub checked: usize,
    /// Those at risk, the most likely first. One port may have several risks.
    pub risks: Vec<Risk>,
    /// Those that nothing was found against.
    pub safe: Vec<SafePort>,
    /// Ports of services that are not fixed.
    pub not_fixed: Vec<NotFixed>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}
