//! One reader for each kind of output.

mod cell;
mod columns;
mod delimited;
mod events;
mod label;
mod linux;
mod netsh;
mod netstat;
mod objects;
mod properties;
mod records;
mod services;
mod state;
mod systemd;
mod tasklist;
mod tcpvcon;

pub use events::{binary_log, is_binary_log, is_trace, trace};

use super::fact::{Problem, Reading};
use super::kind::Kind;
use super::page::Page;

/// What a reader took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// How many lines, at least one.
    pub lines: usize,
    /// What they are.
    pub kind: Kind,
}

/// Reads what begins at a line of the page, where it is the kind of the reader. It knows that from a few lines, so that a page without
/// any of its kind is passed over quickly.
type Reader = fn(&Page<'_>, usize, &mut Reading, &mut Vec<Problem>) -> Option<Taken>;

/// The readers; the first one that knows a line takes it.
const READERS: &[Reader] = &[
    systemd::json,
    systemd::export,
    systemd::status,
    systemd::job,
    systemd::list,
    systemd::cat,
    systemd::text,
    systemd::show,
    netsh::dynamic_port,
    netsh::excluded_ports,
    netsh::excluded_rows,
    linux::ss,
    linux::netstat,
    linux::lsof,
    linux::proc_net,
    linux::setting,
    linux::value,
    events::text,
    events::xml,
    events::powershell,
    // These know their columns by name; the events below are known by the order of their fields alone.
    records::table,
    records::group,
    records::list,
    records::csv,
    records::bare,
    records::json,
    events::csv,
    events::copied,
    services::query,
    services::config,
    services::powershell,
    netstat::table,
    netstat::empty,
    tcpvcon::csv,
    tcpvcon::blocks,
    tasklist::table,
    tasklist::csv,
    tasklist::list,
    tasklist::filtered,
];

/// Lets the reader that knows what begins at `at` take it.
pub fn take(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    READERS.iter().find_map(|reader| reader(page, at, reading, problems))
}
