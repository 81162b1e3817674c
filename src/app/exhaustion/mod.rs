//! Whether the dynamic ports run out: looks over time, and the answer at each of them.
//!
//! How a page uses it. A worker keeps one [`Monitor`] as long as the page shows, and every few seconds calls [`Monitor::look`] and then
//! [`Monitor::answer`]; or it calls [`watch()`], which does both and waits between, until its [`Cancel`](super::Cancel) is set. What comes back
//! is an [`Exhaustion`], to be sent to the session as one `Arc`: it has all that the page draws.
//!
//! - the figure: `exhaustion.fullest()`: `in_use` of `capacity`; `sample.ranges` has the others, for a choice of protocol and family;
//! - the forecast badge: `exhaustion.forecast()`: `ports_a_minute` and `full_in_minutes`; too few samples say so in `outlook`;
//! - the plot: `exhaustion.points(range)`: time and ports in use, the oldest first, already bounded;
//! - the verdict card: `exhaustion.case.verdict`; "Show the fixes" opens `exhaustion.case` as any Case: its plan is ready to be applied;
//! - the holders: `fullest().holders`, each with [`StateCounts::connected`](crate::diagnosis::exhaustion::StateCounts::connected), `left_open`,
//!   `closing` and `bound` for the stacked bar, and `Holder::name` for the row ("closing, was bkagent.exe");
//! - pause: keep the last `Exhaustion`; export: [`export()`], [`SampleFile`] or `case`.
//!
//! The page of the window is [`ExhaustionState`]; its worker is [`sample`], whose [`Monitor`] outlives a pause.
//!
//! A look at 200,000 sockets takes a second or so, linear in their number: never on the thread that draws.

mod command;
mod destination;
mod export;
mod monitor;
mod sampling;
mod state;
mod table;
pub(super) mod update;
mod watch;

pub use command::{ExhaustionCommand, ExhaustionEffect, ExhaustionEvent};
pub use destination::destination;
pub use export::{SampleFile, SampleFileError};
pub use monitor::{Exhaustion, Look, Monitor};
pub use sampling::{Every, Sampling, sample};
pub use state::{ExhaustionState, HolderColumn, HolderSort, Span};
pub use table::export;
pub use watch::{Pace, watch};
