//! The Ranges page without a screen: which ports the system hands out, which it keeps, which are in use, and what that means for services.

mod about;
mod command;
mod lanes;
mod state;
pub(super) mod update;
mod view;

pub use about::{About, Safety};
pub use command::RangesCommand;
pub use lanes::{Block, Holds, InUse, Kept, Lanes, Wanted};
pub use state::RangesState;
pub use view::View;
