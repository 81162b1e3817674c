//! What the system answered when it was asked for a port, or for a connection.

use serde::{Deserialize, Serialize};

use crate::machine::{ConnectTest, Protocol};

/// The answer to the question for any dynamic port (`bind` with port 0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Probe {
    /// The system gave one.
    Given,
    /// None was left.
    NoneLeft,
    /// It could not be asked.
    NotAsked {
        /// Why.
        because: String,
    },
}

/// What the system was asked at one look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probes {
    /// The question for any port, for each protocol.
    pub any_port: Vec<(Protocol, Probe)>,
    /// The connection to the destination that the user named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectTest>,
}

impl Probes {
    /// Whether the system had no port of this protocol to give.
    pub fn none_left(&self, protocol: Protocol) -> bool {
        self.any_port.contains(&(protocol, Probe::NoneLeft))
    }

    /// Whether the system gave a port of this protocol.
    pub fn given(&self, protocol: Protocol) -> bool {
        self.any_port.contains(&(protocol, Probe::Given))
    }
}
