//! The history of changes as a text for a file: the same forms, escapes and hidden names as a report.

use jiff::Timestamp;
use serde_json::Value;

use super::change::without_a_problem;
use crate::case::{Annex, Case};
use crate::diagnosis::Symptom;
use crate::helper::journal::{Entry, EntryStep};
use crate::machine::Host;
use crate::remedy::Plan;
use crate::report::{self, Format, Hide, Report};

/// The forms in which the history can be written.
pub const FORMS: [Format; 4] = [Format::Html, Format::Markdown, Format::Json, Format::Csv];

const TITLE: &str = "What PortMedic changed on this computer";
const COLUMNS: [&str; 11] =
    ["Change", "Time", Annex::USERS, "Rights by", "For", "State", "Step", "Before", "After", "Result", "Check"];

/// The history of `host`, the newest change first, as it is on `now`; `None` for a form that it cannot have. `entries` come the oldest first.
pub fn export(entries: &[Entry], host: Host, now: Timestamp, format: Format, hide: &Hide) -> Option<Report> {
    if !FORMS.contains(&format) {
        return None;
    }
    let rows = entries.iter().rev().flat_map(rows).collect();
    let table = Annex { title: TITLE.to_owned(), columns: COLUMNS.map(str::to_owned).to_vec(), rows, left_out: 0 };
    let nothing = without_a_problem(String::new(), "", Vec::new());
    let plan = Plan { options: Vec::new() };
    let mut case = Case::new(now, host, TITLE.to_owned(), Symptom::default(), nothing, plan, Vec::new());
    case.annexes = vec![table];
    Some(report::tables(&case, answer(entries), format, hide))
}

/// The history as `portmedic.history/1`, the newest change first.
pub fn answer(entries: &[Entry]) -> Value {
    serde_json::json!({ "schema": "portmedic.history/1", "entries": entries.iter().rev().collect::<Vec<_>>() })
}

/// What became of an entry, for people.
pub fn state(entry: &Entry) -> String {
    match entry.undone {
        Some(time) => format!("taken back {time:.0}"),
        None if let Some(undoes) = &entry.undoes => format!("took {undoes} back"),
        None if !entry.has_changed() => "changed nothing".to_owned(),
        None if !entry.has_left_something() => "left nothing changed".to_owned(),
        None if !entry.finished => "did not come to its end".to_owned(),
        None if entry.can_be_undone() => "in force".to_owned(),
        None => "cannot be taken back".to_owned(),
    }
}

/// A row a step; one without a step for an entry that has none.
fn rows(entry: &Entry) -> Vec<Vec<String>> {
    let begin = [
        entry.id.clone(),
        format!("{:.0}", entry.time),
        entry.asker.words().unwrap_or_default(),
        entry.asker.by.clone(),
        entry.title.clone(),
        state(entry),
    ];
    let row = |cells: [String; 5]| begin.iter().cloned().chain(cells).collect::<Vec<String>>();
    if entry.steps.is_empty() {
        return vec![row(<[String; 5]>::default())];
    }
    entry.steps.iter().map(|step| row(cells(step))).collect()
}

fn cells(step: &EntryStep) -> [String; 5] {
    let record = &step.record;
    let text = |state: &Option<crate::remedy::OperationState>| state.as_ref().map(ToString::to_string).unwrap_or_default();
    let result = match (&record.message, step.interrupted) {
        (_, true) => "interrupted, not known".to_owned(),
        (Some(message), false) => format!("{}: {message}", record.result),
        (None, false) => record.result.to_string(),
    };
    let check = step.check.as_ref().map(|check| match (&check.now, &check.message) {
        (Some(now), _) => format!("{}: {now}", check.outcome.as_str()),
        (None, Some(why)) => format!("{}: {why}", check.outcome.as_str()),
        (None, None) => check.outcome.as_str().to_owned(),
    });
    [record.operation.to_string(), text(&record.before), text(&record.after), result, check.unwrap_or_default()]
}
