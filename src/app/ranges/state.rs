//! The Ranges page as it shows.

use super::{About, Lanes, View};
use crate::app::Look;
use crate::machine::{Family, PortRange, Protocol, Snapshot};

/// The Ranges page.
#[derive(Debug, Clone)]
pub struct RangesState {
    /// The ranges and the sockets.
    pub look: Look<Snapshot>,
    /// The protocol that is shown.
    pub protocol: Protocol,
    /// The family that is shown, where the system has a range for each.
    pub family: Family,
    /// What was typed.
    pub typed: String,
    /// Why that is no port.
    pub problem: Option<String>,
    /// The chosen ports.
    pub chosen: Option<PortRange>,
    /// The part that is shown large.
    pub view: View,
    /// Whether the list shows in place of the map.
    pub list: bool,
    /// Whether the commands for the chosen ports show.
    pub commands: bool,
    /// What the look says of the protocol and family.
    pub lanes: Lanes,
    /// What is to be said of the chosen ports.
    pub about: Option<About>,
}

impl Default for RangesState {
    fn default() -> Self {
        Self {
            look: Look::default(),
            protocol: Protocol::Tcp,
            family: Family::Ipv4,
            typed: String::new(),
            problem: None,
            chosen: None,
            view: View::default(),
            list: false,
            commands: false,
            lanes: Lanes::default(),
            about: None,
        }
    }
}

impl RangesState {
    /// Whether the system has a dynamic range for each family.
    pub fn has_families(&self) -> bool {
        self.look.value().is_some_and(|look| look.dynamic_ranges.iter().any(|row| row.family.is_some()))
    }

    /// Whether the system has ranges and lists for each protocol.
    pub fn has_protocols(&self) -> bool {
        self.look.value().is_some_and(|look| look.dynamic_ranges.iter().any(|row| row.protocol.is_some()))
    }
}
