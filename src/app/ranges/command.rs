//! What the user does on the Ranges page.

use super::{Part, View};
use crate::machine::{Family, PortRange, Protocol};

/// An action of the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangesCommand {
    /// Type a port or a range.
    Type(String),
    /// Choose these ports.
    Choose(PortRange),
    /// Choose the next thing on the map, or the one before.
    Step {
        /// Whether it is the next one.
        forward: bool,
    },
    /// Show this protocol.
    Protocol(Protocol),
    /// Show this family.
    Family(Family),
    /// Show this part.
    View(View),
    /// Bring the chosen ports into the middle.
    Find,
    /// Show this part of the page.
    Part(Part),
    /// Show the commands for the chosen ports, or no longer.
    Commands(bool),
    /// Ask to exclude the chosen ports.
    Exclude,
    /// Ask to hand the chosen ports out again.
    Remove,
    /// Show these ports on the map.
    Show(PortRange, Protocol),
    /// Type another dynamic range.
    TypeRange(String),
    /// Set it for every table, or only for the one that is shown.
    Everywhere(bool),
    /// Save the audit to a file.
    ExportAudit,
    /// Ask to set it.
    Resize,
    /// Ask to hand these ports out again.
    RemoveBlock(PortRange),
}
