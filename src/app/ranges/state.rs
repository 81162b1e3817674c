//! The Ranges page as it shows.

use super::{About, Lanes, ResizeState, View};
use crate::app::{Audit, Look};
use crate::machine::{Family, PortRange, PortSet, Protocol, Snapshot};

/// A part of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// The map of all ports.
    #[default]
    Map,
    /// The same facts as a list.
    List,
    /// The dynamic range, and another one.
    Dynamic,
    /// The audit of the fixed ports.
    Audit,
}

impl Part {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Map, Self::List, Self::Dynamic, Self::Audit];

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Map => "Map",
            Self::List => "List",
            Self::Dynamic => "Dynamic range",
            Self::Audit => "Audit",
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
    /// Another dynamic range.
    pub resize: ResizeState,
    /// Which fixed ports are at risk.
    pub audit: Look<Audit>,
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
            resize: ResizeState::default(),
            audit: Look::default(),
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
