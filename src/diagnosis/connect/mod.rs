//! Why a client gets no connection: the checklist, answered from facts. Pure.
//!
//! [`Wanted`] is what is to be reached, [`Facts`] is what was seen on the way, each look a field; [`checklist`] answers every question from
//! what is there so far, and [`judge`] names the cause. Whoever looks may call both after every look: an item waits until its fact is there.

mod facts;
mod firewall;
mod item;
mod items;
mod opening;
mod verdict;
mod wanted;

pub use facts::{Fact, Facts, hears};
pub use firewall::{Decision, Packet, decide};
pub use item::{Answer, Item, Question};
pub use items::{checklist, service};
pub use opening::opening;
pub use verdict::{ConnectCause, ConnectVerdict, judge};
pub use wanted::{DEFAULT_INSTANCE, PortFrom, SQL_PORT, Wanted, WantedError};
