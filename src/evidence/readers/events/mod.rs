//! Events of Windows' event log, in the ways in which people hand them on. Each form is read into an [`Event`], and what events mean is
//! told once, in [`log`], by provider and number.

mod copied;
mod csv;
mod etl;
mod evtx;
mod known;
mod log;
mod manager;
mod own;
mod powershell;
mod wevtutil;
mod xml;

pub use copied::copied;
pub use csv::csv;
pub use etl::{is_trace, trace};
pub use evtx::{binary_log, is_binary_log};
pub use log::product as product_of_service;
pub use powershell::powershell;
pub use wevtutil::text;
pub use xml::xml;

use log::Log;

use super::Taken;
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::page::Page;
use crate::evidence::windows_event::Event;
