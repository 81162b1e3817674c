//! Whether the dynamic ports run out, who uses them up, and when none is left: from looks over time to one verdict.
//!
//! ```text
//! Snapshot + Memory  -> Sample      how far each dynamic range is used now, by whom, and what piles up
//! Samples            -> History     a bounded number of them
//! points of a range  -> Forecast    ports a minute, full in so many minutes
//! Snapshot + History + Probes -> Judgement   exhausted, heading there, a leak, many at rest, or not exhausted
//! ```
//!
//! How the systems count: Linux gives a port to several connections at once as long as their four ends differ (`__inet_hash_connect`), so a
//! range can be used up for one destination only; whoever binds before connecting needs a port that nobody has. Windows takes the ports of
//! connections from one space for each protocol (its event 4231: "from the global TCP port space").

mod at_once;
mod culprit;
mod facts;
mod forecast;
mod handles;
mod history;
mod holders;
mod judge;
mod lack;
mod leak;
mod memory;
mod owners;
mod pile;
mod probe;
mod states;
mod text;
mod usage;
mod words;

pub(super) use at_once::AtOnce;
pub(super) use facts::load_facts;
pub use forecast::{Forecast, MIN_SAMPLES, Outlook, forecast};
use handles::with_lost_handles;
pub use handles::{LostHandles, MANY_HANDLES, is_usual_with_many, with_many_handles};
pub use history::{History, Sample};
pub use holders::{Holder, Tie};
pub use judge::{Judgement, Standing, judge};
pub use lack::Lack;
pub use leak::Leak;
pub use memory::Memory;
pub use pile::{Pile, piles};
pub use probe::{Probe, Probes};
pub use states::StateCounts;
pub use usage::{Destination, Usage, usages};
pub use words::minutes;

#[cfg(test)]
mod testing;
