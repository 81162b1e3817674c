//! `Group-Object -Property State, OwningProcess`: how many sockets each process has in each state.

use super::field::{Field, Record};
use super::table::headings;
use crate::evidence::fact::{HolderCount, Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::{Page, number};
use crate::evidence::readers::Taken;
use crate::evidence::readers::{cell, state};

/// A table with the columns Count and Name.
pub fn group(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let (columns, fields) = headings(page, at)?;
    if !(fields.contains(&Some(Field::Count)) && fields.contains(&Some(Field::GroupName))) {
        return None;
    }
    let mut next = at + 2;
    while !page.line(next).trim().is_empty() {
        let mut record = Record::default();
        for (field, cell) in fields.iter().zip(columns.cells(page.line(next))) {
            if let Some(field) = field {
                record.set(*field, cell);
            }
        }
        match counted(&record, page) {
            Ok(counted) => reading.counted.extend(counted),
            Err(because) => problems.push(Problem { line: Some(number(next)), because: because.to_owned() }),
        }
        next += 1;
    }
    Some(Taken { lines: next - at, kind: Kind::PowerShellGroup })
}

/// The count of a row; `None` where it is of no process.
pub fn counted(record: &Record<'_>, page: &Page<'_>) -> Result<Option<HolderCount>, &'static str> {
    let count = record.get(Field::Count).trim().parse().map_err(|_| "this row of groups begins with no number")?;
    let by_process = page.command.is_some_and(|command| command.text.to_ascii_lowercase().contains("owningprocess"));
    let parts = || record.get(Field::GroupName).split(',').map(str::trim);
    let state = parts().find_map(state::of_cut);
    let pid = parts().find_map(|part| cell::pid(part).filter(|_| !part.is_empty()));
    let Some(pid) = pid.filter(|_| state.is_some() || by_process) else { return Ok(None) };
    let process = Some(record.get(Field::Process).trim()).filter(|name| !name.is_empty()).map(|name| page.name(name));
    Ok(Some(HolderCount { pid, process, state, count }))
}
