//! What the system said when it was asked for an outgoing connection.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// How one attempt to connect ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectResult {
    /// The far end answered and took the connection.
    Connected,
    /// No local port was left (Linux: `EADDRNOTAVAIL`; Windows: 10055).
    NoPortLeft,
    /// The local port that was chosen rests from an earlier connection to the same destination (Windows: 10048).
    PortRests,
    /// The far end answered that nobody listens.
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// No way leads there.
    Unreachable,
    /// The system gave another reason.
    Other,
}

/// One attempt to connect, closed again at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectTest {
    /// Where to.
    pub to: SocketAddr,
    /// How it ended.
    pub result: ConnectResult,
    /// The system's number and text; `None` where it connected.
    pub error: Option<String>,
}
