//! A table of PowerShell: headings, a rule of dashes, then rows.

use super::add::add;
use super::field::{Field, Holds, Record};
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;
use crate::evidence::readers::Taken;
use crate::evidence::readers::columns::Columns;

/// A table of sockets or processes.
pub fn table(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let (columns, fields) = headings(page, at)?;
    let known: Vec<Field> = fields.iter().flatten().copied().collect();
    if known.contains(&Field::Count) {
        return None;
    }
    let holds = Holds::of(&known, page, "")?;
    let mut next = at + 2;
    while !page.line(next).trim().is_empty() {
        let mut record = Record::default();
        for (field, cell) in fields.iter().zip(columns.cells(page.line(next))) {
            if let Some(field) = field {
                record.set(*field, cell);
            }
        }
        add(&record, holds, page, next..next + 1, reading, problems);
        next += 1;
    }
    let kind = match holds {
        Holds::Sockets(_) => Kind::PowerShellTable,
        Holds::Processes => Kind::PowerShellProcesses,
        Holds::Groups => Kind::PowerShellGroup,
    };
    Some(Taken { lines: next - at, kind })
}

/// The columns of the headings at `at`, and what is known of them.
pub fn headings(page: &Page<'_>, at: usize) -> Option<(Columns, Vec<Option<Field>>)> {
    let columns = Columns::of_rule(page.line(at + 1), '-')?;
    let fields = columns.cells(page.line(at)).into_iter().map(Field::of_heading).collect();
    Some((columns, fields))
}
