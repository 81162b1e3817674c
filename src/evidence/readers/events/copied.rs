//! One event as Event Viewer copies it: its fields in one order in every language, the description, and often the same as XML below.

use super::csv::is_date;
use super::{Event, Log, Page, Problem, Reading, Taken};
use crate::evidence::command::Command;
use crate::evidence::kind::Kind;
use crate::evidence::readers::label;

/// Log, source, date, number, category, level, keywords, user, computer; then the label of the description.
const FIELDS: usize = 9;
const SOURCE: usize = 1;
const DATE: usize = 2;
const ID: usize = 3;
const LEVEL: usize = 5;
const COMPUTER: usize = 8;

/// Reads every copied event from the first one on.
pub fn copied(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let mut head = head(page, at)?;
    let mut log = Log::default();
    let mut start = at;
    let next = loop {
        let description = start + FIELDS + 1;
        let mut next = description;
        let mut following = None;
        let mut xml = None;
        while next < page.lines.len() {
            if xml.is_none() && page.line(next).trim_start().starts_with("<Event ") {
                xml = Some(next);
            }
            following = self::head(page, next);
            if following.is_some() || Command::of_line(page.line(next), next).is_some() {
                break;
            }
            next += 1;
        }
        // Above the XML stands its own label.
        let text_end = xml.map_or(next, |xml| xml.max(description + 1) - 1);
        let end = (description..text_end).rev().find(|at| !page.line(*at).trim().is_empty()).map_or(description, |at| at + 1);
        let kept = xml.and_then(|xml| Event::read(page.lines[xml..next].join("\n").trim()));
        let event = Event {
            provider: head.fields[SOURCE].to_owned(),
            id: head.id,
            time: None,
            computer: Some(head.fields[COMPUTER].to_owned()),
            data: kept.as_ref().map(|kept| kept.data.clone()).unwrap_or_default(),
            binary: kept.map(|kept| kept.binary).unwrap_or_default(),
            message: Some(format!("{}\n{}", head.behind_label, page.lines[description..end].join("\n")).trim().to_owned()),
        };
        log.add(&event, Some(head.fields[DATE]), page.places(start..end), page.places(start + ID..end));
        match following {
            Some(following) => (head, start) = (following, next),
            None => break next,
        }
    };
    log.tell(reading);
    Some(Taken { lines: next - at, kind: Kind::EventViewerText })
}

/// The fields of an event.
struct Head<'a> {
    fields: [&'a str; FIELDS],
    id: u32,
    /// What stands on the line of the label of the description.
    behind_label: &'a str,
}

fn head<'a>(page: &Page<'a>, at: usize) -> Option<Head<'a>> {
    // Most lines are no field at all, and the number is the rarest one.
    label::value(page.line(at))?;
    let id = label::value(page.line(at + ID))?.parse().ok()?;
    let mut fields = [""; FIELDS];
    for (index, value) in fields.iter_mut().enumerate() {
        *value = label::value(page.line(at + index))?;
    }
    let behind_label = label::value(page.line(at + FIELDS))?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let computer = fields[COMPUTER];
    let named = !fields[SOURCE].is_empty() && !is_number(computer) && !computer.contains(char::is_whitespace);
    let is_event = named && is_date(fields[DATE]) && !is_number(fields[LEVEL]);
    is_event.then_some(Head { fields, id, behind_label })
}
