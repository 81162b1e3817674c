//! What a service wrote since a time: into its own log files, and into the event log.

use jiff::Timestamp;

use super::registry::LiveRegistry;
use super::{inventory, variable};
use crate::machine::{Evidence, Gap};
use crate::platform::services::files::LiveFiles;
use crate::platform::services::log_file;
use crate::platform::windows::ffi::WindowsEventLog;
use crate::platform::windows_text::services::places::Sources;
use crate::platform::windows_text::services::{event_log, ports};

const WHAT: &str = "what the service wrote";

/// The lines, the oldest first; those of its own log before those of the event log.
///
/// # Errors
/// Where there are none, and this user may not read all of its logs.
pub fn written_since(name: &str, since: Timestamp) -> Result<Vec<Evidence>, Gap> {
    let (files, registry) = (LiveFiles::default(), LiveRegistry::default());
    let sources = Sources { registry: &registry, files: &files, variable: &variable };
    // Without the list of services the log of the product is not known, and the event log is.
    let records = inventory::take().unwrap_or_default();
    let record = records.iter().find(|record| record.name.eq_ignore_ascii_case(name));
    let log = record.and_then(|record| log_file::since(&ports::logs(record, sources), since, &files));
    let line = |path: &str, time, text: String| Evidence { fact: text, source: path.replace('/', "\\"), raw: None, time };
    let mut lines: Vec<Evidence> =
        log.into_iter().flat_map(|log| log.lines.into_iter().map(move |(time, text)| line(&log.path, time, text))).collect();
    let events = event_log::written_by(&WindowsEventLog, name, since, Timestamp::now());
    let unread = events.as_ref().err().cloned();
    lines.extend(events.into_iter().flatten());
    let denied = files.take_denied();
    match (unread, denied.first()) {
        _ if !lines.is_empty() => Ok(lines),
        (Some(why), _) => Err(Gap::new(WHAT, why, "the Event Viewer, Windows Logs, Application")),
        (None, Some(path)) => Err(Gap::new(WHAT, format!("this user may not read {path}"), "running PortMedic as administrator")),
        (None, None) => Ok(lines),
    }
}
