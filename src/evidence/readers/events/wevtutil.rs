//! `wevtutil qe /f:text`: `Event[0]` and a field a line, in one order in every language; the description follows to the next event.

use super::{Event, Log, Page, Problem, Reading, Taken};
use crate::evidence::command::Command;
use crate::evidence::kind::Kind;
use crate::evidence::page::number;
use crate::evidence::readers::label;

/// The places of the fields.
const SOURCE: usize = 1;
const DATE: usize = 2;
const ID: usize = 3;
/// The fewest fields that an event has.
const FEWEST: usize = 8;

/// Reads every event from the first one on.
pub fn text(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    if !begins(page, at) || !is_event(&fields_below(page, at)) {
        return None;
    }
    let mut log = Log::default();
    let mut next = at;
    while begins(page, next) {
        let start = next;
        let fields = fields_below(page, start);
        let description = start + 1 + fields.len();
        let ends = |at: &usize| begins(page, *at) || Command::of_line(page.line(*at), *at).is_some();
        next = (description..page.lines.len()).find(ends).unwrap_or(page.lines.len());
        let end = (description..next).rev().find(|at| !page.line(*at).trim().is_empty()).map_or(description, |at| at + 1);
        let Some(id) = fields.get(ID).and_then(|id| id.parse().ok()).filter(|_| is_event(&fields)) else {
            problems
                .push(Problem { line: Some(number(start)), because: "this event has no number where it should be".to_owned() });
            continue;
        };
        let behind_label = fields[fields.len() - 1];
        let below = page.lines.get(description..end).unwrap_or_default().join("\n");
        let event = Event {
            provider: fields[SOURCE].to_owned(),
            id,
            time: None,
            computer: Some(fields[fields.len() - 2].to_owned()),
            data: Vec::new(),
            binary: Vec::new(),
            message: Some(format!("{behind_label}\n{below}").trim().to_owned()),
        };
        log.add(&event, Some(fields[DATE]), page.places(start..end), page.places(start + 1 + ID..end));
    }
    log.tell(reading);
    Some(Taken { lines: next - at, kind: Kind::WevtutilText })
}

/// The fields below the head of an event.
fn fields_below<'a>(page: &Page<'a>, at: usize) -> Vec<&'a str> {
    (at + 1..).map_while(|at| field(page.line(at))).take(32).collect()
}

/// Whether the fields are those of an event.
fn is_event(fields: &[&str]) -> bool {
    fields.len() >= FEWEST && fields[ID].parse::<u32>().is_ok()
}

/// Whether an event begins: a word with a number in brackets, and its first field below.
fn begins(page: &Page<'_>, at: usize) -> bool {
    let line = page.line(at).trim_end().trim_end_matches([':', '\u{ff1a}']);
    let head = line.strip_suffix(']').and_then(|line| line.rsplit_once('['));
    let is_head = head.is_some_and(|(word, digits)| {
        !word.is_empty()
            && !word.contains(char::is_whitespace)
            && !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
    });
    is_head && field(page.line(at + 1)).is_some()
}

/// The value of a field: `  Label: value`.
fn field(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("  ")?;
    let (label, value) = label::split(rest)?;
    (!label.is_empty() && label.len() < 80 && !label.starts_with('\t')).then(|| value.trim())
}
