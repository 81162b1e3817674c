//! `journalctl -o export`: a field a line, or below its name, and a blank line between entries.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::journal::Journal;
use super::json::entries;
use super::{Page, Problem, Reading, Taken};
use crate::evidence::kind::Kind;

/// How many bytes tell the size of a value of several lines.
const SIZE: usize = 8;

/// Reads every entry from the first one on.
pub fn export(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    if !begins(page, at) {
        return None;
    }
    let mut journal = Journal::default();
    let mut next = at;
    while begins(page, next) {
        let mut fields = Map::new();
        let mut message = next..next + 1;
        while !page.line(next).trim().is_empty() {
            let first = next;
            let (name, value, end) = field(page, first);
            if name == "MESSAGE" {
                message = first..end;
            }
            fields.insert(name.to_owned(), Value::from(value));
            next = end;
        }
        entries(&fields, &message).for_each(|entry| journal.add(entry));
        next = page.skip_blank(next);
    }
    journal.tell(page, reading);
    Some(Taken { lines: next - at, kind: Kind::JournalExport })
}

/// Each entry begins with the fields that journald itself adds.
fn begins(page: &Page<'_>, at: usize) -> bool {
    ["__CURSOR=", "__REALTIME_TIMESTAMP="].iter().any(|first| page.line(at).starts_with(first))
}

/// The field at a line, with its value and the line behind it. A value of several lines stands below its name, behind its size.
fn field<'a>(page: &Page<'a>, at: usize) -> (&'a str, Cow<'a, str>, usize) {
    if let Some((name, value)) = on_one_line(page.line(at)) {
        return (name, value.into(), at + 1);
    }
    let goes_on = |at: &usize| !page.line(*at).trim().is_empty() && on_one_line(page.line(*at)).is_none();
    let end = (at + 1..page.lines.len()).find(|at| !goes_on(at)).unwrap_or(page.lines.len());
    let value = page.lines[at + 1..end].join("\n");
    // The last byte of the size is a zero: no value is that long.
    let behind_size = value.char_indices().take(SIZE).filter(|(_, c)| *c == '\0').last().map_or(0, |(at, _)| at + 1);
    (page.line(at), value[behind_size..].to_owned().into(), end)
}

fn on_one_line(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit());
    is_name.then_some((name, value))
}
