//! What the user does about practising.

use super::Turn;

/// An action about practising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PracticeCommand {
    /// Choose this machine, by its name.
    Choose(String),
    /// Choose what shall happen.
    Turn(Turn),
    /// Choose the step in which it happens, counted from 1.
    Step(usize),
    /// Go to the chosen machine, as it is at the beginning.
    Begin,
    /// Go back to the real computer.
    Leave,
}
