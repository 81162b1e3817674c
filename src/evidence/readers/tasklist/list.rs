//! `tasklist /fo list`: a block for each process, whose second line is `PID:`.

use super::services::{self, Row};
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::{Page, number};
use crate::evidence::readers::{Taken, cell, label};

/// Blocks that follow each other.
pub fn list(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    head(page, at)?;
    let (mut rows, mut next) = (Vec::new(), at);
    while let Some((name, pid)) = head(page, next) {
        let mut row = Row { pid, name, services: String::new(), place: page.place(next) };
        let mut end = next + 2;
        while !page.line(end).trim().is_empty() && head(page, end).is_none() {
            end += 1;
        }
        // With `/svc` the third line begins the services; with five lines and more it is the session.
        let lines: Vec<&str> = (next + 2..end).map(|at| page.line(at)).collect();
        let labelled = lines.iter().filter(|line| !line.starts_with([' ', '\t'])).count();
        if labelled == 1
            && let Some((_, first)) = label::split(lines[0])
        {
            let more = lines[1..].iter().map(|line| line.trim());
            row.services = std::iter::once(first.trim()).chain(more).collect::<Vec<_>>().join(",");
        }
        row.place.line_end = number(end - 1);
        rows.push(row);
        next = page.skip_blank(end);
    }
    services::add(&rows, page, reading);
    Some(Taken { lines: next - at, kind: Kind::Tasklist })
}

/// The name and the number at the head of a block.
fn head<'a>(page: &Page<'a>, at: usize) -> Option<(&'a str, u32)> {
    let (label, pid) = label::split(page.line(at + 1))?;
    let (_, name) = label::split(page.line(at))?;
    let (name, pid) = (name.trim(), pid.trim());
    (label.trim() == "PID" && !name.is_empty() && !pid.is_empty()).then_some(())?;
    Some((name, cell::pid(pid)?))
}
