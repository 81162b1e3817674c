//! `systemctl status`: a block for each unit, with the last lines of its journal.

use super::journal::Journal;
use super::line::Line;
use super::{Page, Problem, Reading, Taken, text, unit};
use crate::evidence::kind::Kind;

/// Reads one block.
pub fn status(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let unit = head(page, at)?;
    let is_field = |at: &usize| {
        let line = page.line(*at);
        !line.trim().is_empty() && Line::of(line).is_none() && head(page, *at).is_none()
    };
    let fields_end = (at + 1..page.lines.len()).find(|at| !is_field(at)).unwrap_or(page.lines.len());
    let active = (at + 1..fields_end).find(|at| page.line(*at).trim_start().starts_with("Active:"));
    if let Some(active) = active.filter(|active| has_failed(page.line(*active))) {
        reading.add_failed_service(unit, page.place(active));
    }
    let first = page.skip_blank(fields_end);
    let mut end = fields_end;
    if first <= fields_end + 1 && Line::of(page.line(first)).is_some() {
        end = text::end(page, first);
        let mut journal = Journal::of_unit(Some(unit.to_owned()));
        text::collect(page, first, end, &mut journal);
        journal.tell(page, reading);
    }
    Some(Taken { lines: end - at, kind: Kind::SystemctlStatus })
}

/// The unit of a block: a mark, which old versions do not have, the unit, its description, and below it where it was loaded from.
fn head<'a>(page: &Page<'a>, at: usize) -> Option<&'a str> {
    let mut words = page.line(at).split_whitespace();
    let first = words.next()?;
    let name = if unit::is_unit(first) { first } else { words.next().filter(|_| is_mark(first))? };
    let dash = words.next();
    let is_head =
        unit::is_unit(name) && dash.is_none_or(|dash| dash == "-") && page.line(at + 1).trim_start().starts_with("Loaded:");
    is_head.then_some(name)
}

/// A circle or a cross; in a terminal without them a star or a letter, and with the wrong code page up to three signs.
pub fn is_mark(word: &str) -> bool {
    word == "x" || word.chars().count() <= 3 && !word.chars().any(|c| c.is_ascii_alphanumeric())
}

/// `Active: failed (Result: exit-code) since ...`, `Active: activating (auto-restart) (Result: exit-code)`.
fn has_failed(active: &str) -> bool {
    let state = active.trim_start().trim_start_matches("Active:").trim_start();
    let has_bad_result = state.split_once("(Result: ").is_some_and(|(_, result)| !result.starts_with("success"));
    state.starts_with("failed") || state.starts_with("activating") && has_bad_result
}

/// `Job for nginx.service failed because ...`, as `systemctl start` answers.
pub fn job(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let rest = page.line(at).trim_start().strip_prefix("Job for ")?;
    let (name, rest) = rest.split_once(' ')?;
    if !unit::is_unit(name) || !rest.starts_with("failed") {
        return None;
    }
    reading.add_failed_service(name, page.place(at));
    Some(Taken { lines: 1, kind: Kind::SystemctlStatus })
}
