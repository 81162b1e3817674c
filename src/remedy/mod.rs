//! From a verdict to a plan: options with typed steps, their exact preview, and how the result is checked. Pure.

mod asked;
mod changes;
mod effect;
mod essential;
mod evict;
pub mod one_by_one;
mod operation;
mod options;
pub mod paths;
mod plan;
mod planner;
mod preview;
pub mod shell;
mod standing;
mod state;
mod step;
mod task;
mod verification;
mod verify;
mod way_back;

pub use asked::{Refusal, RefusalKind, cautions, refusal};
pub use effect::Subject;
pub use essential::{is_essential, is_essential_service};
pub use operation::{Operation, Stores};
pub use options::plan;
pub use plan::{Change, FixOption, Plan, PreviewKind, Risk, Step};
pub use planner::LEAST_PORTS_OF_WINDOWS;
pub use preview::preview;
pub use preview::windows::{FIRST_DYNAMIC_PORT, settable_on_windows};
pub use standing::Standing;
pub use state::OperationState;
pub use step::single_step;
pub use task::{MOST_RECORDED_PORTS, Task, TaskName};
pub use verification::{Check, CheckOutcome, Outcome, StepRecord, StepResult, Verification};
pub use verify::{brought_about, verify};
pub use way_back::way_back;
