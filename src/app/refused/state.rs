//! What the Refused page shows.

use std::sync::Arc;

use crate::app::Look;
use crate::app::connect::{Checked, Checking, Progress};
use crate::diagnosis::connect::Item;

/// The Refused page.
#[derive(Debug, Clone, Default)]
pub struct RefusedState {
    /// What was typed.
    pub typed: String,
    /// Why that names nothing to connect to.
    pub typed_problem: Option<String>,
    /// What was typed when the checklist began.
    pub asked: String,
    /// The checklist.
    pub look: Look<Arc<Checked>>,
    /// How far it is while it runs.
    pub so_far: Option<SoFar>,
    /// Whether it shall stop.
    pub stopping: bool,
}

/// How far the checklist is.
#[derive(Debug, Clone)]
pub struct SoFar {
    /// What is looked at now.
    pub checking: Checking,
    /// How many looks are done, of [`Checking::ALL`].
    pub done: usize,
    /// Every item, answered as far as is known.
    pub items: Vec<Item>,
}

impl From<&Progress<'_>> for SoFar {
    fn from(progress: &Progress<'_>) -> Self {
        Self { checking: progress.checking, done: progress.done, items: progress.items.to_vec() }
    }
}

impl RefusedState {
    /// The answer to what stands in the field: none while it runs, or after something else was typed.
    pub fn answer(&self) -> Option<&Checked> {
        let is_asked = self.look.busy().is_none() && self.typed.trim() == self.asked;
        self.look.value().filter(|_| is_asked).map(AsRef::as_ref)
    }
}
