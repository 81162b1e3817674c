//! Practising in the window: choosing a machine and what shall happen on it, its story, and going back to the real computer.

mod command;
mod state;
mod story;
mod turn;
pub(super) mod update;

pub use command::PracticeCommand;
pub use state::Practising;
pub use story::Practice;
pub use turn::Turn;
