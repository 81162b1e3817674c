//! The journal of one unit, since the last boot or a later time.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::systemctl::Manager;
use crate::platform::command;

/// How many of the last lines are read: a few runs of a service that fails in a loop, even of one that writes long traces.
const LINES: &str = "1000";
/// A large journal is searched backwards, which takes a while on a slow disk.
const LIMIT: Duration = Duration::from_secs(30);

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was written.
    pub time: Option<Timestamp>,
    /// The text.
    pub message: String,
    /// Whether the service itself wrote it, and not systemd about it.
    pub own: bool,
    /// The run of the service that it belongs to.
    pub run: Option<String>,
    /// The number of the error that systemd met.
    pub errno: Option<u32>,
}

/// Why lines could not be read, and what would show them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hidden {
    /// Why.
    pub because: String,
    /// What would show them.
    pub shown_by: &'static str,
}

/// What the journal has about a unit.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// The lines, the oldest first.
    pub entries: Vec<Entry>,
    /// The command that shows them.
    pub source: String,
    /// Why there are none, or not all.
    pub hidden: Option<Hidden>,
}

/// Reads the journal of a unit; where a time is given, what was written since then.
pub fn read(unit: &str, manager: Manager, since: Option<Timestamp>) -> Journal {
    let choice = match manager {
        Manager::System => format!("--unit={unit}"),
        Manager::User => format!("--user-unit={unit}"),
    };
    let since = since.map(|since| format!("--since=@{}", since.as_second()));
    let mut arguments = vec!["--no-pager", "--boot", "--output=json", "--lines", LINES, &choice];
    arguments.extend(since.as_deref());
    let source = command::as_typed("journalctl", &arguments);
    let output = match command::run("journalctl", &arguments, LIMIT) {
        Ok(output) => output,
        Err(error) => {
            let hidden = Hidden { because: error.to_string(), shown_by: "the journal of systemd" };
            return Journal { entries: Vec::new(), source, hidden: Some(hidden) };
        }
    };
    let entries: Vec<Entry> = output.stdout.lines().flat_map(parse).collect();
    // With JSON as the form, journalctl does not say that it leaves out what this user may not read.
    let because = if !output.success() {
        Some(output.complaint())
    } else if manager == Manager::System && !entries.iter().any(|entry| entry.own) && !system_journal_is_readable() {
        Some("this user may not read the journal of the system".to_owned())
    } else {
        None
    };
    let shown_by = match &because {
        Some(because) if because.contains("No journal files were found") => "a journal that systemd-journald keeps",
        _ => "running PortMedic as root, or membership in the group systemd-journal",
    };
    Journal { entries, source, hidden: because.map(|because| Hidden { because, shown_by }) }
}

/// Whether this user may read the lines of others: each journal has a file of its own for those of the system.
fn system_journal_is_readable() -> bool {
    let machines = ["/var/log/journal", "/run/log/journal"].iter().filter_map(|path| fs::read_dir(path).ok()).flatten().flatten();
    let mut opened = machines.map(|machine| File::open(machine.path().join("system.journal")));
    !opened.any(|file| file.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied))
}

/// One JSON object; a message of several lines gives several entries.
fn parse(line: &str) -> Vec<Entry> {
    let Ok(Value::Object(fields)) = serde_json::from_str(line) else { return Vec::new() };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let time = text("__REALTIME_TIMESTAMP").and_then(|micros| Timestamp::from_microsecond(micros.parse().ok()?).ok());
    let message = match fields.get("MESSAGE") {
        Some(Value::String(message)) => message.clone(),
        // Text with control characters comes as its bytes.
        Some(Value::Array(bytes)) => {
            let bytes: Vec<u8> = bytes.iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return Vec::new(),
    };
    // systemd says which unit it speaks of; the unit's own lines need not.
    let own = ["UNIT", "USER_UNIT", "COREDUMP_UNIT"].iter().all(|field| !fields.contains_key(*field));
    let run =
        text("_SYSTEMD_INVOCATION_ID").filter(|_| own).or_else(|| text("INVOCATION_ID")).or_else(|| text("USER_INVOCATION_ID"));
    let errno = text("ERRNO").and_then(|number| number.parse().ok());
    let lines = message.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| Entry { time, message: line.to_owned(), own, run: run.map(str::to_owned), errno }).collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn tells_the_service_from_systemd() {
        let own = parse(
            r#"{"__REALTIME_TIMESTAMP":"1795230221812357","_SYSTEMD_UNIT":"nginx.service","_SYSTEMD_INVOCATION_ID":"ab","MESSAGE":"nginx: x"}"#,
        );
        assert_eq!((own[0].own, own[0].run.as_deref(), own[0].message.as_str()), (true, Some("ab"), "nginx: x"));
        assert_eq!(own[0].time.unwrap().to_string(), "2026-11-21T03:03:41.812357Z");
        let about = parse(
            r#"{"UNIT":"web.socket","_SYSTEMD_UNIT":"init.scope","_SYSTEMD_INVOCATION_ID":"x","INVOCATION_ID":"cd","ERRNO":"98","MESSAGE":"m"}"#,
        );
        assert_eq!((about[0].own, about[0].run.as_deref(), about[0].errno), (false, Some("cd"), Some(98)));
    }

    #[test]
    fn a_message_may_be_bytes_lines_or_nothing() {
        assert_eq!(parse(r#"{"MESSAGE":[27,91,51,49,109,69]}"#)[0].message, "\u{1B}[31mE");
        assert_eq!(parse(r#"{"MESSAGE":"a\n\nb"}"#).len(), 2);
        assert!(parse(r#"{"MESSAGE":null}"#).is_empty() && parse("-- No entries --").is_empty());
    }
}
