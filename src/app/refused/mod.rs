//! The Refused page: what is asked for, the checklist on its way, and its answer. The checklist itself is [`connect`](super::connect).

mod as_client;
mod command;
mod state;
pub(super) mod update;

pub use as_client::as_client;
pub use command::{RefusedCommand, RefusedEffect, RefusedEvent};
pub use state::{RefusedState, SoFar};
