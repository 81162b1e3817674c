//! The live table of all sockets: what it is made of, how it changes from look to look, what of it is shown and in which order.
//!
//! A watcher on a thread of its own looks each second and makes a [`PortTable`]; another thread puts the rows in order ([`fn@arrange`]).
//! The session only swaps what they give, so that 200 000 sockets cost the screen nothing.

mod actions;
mod arrange;
mod command;
mod filter;
mod follow;
mod holder;
mod row;
mod state;
mod table;
#[cfg(test)]
mod testing;
mod update;
mod watch;

pub use actions::{close_connection, exclude_port};
pub use arrange::{Arranged, Arrangement, Column, Sort, arrange};
pub use command::PortsCommand;
pub use filter::{Filter, StateGroup};
pub use holder::{Holder, Known};
pub use row::{Change, PortRow, SocketId, kind};
pub use state::{PortsState, Selection};
pub use table::PortTable;
pub use update::{arrangement_arrived, arrived, given, look_again, page_changed};
pub use watch::{PERIOD, Watch, watch};
