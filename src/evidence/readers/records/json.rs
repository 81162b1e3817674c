//! `ConvertTo-Json`: an object for each socket, one alone or several in an array.

use std::ops::Range;

use serde_json::{Map, Value};

use super::add::add;
use super::field::{Field, Holds, Record};
use crate::evidence::command::Command;
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::{Page, number};
use crate::evidence::readers::Taken;

/// How far into the text a property of a socket or process stands.
const FARTHEST: usize = 2048;
/// The properties that show what kind of objects follow.
const PROPERTIES: [&str; 5] = ["\"LocalPort\"", "\"LocalAddress\"", "\"ProcessName\"", "\"OwningProcess\"", "\"Count\""];

/// The objects of a text, up to the end of their array.
pub fn json(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let text = begins(page, at)?;
    let mut kind = None;
    let mut objects = Objects { text, byte: 0, line: at };
    while let Some((lines, object)) = objects.next_object() {
        let parsed: Result<Map<String, Value>, _> = serde_json::from_str(object);
        let Ok(properties) = parsed else {
            problems.push(Problem { line: Some(number(lines.start)), because: "this object is cut off or damaged".to_owned() });
            continue;
        };
        let (record, known) = record(&properties);
        let class = properties.get("CimClass").map(ToString::to_string).unwrap_or_default();
        if let Some(holds) = Holds::of(&known, page, &class) {
            let before = reading.counted.len();
            add(&record, holds, page, lines, reading, problems);
            if holds == Holds::Groups && reading.counted.len() == before {
                continue;
            }
            kind.get_or_insert(match holds {
                Holds::Sockets(_) => Kind::PowerShellJson,
                Holds::Processes => Kind::PowerShellProcesses,
                Holds::Groups => Kind::PowerShellGroup,
            });
        }
    }
    Some(Taken { lines: objects.line + 1 - at, kind: kind? })
}

/// The text of objects that begin at `at` with properties of sockets or processes.
fn begins<'a>(page: &Page<'a>, at: usize) -> Option<&'a str> {
    let line = page.line(at).trim_start();
    if !line.starts_with(['{', '[']) || !line[1..].trim_start().chars().next().is_none_or(|c| "{\"".contains(c)) {
        return None;
    }
    // No text of JSON goes on behind the end of its line.
    if line.len() <= FARTHEST && !line.matches('"').count().is_multiple_of(2) {
        return None;
    }
    let above = page.line(at.wrapping_sub(1));
    if !above.trim().is_empty() && Command::of_line(above, at).is_none() {
        return None;
    }
    let text = page.text_from(at);
    let end = (0..=FARTHEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    PROPERTIES.iter().any(|property| text[..end].contains(property)).then_some(text)
}

fn record(properties: &Map<String, Value>) -> (Record<'_>, Vec<Field>) {
    let (mut record, mut known) = (Record::default(), Vec::new());
    for (name, value) in properties {
        let Some(field) = Field::of_heading(name) else { continue };
        known.push(field);
        match value {
            Value::String(text) => record.set(field, text.as_str()),
            Value::Number(number) => record.set(field, number.to_string()),
            // PowerShell writes a state also with its number and its word.
            Value::Object(inner) => {
                if let Some(Value::String(word)) = inner.get("Value") {
                    record.set(field, word.as_str());
                }
            }
            Value::Null | Value::Bool(_) | Value::Array(_) => {}
        }
    }
    (record, known)
}

/// The objects of an array, found by their braces, so that each has its lines and only one is held at a time.
struct Objects<'a> {
    text: &'a str,
    byte: usize,
    line: usize,
}

impl<'a> Objects<'a> {
    /// The next object with its lines; it is cut off where the text ends before it.
    fn next_object(&mut self) -> Option<(Range<usize>, &'a str)> {
        let start = self.skip_to_object()?;
        let first = self.line;
        let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
        for (offset, byte) in self.text.as_bytes().iter().enumerate().skip(start) {
            self.byte = offset + 1;
            match byte {
                b'\n' => self.line += 1,
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' if !in_text => depth += 1,
                b'}' if !in_text => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        Some((first..self.line + 1, self.text.get(start..self.byte)?))
    }

    /// Where the next object begins; `None` behind the end of the array and where something else follows.
    fn skip_to_object(&mut self) -> Option<usize> {
        let begun = self.byte > 0;
        for (offset, byte) in self.text.as_bytes().iter().enumerate().skip(self.byte) {
            match byte {
                b'{' => return Some(offset),
                b'[' if !begun => {}
                b',' => {}
                // The line of the last object is taken with it; those below are left.
                b'\n' => self.line += 1,
                byte if byte.is_ascii_whitespace() => {}
                _ => return None,
            }
        }
        None
    }
}
