//! What is said through the door: one JSON document a line, in both directions.

use serde::{Deserialize, Serialize};

use crate::remedy::{Operation, OperationState, Purpose, StepRecord, UndoMode};

/// The version of the protocol; both sides are the same executable, so it only guards against a mix of two installs.
pub const VERSION: u32 = 1;

/// The longest line that is read, in bytes: a few lists of every second port fit. Anything larger is an attack or an accident.
pub const MAX_LINE: usize = 4 << 20;

/// The line after the request that asks the helper to end after the step that is being done.
pub const STOP: &str = "stop";

/// A step as the helper gets it: what to do, and what the computer was like when the user saw the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedStep {
    /// What to do.
    pub action: Operation,
    /// What the computer was like; the helper refuses where that has changed.
    pub before: Option<OperationState>,
}

/// What the helper shall do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case", deny_unknown_fields)]
pub enum Job {
    /// Run these steps in order, stop at the first surprise.
    Apply {
        /// What the plan is for, for the journal.
        title: String,
        /// The steps.
        steps: Vec<PlannedStep>,
        /// What it shall bring about, for the journal; `None` for a change that was asked for by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<Purpose>,
    },
    /// Take one journal entry back, in reverse order.
    Undo {
        /// The entry.
        entry: String,
        /// How much of it.
        #[serde(default)]
        mode: UndoMode,
        /// What the user saw, a state for each step that changed something, the last first; empty for an exact undo.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        seen: Vec<OperationState>,
    },
}

impl Job {
    /// Takes an entry back exactly.
    pub const fn undo(entry: String) -> Self {
        Self::Undo { entry, mode: UndoMode::Exact, seen: Vec::new() }
    }
}

/// The one request of a helper run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// [`VERSION`].
    pub version: u32,
    /// A name for this run, repeated in every reply and in the journal.
    pub id: String,
    /// What to do.
    pub job: Job,
}

/// What the helper says, in this order: `Hello`, then `Refused` or the steps, then `Finished`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reply {
    /// The helper runs with the rights.
    Hello {
        /// [`VERSION`].
        version: u32,
        /// The id of the request.
        id: String,
        /// The user it runs as.
        user: String,
    },
    /// Nothing was done.
    Refused {
        /// Why, in one plain sentence.
        because: String,
    },
    /// A step begins.
    StepStarted {
        /// Its place in the plan, counted from 0.
        index: usize,
    },
    /// A step ended.
    StepFinished {
        /// Its place in the plan, counted from 0.
        index: usize,
        /// What became of it.
        record: Box<StepRecord>,
    },
    /// The run is over and in the journal.
    Finished {
        /// The journal entry, where something was changed.
        entry: Option<String>,
    },
}
