//! The proof: what was done, step by step, and what the computer says of it afterwards.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Operation, OperationState};

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepResult {
    /// Done and read back.
    Done,
    /// There was nothing to do any more: the connection was gone, the port already excluded.
    AlreadyDone,
    /// It could not be done; the message says why.
    Failed,
    /// It was done, but the read-back shows something else.
    NotVerified,
    /// The computer was not as the plan says, so it was not begun.
    Refused,
    /// An earlier step ended the plan.
    NotRun,
}

impl StepResult {
    /// The same in words, to stand after what was to be done.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::AlreadyDone => "already so",
            Self::Failed => "could not",
            Self::NotVerified => "not confirmed",
            Self::Refused => "not begun",
            Self::NotRun => "not run",
        }
    }

    /// Whether the plan may go on after it.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Done | Self::AlreadyDone)
    }
}

impl fmt::Display for StepResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// What was to be done.
    #[serde(flatten)]
    pub operation: Operation,
    /// The state before, read right before the step.
    pub before: Option<OperationState>,
    /// The state after, read back.
    pub after: Option<OperationState>,
    /// How it ended.
    pub result: StepResult,
    /// Why it ended so, where there is more to say; one plain sentence.
    pub message: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// The result of a whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every check passed.
    Fixed,
    /// At least one check shows that it is not fixed.
    NotFixed,
    /// No check failed, but one that matters could not be made.
    CouldNotCheck,
    /// The prompt was declined: nothing was changed.
    Declined,
}

impl Outcome {
    /// The same in words, as a headline begins.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "Fixed",
            Self::NotFixed => "Not fixed",
            Self::CouldNotCheck => "Could not check",
            Self::Declined => "Declined",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How one check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It is as it should be.
    Passed,
    /// It is not.
    Failed,
    /// It could not be seen.
    CouldNotCheck,
    /// Worth knowing, but it decides nothing.
    Remark,
}

impl CheckOutcome {
    /// The same in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "not passed",
            Self::CouldNotCheck => "could not check",
            Self::Remark => "remark",
        }
    }
}

/// One check with what it was before and is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was checked.
    pub what: String,
    /// What it was before the fix.
    pub before: String,
    /// What it is now.
    pub now: String,
    /// How the check ended.
    pub outcome: CheckOutcome,
    /// The interface, file or command that showed it.
    pub source: String,
}

/// All checks and what they come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// What they come to.
    pub outcome: Outcome,
    /// The sentence that says so.
    pub headline: String,
    /// Each check.
    pub checks: Vec<Check>,
}
