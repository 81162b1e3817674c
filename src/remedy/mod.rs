//! From a verdict to a plan: options with typed steps, their exact preview, and how the result is checked. Pure.

mod effect;
mod operation;
mod plan;
mod state;
mod verification;

pub use effect::Subject;
pub use operation::{Operation, Stores};
pub use plan::{Change, FixOption, Plan, PreviewKind, Risk, Step};
pub use state::OperationState;
pub use verification::{Check, CheckOutcome, Outcome, StepRecord, StepResult, Verification};
