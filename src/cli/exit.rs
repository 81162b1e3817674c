//! What the exit code of a command means: a promise that scripts rely on.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing is wrong, or it was done and verified.
    Clean = 0,
    /// A problem was found, or is not fixed, or could not be verified.
    Problem = 1,
    /// It was asked for wrongly, or could not be done.
    CouldNot = 2,
    /// It was declined, or the rights are missing. Nothing was changed.
    Declined = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
