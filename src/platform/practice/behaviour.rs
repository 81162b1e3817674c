//! What people and luck do while a machine is practised. A file has one as its default; whoever practises or tests may choose another.

use serde::Deserialize;

/// What happens beside the machine itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Behaviour {
    /// What becomes of the prompt for administrator rights.
    pub prompt: Prompt,
    /// What goes wrong in a step of a plan. Taking back is not disturbed.
    pub step: Vec<StepFault>,
    /// Whether the service that a plan starts ends again a moment later, although every step worked.
    pub service_stays_down: bool,
    /// Whether somebody else changes what the plan is about, after it was shown and before it runs.
    pub somebody_else_changes: bool,
    /// Whether the one who looks has administrator rights; as the machine's file says where it is left out.
    pub elevated: Option<bool>,
}

/// What becomes of the prompt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// An administrator agrees.
    #[default]
    Approved,
    /// It is closed.
    Declined,
    /// Nobody answers until it is cancelled.
    Unanswered,
}

/// What goes wrong in one step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFault {
    /// The step, counted from 1 as people count.
    pub number: usize,
    /// What goes wrong.
    pub fault: Fault,
}

/// What can go wrong in a step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The system refuses, with these words.
    Fails(String),
    /// The helper ends after it has changed the machine and before it has written that down.
    HelperDies,
    /// It takes so many seconds, in truth. Asking for the end of the run cuts it short.
    Slow(u64),
}

impl Behaviour {
    /// What goes wrong in step number `index`, counted from 0.
    pub fn fault_in(&self, index: usize) -> Option<&Fault> {
        self.step.iter().find(|step| step.number == index + 1).map(|step| &step.fault)
    }
}
