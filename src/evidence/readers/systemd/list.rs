//! `systemctl list-units` and `systemctl --failed`: a row for each unit.

use super::status::is_mark;
use super::{Page, Problem, Reading, Taken, unit};
use crate::evidence::kind::Kind;

/// How a unit was loaded.
const LOAD: [&str; 7] = ["loaded", "not-found", "masked", "error", "bad-setting", "merged", "stub"];
/// How a unit is.
const ACTIVE: [&str; 7] = ["active", "inactive", "failed", "activating", "deactivating", "reloading", "maintenance"];

/// How a unit is in the words of its kind; the longer ones begin with one of these and a hyphen: `start-pre`, `stop-sigterm`.
const SUB: [&str; 25] = [
    "dead",
    "failed",
    "running",
    "exited",
    "listening",
    "waiting",
    "active",
    "mounted",
    "mounting",
    "plugged",
    "tentative",
    "elapsed",
    "start",
    "stop",
    "final",
    "auto",
    "reload",
    "remounting",
    "unmounting",
    "activating",
    "deactivating",
    "abandoned",
    "condition",
    "cleaning",
    "chown",
];

/// Reads the rows, below their headings or without them.
pub fn list(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let first = if is_heading(page.line(at)) { at + 1 } else { at };
    let mut next = first;
    while let Some((name, active)) = row(page.line(next)) {
        if active == "failed" {
            reading.add_failed_service(name, page.place(next));
        }
        next += 1;
    }
    (next > at).then_some(Taken { lines: next - at, kind: Kind::SystemctlList })
}

fn is_heading(line: &str) -> bool {
    let mut words = line.split_whitespace();
    ["UNIT", "LOAD", "ACTIVE", "SUB"].iter().all(|heading| words.next() == Some(heading))
}

/// The unit of a row and how it is.
fn row(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let first = words.next()?;
    let name = if unit::is_unit(first) { first } else { words.next().filter(|_| is_mark(first))? };
    let (load, active, sub) = (words.next()?, words.next()?, words.next());
    let is_row = unit::is_unit(name) && LOAD.contains(&load) && ACTIVE.contains(&active) && sub.is_some_and(is_sub);
    is_row.then_some((name, active))
}

fn is_sub(word: &str) -> bool {
    SUB.contains(&word.split_once('-').map_or(word, |(first, _)| first))
}
