//! The Ranges page as it shows.

use super::{About, Lanes, View};
use crate::app::Look;
use crate::machine::{Family, PortRange, PortSet, Protocol, Snapshot};

/// A part of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// The map of all ports.
    #[default]
    Map,
    /// The same facts as a list.
    List,
}

impl Part {
    /// All of them, in their order.
    pub const ALL: [Self; 2] = [Self::Map, Self::List];

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Map => "Map",
            Self::List => "List",
        }
    }
}

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
    pub chosen: PortSet,
    /// The part that is shown large.
    pub view: View,
    /// The part that is shown.
    pub part: Part,
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
            chosen: PortSet::new(),
            view: View::default(),
            part: Part::Map,
            commands: false,
            lanes: Lanes::default(),
            about: None,
        }
    }
}

impl RangesState {
    /// The chosen ports from the first to the last, with what lies between them.
    pub fn span(&self) -> Option<PortRange> {
        let (first, last) = (self.chosen.ranges().first()?, self.chosen.ranges().last()?);
        PortRange::new(first.start(), last.end()).ok()
    }

    /// The chosen ports where they are one block.
    pub fn block(&self) -> Option<PortRange> {
        if let [one] = self.chosen.ranges() { Some(*one) } else { None }
    }

    /// Whether the system has a dynamic range for each family.
    pub fn has_families(&self) -> bool {
        self.look.value().is_some_and(|look| look.dynamic_ranges.iter().any(|row| row.family.is_some()))
    }

    /// Whether the system has ranges and lists for each protocol.
    pub fn has_protocols(&self) -> bool {
        self.look.value().is_some_and(|look| look.dynamic_ranges.iter().any(|row| row.protocol.is_some()))
    }
}
