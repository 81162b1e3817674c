//! What the user does on the Refused page, the work that follows, and its answers.

use std::sync::Arc;

use super::state::SoFar;
use crate::app::connect::Checked;
use crate::diagnosis::connect::Wanted;

/// An action on the Refused page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusedCommand {
    /// Type what is asked for.
    Type(String),
    /// Go to the page with this in its field.
    Ask(String),
    /// Run the checklist for what was typed.
    Check,
    /// Ask nobody any more. The answers so far stay.
    Stop,
    /// Look with the wizard into the service that does not run.
    Diagnose,
    /// Copy the checklist for a ticket.
    Copy,
    /// Save the checklist to a file.
    Save,
}

/// Work for the Refused page.
#[derive(Debug, Clone)]
pub enum RefusedEffect {
    /// Run the checklist. Stops the one before.
    Check(u64, Box<Wanted>),
    /// Stop it.
    Stop,
}

/// An answer for the Refused page. The numbers say to which question.
#[derive(Debug, Clone)]
pub enum RefusedEvent {
    /// The checklist goes on.
    Progress(u64, Box<SoFar>),
    /// It ended, or was stopped.
    Checked(u64, Result<Arc<Checked>, String>),
}
