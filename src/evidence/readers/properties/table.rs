//! `Format-Table`: the names, a rule of dashes, then rows, which `-Wrap` continues below.

use std::borrow::Cow;

use super::{Cell, Row, Take, Told, Wanted};
use crate::evidence::fact::Problem;
use crate::evidence::page::Page;
use crate::evidence::readers::columns::Columns;

/// Reads the rows of a table.
pub fn read(page: &Page<'_>, at: usize, wanted: Wanted, problems: &mut Vec<Problem>, take: Take<'_>) -> Option<usize> {
    let columns = Columns::of_rule(page.line(at + 1), '-')?;
    let names = columns.cells(page.line(at));
    if !(wanted.has)(&names) {
        return None;
    }
    let mut next = at + 2;
    while !page.line(next).trim().is_empty() {
        let start = next;
        let mut values: Vec<Cow<'_, str>> = columns.cells(page.line(next)).into_iter().map(Cow::Borrowed).collect();
        next += 1;
        while let Some(more) = wrapped(&columns, page.line(next)) {
            if let Some(last) = values.last_mut() {
                *last = Cow::Owned(format!("{last} {more}"));
            }
            next += 1;
        }
        let cells = names.iter().zip(values).map(|(name, value)| Cell { name, at: start, value: Told::Text(value) });
        take(&Row { lines: start..next, is_cut: true, cells: cells.collect() }, problems);
    }
    Some(next)
}

/// What a line adds to the last column, where it adds nothing to any other.
fn wrapped<'a>(columns: &Columns, line: &'a str) -> Option<&'a str> {
    if !line.starts_with(' ') || line.trim().is_empty() {
        return None;
    }
    let cells = columns.cells(line);
    let (last, others) = cells.split_last()?;
    (!others.is_empty() && others.iter().all(|cell| cell.is_empty())).then_some(*last)
}
