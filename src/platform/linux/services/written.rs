//! What a service wrote since a time: into the journal, or into its own log files.

use jiff::Timestamp;

use super::journal::{self, Entry};
use super::systemctl::Manager;
use crate::catalog;
use crate::machine::{Evidence, Gap, Service, without_colours};
use crate::platform::services::files::LiveFiles;
use crate::platform::services::log_file;

const WHAT: &str = "what the service wrote";

/// The lines, the oldest first; those of a file without times come last.
///
/// # Errors
/// Where there are none, and this user may not read all of its logs.
pub fn written_since(service: &Service, since: Timestamp) -> Result<Vec<Evidence>, Gap> {
    let manager = if service.user_manager { Manager::User } else { Manager::System };
    let journal = journal::read(&service.name, manager, Some(since));
    let line =
        |time, text: &str, source: &str| Evidence { fact: without_colours(text), source: source.to_owned(), raw: None, time };
    let own = journal.entries.iter().filter(|entry| entry.own);
    let mut lines: Vec<Evidence> = own.map(|Entry { time, message, .. }| line(*time, message, &journal.source)).collect();
    let files = LiveFiles::default();
    let patterns = catalog::product_of_unit(&service.name).map(|product| product.logs.as_slice()).unwrap_or_default();
    if let Some(log) = log_file::since(patterns, since, &files) {
        lines.extend(log.lines.iter().map(|(time, text)| line(*time, text, &log.path)));
    }
    let denied = files.take_denied();
    match (journal.hidden, denied.first()) {
        _ if !lines.is_empty() => {
            lines.sort_by_key(|line| line.time.unwrap_or(Timestamp::MAX));
            Ok(lines)
        }
        (Some(hidden), _) => Err(Gap::new(WHAT, hidden.because, hidden.shown_by)),
        (None, Some(path)) => Err(Gap::new(WHAT, format!("this user may not read {path}"), "running PortMedic as root")),
        (None, None) => Ok(lines),
    }
}
