//! `Format-List` of PowerShell and `/stext` of CurrPorts: blocks of lines with a name, a colon and a value.

use super::add::add;
use super::field::{Field, Holds, Record};
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;
use crate::evidence::readers::{Taken, label};

/// Blocks that follow each other.
pub fn list(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    property(page.line(at))?;
    // In the middle of a list it would be looked at again for each of its lines.
    if at > 0 && property(page.line(at - 1)).is_some() {
        return None;
    }
    let mut next = at;
    let mut kind = None;
    while property(page.line(next)).is_some() {
        let (record, known, end) = block(page, next);
        let holds = Holds::of(&known, page, "");
        if let Some(holds) = holds {
            add(&record, holds, page, next..end, reading, problems);
            kind.get_or_insert(kind_of(holds, page.line(next)));
        } else if kind.is_none() {
            return None;
        }
        next = end;
        let after = skip_between(page, next);
        if property(page.line(after)).is_none() {
            break;
        }
        next = after;
    }
    Some(Taken { lines: next - at, kind: kind? })
}

fn kind_of(holds: Holds, first: &str) -> Kind {
    match holds {
        // PowerShell's names have no blanks, CurrPorts' do.
        Holds::Sockets(_) if first.split_once(':').is_some_and(|(name, _)| name.trim().contains(' ')) => Kind::CurrPortsText,
        Holds::Sockets(_) => Kind::PowerShellList,
        Holds::Processes => Kind::PowerShellProcesses,
        Holds::Groups => Kind::PowerShellGroup,
    }
}

/// The block at `at`, its known columns, and the line behind it.
fn block<'a>(page: &Page<'a>, at: usize) -> (Record<'a>, Vec<Field>, usize) {
    let (mut record, mut known, mut next) = (Record::default(), Vec::new(), at);
    while let Some((name, value)) = property(page.line(next)) {
        let field = Field::of_heading(name);
        // The same name again begins the next block.
        if let Some(field) = field {
            if known.contains(&field) {
                break;
            }
            known.push(field);
            record.set(field, value);
        }
        next += 1;
        // A long value goes on in the lines below, indented.
        while page.line(next).starts_with("        ") && !page.line(next).trim().is_empty() {
            next += 1;
        }
    }
    (record, known, next)
}

/// A line `Name : value`; CurrPorts' names have blanks and signs.
fn property(line: &str) -> Option<(&str, &str)> {
    let (name, value) = label::padded(line)?;
    let name = name.trim_start();
    name.chars().all(|c| c.is_ascii_alphanumeric() || " _()/".contains(c)).then_some((name, value))
}

/// Blank lines and CurrPorts' rules of equals signs.
fn skip_between(page: &Page<'_>, at: usize) -> usize {
    let is_between = |line: &str| line.trim().chars().all(|c| c == '=');
    (at..page.lines.len()).find(|at| !is_between(page.line(*at))).unwrap_or(page.lines.len())
}
