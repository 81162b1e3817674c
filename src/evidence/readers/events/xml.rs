//! Events as XML: one a line without a root, below a root, or spread over lines.

use super::{Event, Log, Page, Problem, Reading, Taken};
use crate::evidence::kind::Kind;
use crate::evidence::page::number;

const END: &str = "</Event>";

/// Reads every event from the first one on.
pub fn xml(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let first = page.line(at).trim_start();
    let is_declaration =
        first.starts_with("<?xml") && (at..at + 4).any(|at| start_in(page.line(at)).is_some() || has_root(page.line(at)));
    if !(is_declaration || first.starts_with("<Events") || start_in(first) == Some(0)) {
        return None;
    }
    let mut log = Log::default();
    let (mut line, mut column) = (at, 0);
    let mut behind = at + 1;
    while line < page.lines.len() {
        let rest = &page.line(line)[column..];
        let Some(start) = start_in(rest) else {
            // Behind the last event only the end of a root or nothing follows.
            if !is_between(rest) {
                break;
            }
            (line, column) = (line + 1, 0);
            continue;
        };
        let first = line;
        let Some(text) = element(page, &mut line, &mut column, start) else {
            let because = "this event does not end: the file is cut off".to_owned();
            problems.push(Problem { line: Some(number(first)), because });
            behind = page.lines.len();
            break;
        };
        behind = line + 1;
        match Event::read(&text) {
            Some(event) => {
                let time = event.time.map(|time| time.to_string());
                let place = page.places(first..line + 1);
                log.add(&event, time.as_deref(), place.clone(), place);
            }
            None => problems.push(Problem { line: Some(number(first)), because: "this event is not well-formed XML".to_owned() }),
        }
    }
    log.tell(reading);
    Some(Taken { lines: behind.max(line) - at, kind: Kind::WevtutilXml })
}

/// Where an event begins in a text.
fn start_in(text: &str) -> Option<usize> {
    text.match_indices("<Event").find_map(|(at, tag)| {
        let next = text[at + tag.len()..].chars().next();
        next.is_none_or(|next| next == '>' || next.is_whitespace()).then_some(at)
    })
}

fn has_root(line: &str) -> bool {
    line.trim_start().starts_with("<Events")
}

fn is_between(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || ["<?xml", "<Events", "</Events", "<!--"].iter().any(|known| text.starts_with(known))
}

/// The text of the event that begins `start` bytes behind the place, which is then behind its end; `None` where it does not end.
fn element(page: &Page<'_>, line: &mut usize, column: &mut usize, start: usize) -> Option<String> {
    let mut text = String::new();
    let mut from = *column + start;
    loop {
        let rest = &page.lines.get(*line)?[from..];
        if let Some(end) = rest.find(END) {
            text.push_str(&rest[..end + END.len()]);
            *column = from + end + END.len();
            return Some(text);
        }
        text.push_str(rest);
        text.push('\n');
        *line += 1;
        from = 0;
    }
}
