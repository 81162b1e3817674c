//! The table of `tasklist`: a rule of equals signs, then rows of which long lists of services go on below.

use super::services::{self, Row};
use crate::evidence::command::Command;
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::{Page, number};
use crate::evidence::readers::columns::Columns;
use crate::evidence::readers::{Taken, cell};

/// The rows below a rule of equals signs with at least the columns name and number.
pub fn table(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let columns = Columns::of_rule(page.line(at), '=').filter(|columns| columns.count() >= 2)?;
    let first = columns.cells(page.line(at + 1));
    number_of(first.get(1)?)?;
    let has_services = columns.count() == 3;
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut next = at + 1;
    while !page.line(next).trim().is_empty() {
        let line = page.line(next);
        let cells = columns.cells(line);
        if line.starts_with([' ', '\t'])
            && has_services
            && let Some(row) = rows.last_mut()
        {
            row.services.push_str(line.trim());
            row.place.line_end = number(next);
        } else if let [name, pid, ..] = cells.as_slice()
            && let Some(pid) = number_of(pid)
        {
            let services = cells.get(2).filter(|_| has_services).copied().unwrap_or_default().to_owned();
            rows.push(Row { pid, name, services, place: page.place(next) });
        } else if line.starts_with(char::is_alphanumeric) && Command::of_line(line, next).is_none() {
            problems.push(Problem { line: Some(number(next)), because: "this row has no process number".to_owned() });
        } else {
            break;
        }
        next += 1;
    }
    services::add(&rows, page, reading);
    Some(Taken { lines: next - at, kind: Kind::Tasklist })
}

fn number_of(cell: &str) -> Option<u32> {
    cell::pid(cell).filter(|_| !cell.trim().is_empty())
}
