//! `ConvertTo-Json`: an object for each socket, one alone or several in an array.

use serde_json::{Map, Value};

use super::add::add;
use super::field::{Field, Holds, Record};
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;
use crate::evidence::readers::Taken;
use crate::evidence::readers::objects::Objects;
use crate::evidence::readers::properties::text_of;

/// The properties that show what kind of objects follow.
const PROPERTIES: [&str; 5] = ["LocalPort", "LocalAddress", "ProcessName", "OwningProcess", "Count"];

/// The objects of a text, up to the end of their array.
pub fn json(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let mut objects = Objects::begin(page, at, &PROPERTIES)?;
    let mut kind = None;
    while let Some((lines, properties)) = objects.read(problems) {
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
    Some(Taken { lines: objects.end() - at, kind: kind? })
}

fn record(properties: &Map<String, Value>) -> (Record<'_>, Vec<Field>) {
    let (mut record, mut known) = (Record::default(), Vec::new());
    for (name, value) in properties {
        let Some(field) = Field::of_heading(name) else { continue };
        known.push(field);
        if let Some(text) = text_of(value) {
            record.set(field, text);
        }
    }
    (record, known)
}
