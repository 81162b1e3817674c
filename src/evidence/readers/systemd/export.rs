//! `journalctl -o export`: a field a line, and a blank line between entries.

use serde_json::{Map, Value};

use super::journal::Journal;
use super::json::entries;
use super::{Page, Problem, Reading, Taken};
use crate::evidence::kind::Kind;

/// Reads every entry from the first one on.
pub fn export(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    if !begins(page, at) {
        return None;
    }
    let mut journal = Journal::default();
    let mut next = at;
    while begins(page, next) {
        let start = next;
        let mut fields = Map::new();
        let mut message = start;
        while let Some((name, value)) = field(page.line(next)) {
            if name == "MESSAGE" {
                message = next;
            }
            fields.insert(name.to_owned(), Value::from(value));
            next += 1;
        }
        entries(&fields, &(message..message + 1)).for_each(|entry| journal.add(entry));
        next = page.skip_blank(next);
    }
    journal.tell(page, reading);
    Some(Taken { lines: next - at, kind: Kind::JournalExport })
}

/// Each entry begins with the fields that journald itself adds.
fn begins(page: &Page<'_>, at: usize) -> bool {
    ["__CURSOR=", "__REALTIME_TIMESTAMP="].iter().any(|first| page.line(at).starts_with(first))
}

fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit());
    is_name.then_some((name, value))
}
