//! The Ranges page without a screen: which ports the system hands out, which it keeps, which are in use, and what that means for services.

mod about;
mod command;
mod lanes;
mod lines;
mod resize;
mod state;
mod typed;
pub(super) mod update;
mod view;

pub use about::{About, ChosenBlock, Safety};
pub use command::RangesCommand;
pub use lanes::{Block, Holds, InUse, Kept, Lanes, Wanted};
pub use lines::{Line, Place};
pub use resize::{Affected, Becomes, Capacity, Resize, ResizeState, Table, limits, usual};
pub use state::{Part, RangesState};
pub use view::View;
