//! The plan: one to four ways out, the gentlest that works first.

use serde::{Deserialize, Serialize};

use super::{Operation, OperationState};

/// How much can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nobody loses anything that does not come back by itself.
    Low,
    /// Somebody is interrupted, and it can be taken back.
    Medium,
    /// Work may be lost, or it cannot be taken back.
    High,
}

impl Risk {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

/// What the preview text of a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewKind {
    /// A command that does the same when it is typed.
    Command,
    /// A system call; the text is the nearest command.
    SystemCall,
    /// Something that no command does; the text says what is done.
    NoCommand,
    /// Words for a person.
    Manual,
}

/// One step of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is done.
    #[serde(flatten)]
    pub operation: Operation,
    /// What it does, in words: "Close the connection of backup".
    pub title: String,
    /// The exact command or call.
    pub preview: String,
    /// What that text is.
    pub preview_kind: PreviewKind,
    /// Whether it needs administrator rights.
    pub elevation: bool,
    /// How much can go wrong.
    pub risk: Risk,
    /// How it is taken back, in words; `None` where it cannot be.
    pub undo: Option<String>,
    /// How it is read back, in words.
    pub check: String,
    /// What the computer was like when the plan was made; the helper refuses to act where that has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<OperationState>,
}

impl Step {
    /// Whether nothing is to be run for it: a person has to do it or, on the way back, it cannot be done at all.
    pub fn is_manual(&self) -> bool {
        self.preview_kind == PreviewKind::Manual || matches!(self.operation, Operation::Manual { .. })
    }
}

/// A before and after row of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What changes.
    pub what: String,
    /// What it is now.
    pub before: String,
    /// What it will be.
    pub after: String,
}

/// One way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixOption {
    /// What it does, as a short sentence that starts with a verb.
    pub title: String,
    /// Its effect and its price, in one or two sentences.
    pub effect: String,
    /// Whether it is the one to take; true for exactly one option of a plan that has options.
    pub recommended: bool,
    /// The highest risk of its steps.
    pub risk: Risk,
    /// Whether every step can be taken back: "Yes, exactly", "No", "Not needed", …
    pub reversible: String,
    /// Who is interrupted: "Nothing", "One connection", a service's name.
    pub interrupts: String,
    /// Whether the computer must restart: "Not needed", …
    pub restart: String,
    /// What will be different.
    pub changes: Vec<Change>,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// The most steps of one plan: the helper takes no longer one.
pub const MAX_STEPS: usize = 48;

/// What an option says of a restart where it needs none.
pub(super) const NO_RESTART: &str = "Not needed";

impl FixOption {
    /// Whether the computer must restart before the option has its full effect.
    pub fn needs_restart(&self) -> bool {
        self.restart != NO_RESTART
    }

    /// Whether it has nothing that PortMedic could do.
    pub fn is_by_hand(&self) -> bool {
        self.steps.iter().all(Step::is_manual)
    }

    /// Whether a command does each of its steps.
    pub fn is_typed(&self) -> bool {
        self.steps.iter().all(|step| !step.is_manual() && step.preview_kind != PreviewKind::NoCommand)
    }

    /// Its commands, to be typed by an administrator where PortMedic got no rights. A step that no command does is left out.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        let typed = |step: &&Step| !step.is_manual() && step.preview_kind != PreviewKind::NoCommand;
        self.steps.iter().filter(typed).map(|step| step.preview.as_str())
    }
}

/// The ways out. No option at all means that nothing needs to be done or can be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The options, the recommended one first.
    pub options: Vec<FixOption>,
}
