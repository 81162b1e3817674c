//! What the system answers when it is asked for a connection, and how the other side begins to speak.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// One attempt to connect over TCP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Where to.
    pub to: SocketAddr,
    /// What came of it.
    pub result: ProbeResult,
    /// Who sent the ICMP message that ended it; `None` where none came, or the system does not tell.
    #[serde(default)]
    pub told_by: Option<IpAddr>,
    /// The system's own words.
    #[serde(default)]
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub took_ms: u32,
    /// How the other side began to speak; `None` where there is no connection, or nobody waited for it.
    #[serde(default)]
    pub greeting: Option<Greeting>,
}

/// What came of an attempt to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeResult {
    /// The connection was made.
    Accepted,
    /// The computer refused: nobody listens there, or a firewall answers as if (`ECONNREFUSED`, 10061).
    Refused,
    /// A message came that this port is not to be reached: firewalls send it in place of a refusal (ICMP).
    Rejected,
    /// Nothing came back (`ETIMEDOUT`, 10060).
    TimedOut,
    /// No computer has the address, or none on the way knows how to get there (`EHOSTUNREACH`, 10065).
    HostUnreachable,
    /// This computer knows no way to that network (`ENETUNREACH`, 10051).
    NetworkUnreachable,
    /// The connection was torn down while it was made (`ECONNRESET`, 10054).
    Reset,
    /// This computer does not let the program connect (`EACCES`, `EPERM`, 10013).
    Forbidden,
    /// No local port, or no local address of that kind, is left for the connection (`EADDRNOTAVAIL`, 10049, 10055).
    NoLocalPort,
    /// Something else.
    Other,
}

impl ProbeResult {
    /// The result in words, to stand after the address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "took the connection",
            Self::Refused => "refused the connection",
            Self::Rejected => "was rejected: a message came that it is not to be reached",
            Self::TimedOut => "did not answer",
            Self::HostUnreachable => "cannot be reached: no computer answers for the address",
            Self::NetworkUnreachable => "cannot be reached: there is no way to its network",
            Self::Reset => "tore the connection down",
            Self::Forbidden => "may not be asked: this computer does not allow it",
            Self::NoLocalPort => "could not be asked: this computer has no free port or address for it",
            Self::Other => "could not be asked",
        }
    }

    /// Whether the computer itself, or something that speaks for it, sent an answer.
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::Reset)
    }
}

/// What is said first to who has taken the connection, so that it shows what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// Nothing: the other side may speak first.
    Nothing,
    /// The beginning of TLS.
    Tls,
    /// The question of HTTP for the head of the first page.
    Http,
    /// The question that every client of SQL Server asks before it logs on.
    Tds,
}

impl Opening {
    /// What is sent, to stand after "we sent".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Tls => "the greeting of TLS",
            Self::Http => "one HTTP request for the head of the first page",
            Self::Tds => "the question before a logon to SQL Server",
        }
    }
}

/// How the other side began to speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Greeting {
    /// What it is.
    pub kind: GreetingKind,
    /// The first line, where it is text, or the version that it tells; visible characters only.
    #[serde(default)]
    pub text: Option<String>,
    /// What we sent before.
    pub opening: Opening,
}

/// What the first bytes of the other side are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GreetingKind {
    /// It said nothing within the time.
    Silent,
    /// It closed the connection at once, in good order.
    Closed,
    /// It tore the connection down at once.
    Reset,
    /// TLS.
    Tls,
    /// HTTP.
    Http,
    /// SQL Server's protocol.
    Tds,
    /// SSH.
    Ssh,
    /// A mail server.
    Smtp,
    /// MySQL or MariaDB.
    Mysql,
    /// A line of text of another protocol.
    Text,
    /// Bytes of an unknown protocol.
    Binary,
}

impl GreetingKind {
    /// The name of the protocol; `None` where the bytes do not tell one.
    pub const fn protocol(self) -> Option<&'static str> {
        match self {
            Self::Tls => Some("TLS"),
            Self::Http => Some("HTTP"),
            Self::Tds => Some("SQL Server"),
            Self::Ssh => Some("SSH"),
            Self::Smtp => Some("SMTP"),
            Self::Mysql => Some("MySQL"),
            Self::Silent | Self::Closed | Self::Reset | Self::Text | Self::Binary => None,
        }
    }
}
