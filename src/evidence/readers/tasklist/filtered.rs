//! `tasklist | findstr 4321`: rows without their heading.

use super::services::{self, Row};
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;
use crate::evidence::readers::{Taken, cell};

/// How far below the command its answer begins.
const FARTHEST: usize = 3;

/// The rows below a `tasklist` whose output is filtered.
pub fn filtered(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let command = page.command.filter(|command| at <= command.at + FARTHEST)?.text.to_ascii_lowercase();
    if !command.starts_with("tasklist") || !command.contains('|') {
        return None;
    }
    let has_services = command.contains("/svc");
    let rows: Vec<Row<'_>> = (at..page.lines.len()).map_while(|at| row(page, at, has_services)).collect();
    services::add(&rows, page, reading);
    (!rows.is_empty()).then_some(Taken { lines: rows.len(), kind: Kind::Tasklist })
}

/// A row: the name, which can have blanks, the number, and the services where they were asked for.
fn row<'a>(page: &Page<'a>, at: usize, has_services: bool) -> Option<Row<'a>> {
    let line = page.line(at);
    let (place, pid) = line.match_indices(' ').find_map(|(blank, _)| {
        let word = line[blank..].trim_start();
        let word = word.split_whitespace().next()?;
        Some((blank, word)).filter(|(_, word)| cell::pid(word).is_some())
    })?;
    let name = line[..place].trim();
    let rest = line[place..].trim_start().strip_prefix(pid)?.trim();
    let services = if has_services { rest.to_owned() } else { String::new() };
    (!name.is_empty() && !rest.is_empty()).then_some(())?;
    Some(Row { pid: cell::pid(pid)?, name, services, place: page.place(at) })
}
