//! What the user does on the Exhaustion page, the work that follows, and its answers.

use std::sync::Arc;

use super::monitor::Exhaustion;
use super::sampling::{Every, Sampling};
use super::state::{HolderColumn, Span};
use crate::diagnosis::Complaint;
use crate::machine::{Family, PortRange, Protocol};

/// An action on the Exhaustion page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExhaustionCommand {
    /// Look again and again, or no longer.
    Live(bool),
    /// Look this often.
    Every(Every),
    /// Go on looking while another page shows, or not.
    Keep(bool),
    /// Nobody sees the window any more, or somebody does again.
    Away(bool),
    /// Show so much of the past.
    Span(Span),
    /// Show this range.
    Range(Protocol, Family),
    /// Put the holders in the order of this column.
    SortBy(HolderColumn),
    /// Find out whether used up ports are why this does not work.
    Ask(Complaint),
    /// Show what can be done, on the pages of the wizard: this option, or the recommended one.
    Fix(Option<usize>),
    /// Show what another dynamic range would come to, on the page that sets it.
    Widen {
        /// The range.
        range: PortRange,
        /// For this protocol.
        protocol: Protocol,
        /// For this family.
        family: Family,
    },
    /// Save the samples to a file.
    Save,
}

/// Work for the Exhaustion page.
#[derive(Debug, Clone)]
pub enum ExhaustionEffect {
    /// Look at the ports, again and again where it is live. Ends what was looked at before.
    Sample(Sampling),
    /// Look no longer.
    Stop,
}

/// An answer for the Exhaustion page.
#[derive(Debug, Clone)]
pub enum ExhaustionEvent {
    /// What a look came to. The number says to which question.
    Seen(u64, Result<Arc<Exhaustion>, String>),
}
