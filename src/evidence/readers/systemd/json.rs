//! `journalctl -o json`: an object a line, or with `json-pretty` a field a line; also a list of them.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};

use super::journal::{Entry, Journal};
use super::{Page, Problem, Reading, Taken};
use crate::evidence::kind::Kind;
use crate::evidence::page::number;

/// Fields that only entries of the journal have.
const OWN: [&str; 4] = ["\"__REALTIME_TIMESTAMP\"", "\"__CURSOR\"", "\"_SYSTEMD_UNIT\"", "\"SYSLOG_IDENTIFIER\""];
/// How many fields of the first entry are looked at, where each has a line.
const LOOKED_AT: usize = 64;

/// Reads every entry from the first one on.
pub fn json(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let first = if page.line(at).trim() == "[" { at + 1 } else { at };
    if !begins(page.line(first)) || !is_of_journal(page, first) {
        return None;
    }
    let mut journal = Journal::default();
    let mut next = first;
    while next < page.lines.len() {
        let start = next;
        if !begins(page.line(start)) {
            let is_between = page.line(start).trim().is_empty() || page.line(start).trim() == "]";
            if !is_between {
                break;
            }
            next += 1;
            continue;
        }
        let Some(end) = whole(page, start) else {
            next = page.lines.len();
            let because = "this entry of the journal does not end: the file is cut off".to_owned();
            problems.push(Problem { line: Some(number(start)), because });
            break;
        };
        next = end;
        match object(page.lines.get(start..end).unwrap_or_default()) {
            Ok(fields) => entries(&fields, &(start..next)).for_each(|entry| journal.add(entry)),
            Err(_) => problems.push(Problem {
                line: Some(number(start)),
                because: "this entry of the journal is not well-formed JSON".to_owned(),
            }),
        }
    }
    journal.tell(page, reading);
    Some(Taken { lines: next.max(at + 1) - at, kind: Kind::JournalJson })
}

/// `json-seq` begins an entry with a sign, `json-sse` with a word.
fn bare(line: &str) -> &str {
    let line = line.trim_start_matches(bare_start);
    line.strip_prefix("data: ").unwrap_or(line)
}

const fn bare_start(c: char) -> bool {
    matches!(c, '\u{1e}' | ' ' | '\t')
}

fn begins(line: &str) -> bool {
    bare(line).starts_with('{')
}

fn is_of_journal(page: &Page<'_>, at: usize) -> bool {
    let has_own = |line: &str| OWN.iter().any(|field| line.contains(field));
    has_own(page.line(at))
        || bare(page.line(at)).trim_end() == "{"
            && (at + 1..at + LOOKED_AT).map(|at| page.line(at)).take_while(|line| !ends(line)).any(has_own)
}

/// Whether an entry that has a field a line ends here.
fn ends(line: &str) -> bool {
    line.trim_start().starts_with('}')
}

/// The line behind the entry that begins at `at`.
fn whole(page: &Page<'_>, at: usize) -> Option<usize> {
    if bare(page.line(at)).trim_end() != "{" {
        return Some(at + 1);
    }
    (at + 1..page.lines.len()).find(|at| ends(page.line(*at))).map(|at| at + 1)
}

fn object(lines: &[&str]) -> serde_json::Result<Map<String, Value>> {
    let text = if let [line] = lines { Cow::Borrowed(bare(line)) } else { Cow::Owned(lines.join("\n")) };
    serde_json::from_str(text.trim_start_matches(bare_start).trim_end().trim_end_matches(','))
}

/// The lines of an entry's message.
pub fn entries(fields: &Map<String, Value>, lines: &Range<usize>) -> impl Iterator<Item = Entry<'static>> {
    let text = |name: &str| fields.get(name).and_then(text).unwrap_or_default();
    let any = |names: &[&str]| names.iter().map(|name| text(name)).find(|text| !text.is_empty());
    let about = any(&["UNIT", "USER_UNIT", "COREDUMP_UNIT"]);
    let of_systemd = about.is_some() || text("SYSLOG_IDENTIFIER") == "systemd";
    let unit = about.or_else(|| any(&["_SYSTEMD_USER_UNIT", "_SYSTEMD_UNIT"]).filter(|_| !of_systemd));
    let entry = Entry {
        lines: lines.clone(),
        time: text("__REALTIME_TIMESTAMP").into(),
        host: text("_HOSTNAME").into(),
        writer: any(&["SYSLOG_IDENTIFIER", "_COMM"]).unwrap_or_default().into(),
        pid: any(&["_PID", "SYSLOG_PID"]).unwrap_or_default().into(),
        unit: unit.map(Cow::Owned),
        of_systemd,
        failed: text("JOB_RESULT") == "failed",
        message: Cow::Borrowed(""),
    };
    let message = text("MESSAGE");
    let mut texts: Vec<String> = message.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    if texts.is_empty() && entry.failed {
        texts.push(String::new());
    }
    texts.into_iter().map(move |line| Entry { message: line.into(), ..entry.clone() })
}

/// The text of a field: bytes where it has control signs, a list where it is there several times.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(parts) => match parts.first()? {
            Value::Number(_) => {
                let bytes: Vec<u8> = parts.iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
                Some(String::from_utf8_lossy(&bytes).into_owned())
            }
            Value::String(first) => Some(first.clone()),
            _ => None,
        },
        _ => None,
    }
}
