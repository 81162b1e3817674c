//! The answer: one sentence, how sure, and why.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Owner;
use super::exhaustion::Lack;
use crate::machine::{Evidence, Gap, Port, Protocol};

/// Why the port cannot be had, or that it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nobody has the port.
    PortFree,
    /// Another program listens on it (a bound UDP socket is a listener).
    HeldByListener,
    /// The service itself, or an older instance of it, has it.
    HeldByOwnInstance,
    /// The system gave it to an outgoing connection.
    HeldByClient,
    /// A program has it by `bind` without listening.
    HeldByBoundSocket,
    /// A connection that is over still rests on it; it frees itself.
    HeldByClosingConnection,
    /// systemd listens for a socket unit.
    HeldBySocketUnit,
    /// A container has it.
    HeldByContainer,
    /// HTTP.sys has it for a request queue.
    HeldByHttpSys,
    /// A portproxy rule has it.
    HeldByPortproxy,
    /// It lies in a range that is reserved for another.
    ReservedRange,
    /// It is a low port and the service lacks the right to it.
    PrivilegedPort,
    /// The service asks for an address that this computer does not have.
    AddressNotLocal,
    /// No dynamic port is left.
    Exhausted,
    /// A client was refused: nobody listens there.
    Refused,
    /// The service fails for another reason.
    NotAPortProblem,
    /// What was seen does not tell.
    Unknown,
}

/// How sure the verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// What would be needed was not seen.
    CannotTell,
    /// Facts point there; one that would prove it is missing.
    Likely,
    /// The facts prove it.
    Certain,
}

impl Confidence {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CannotTell => "Cannot tell",
            Self::Likely => "Likely",
            Self::Certain => "Certain",
        }
    }
}

/// The answer of the diagnosis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The cause.
    pub cause: Cause,
    /// How sure.
    pub confidence: Confidence,
    /// Why not more or less sure, in a few words: "3 facts agree, none against".
    #[serde(default)]
    pub confidence_because: String,
    /// The verdict in one sentence, in plain words, without numbers of processes or errors.
    pub headline: String,
    /// Why it is so, in one or two sentences.
    pub explanation: String,
    /// What to do next, as a short sentence that starts with a verb.
    pub next_step: String,
    /// The facts it rests on.
    pub evidence: Vec<Evidence>,
    /// What is good to know about the products that take part; the verdict does not rest on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// What is generally known about a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The product's name.
    pub about: String,
    /// One plain sentence.
    pub text: String,
    /// The page that tells more.
    pub source: String,
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.about, self.text)
    }
}

/// The whole result of the rules: the verdict and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The service that it is about, by its full name; `None` where no service is known.
    pub service: Option<String>,
    /// The port that it is about; `None` where no port is known.
    pub port: Option<Port>,
    /// The protocol that it is about.
    pub protocol: Option<Protocol>,
    /// The address that the service wants; `None` for every address, or where it is not told.
    pub address: Option<IpAddr>,
    /// The answer.
    pub verdict: Verdict,
    /// Who has the port, the one that blocks first.
    pub owners: Vec<Owner>,
    /// What the rules would have needed and could not see, beyond the gaps of the Snapshot.
    pub gaps: Vec<Gap>,
    /// Who alone uses up the dynamic ports, where that is the matter.
    #[serde(default)]
    pub lack: Lack,
}

impl Diagnosis {
    /// An answer that is about no service and no port, as yet.
    pub fn of(verdict: Verdict) -> Self {
        Self {
            service: None,
            port: None,
            protocol: None,
            address: None,
            verdict,
            owners: Vec::new(),
            gaps: Vec::new(),
            lack: Lack::default(),
        }
    }
}
