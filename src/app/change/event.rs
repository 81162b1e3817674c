//! The work of a change that was asked for, and its answers. The numbers say to which question.

use super::{AskedChange, Wish};
use crate::app::RunProgress;

/// Work.
#[derive(Debug, Clone)]
pub enum ChangeEffect {
    /// Look at what the change is about, and prepare it.
    Prepare(u64, Wish),
    /// Make it and prove it.
    Make(u64, Box<AskedChange>),
}

/// An answer of a worker.
#[derive(Debug, Clone)]
pub enum ChangeEvent {
    /// It is prepared.
    Prepared(u64, Result<Box<AskedChange>, String>),
    /// It goes on.
    Progress(u64, RunProgress),
    /// The step is done, and the computer is looked at again.
    Checking(u64),
    /// It ended.
    Ended(u64, Result<Box<AskedChange>, String>),
}
