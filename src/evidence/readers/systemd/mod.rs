//! What systemd tells: its journal, and what `systemctl` shows of units. None of it is translated but the names of months.
//!
//! Each form is read into [`journal::Entry`]s, and what they mean is told once, in [`journal`].

mod export;
mod journal;
mod json;
mod line;
mod list;
mod show;
mod status;
mod text;
mod unit;

pub use export::export;
pub use json::json;
pub use list::list;
pub use show::show;
pub use status::{job, status};
pub use text::{cat, text};

use super::Taken;
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::page::Page;
