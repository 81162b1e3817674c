//! What the user does with a change that was asked for.

use super::Wish;
use crate::machine::Port;

/// An action of the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeCommand {
    /// Show what this would do, and ask.
    Ask(Wish),
    /// Do it, or try it once more.
    Make,
    /// Give up waiting for the rights.
    Stop,
    /// Copy the commands for an administrator.
    CopyCommands,
    /// Look into the port that is in the way.
    CheckPort(Port),
}
