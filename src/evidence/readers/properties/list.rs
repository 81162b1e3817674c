//! `Format-List`: a line `Name : value` for each property, below which long values go on, indented.

use std::borrow::Cow;

use super::{Cell, Row, Take, Told, Wanted};
use crate::evidence::fact::Problem;
use crate::evidence::page::Page;
use crate::evidence::readers::label;

/// No object has more properties; what has more is another kind of text.
const MOST: usize = 128;
/// How far the lines below are indented at least.
const INDENT: usize = 4;

/// Reads blocks that follow each other.
pub fn read(page: &Page<'_>, at: usize, wanted: Wanted, problems: &mut Vec<Problem>, take: Take<'_>) -> Option<usize> {
    // In the middle of a list it would be looked at again for each of its lines.
    if at > 0 && property(page.line(at - 1)).is_some() {
        return None;
    }
    let mut next = at;
    while property(page.line(next)).is_some() {
        let row = block(page, next);
        let names: Vec<&str> = row.cells.iter().map(|cell| cell.name).collect();
        if !(wanted.has)(&names) {
            break;
        }
        next = row.lines.end;
        take(&row, problems);
        let after = page.skip_blank(next);
        if property(page.line(after)).is_some() {
            next = after;
        }
    }
    (next > at).then_some(next)
}

fn block<'a>(page: &Page<'a>, at: usize) -> Row<'a> {
    let mut cells: Vec<Cell<'a>> = Vec::new();
    let mut next = at;
    while let Some((name, value)) = property(page.line(next)) {
        // The same name again begins the next object.
        if cells.len() >= MOST || cells.iter().any(|cell| cell.name == name) {
            break;
        }
        let first = next;
        next += 1;
        let mut value = Cow::Borrowed(value);
        let column = page.line(first).find(':').map_or(0, |colon| colon + 2);
        while let Some(more) = continued(page, next, column) {
            value.to_mut().extend(page.lines[next..more].iter().flat_map(|line| ["\n", line.trim()]));
            next = more;
        }
        cells.push(Cell { name, at: first, value: Told::Text(value) });
    }
    Row { lines: at..next, is_cut: false, cells }
}

/// The line behind the next one that continues a value: it is indented. Behind blank lines it begins where the value does, at `column`.
fn continued(page: &Page<'_>, at: usize, column: usize) -> Option<usize> {
    const MOST_BLANK: usize = 8;
    let line = (at..at + MOST_BLANK).find(|at| !page.line(*at).trim().is_empty())?;
    let indent = page.line(line).len() - page.line(line).trim_start_matches(' ').len();
    (indent >= if line > at { column.max(INDENT) } else { INDENT }).then_some(line + 1)
}

/// `Name : value`; the name stands at the beginning of its line and has no blank in it.
fn property(line: &str) -> Option<(&str, &str)> {
    label::padded(line).filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}
