//! `tasklist /fo csv`: everything in quotes, the number second.

use csv::StringRecord;

use super::services::{self, Row};
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;
use crate::evidence::readers::delimited::{Rows, first_row};
use crate::evidence::readers::{Taken, cell};

/// The rows below a heading whose second column is `PID`, or without one (`/nh`).
pub fn csv(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    if !page.line(at).starts_with('"') || page.line(at).len() > 4096 {
        return None;
    }
    let first = first_row(page, at, b',')?;
    let columns = first.len();
    let has_heading = first.get(1)?.eq_ignore_ascii_case("PID");
    if !(matches!(columns, 2..=9) && (has_heading || is_row(&first))) {
        return None;
    }
    let mut next = at + usize::from(has_heading);
    let (mut rows, mut row) = (Rows::new(page, next, b','), StringRecord::new());
    let mut read: Vec<(String, Row<'static>)> = Vec::new();
    while let Some(lines) = rows.read(&mut row).filter(|_| row.len() == columns) {
        if let (Some(name), Some(pid)) = (row.get(0), row.get(1).and_then(cell::pid)) {
            let services = row.get(2).filter(|_| columns == 3).unwrap_or_default().to_owned();
            read.push((name.to_owned(), Row { pid, name: "", services, place: page.places(lines.clone()) }));
        }
        next = lines.end;
    }
    let rows = read.iter_mut().map(|(name, row)| Row {
        name,
        services: std::mem::take(&mut row.services),
        place: row.place.clone(),
        pid: row.pid,
    });
    services::add(&rows.collect::<Vec<_>>(), page, reading);
    Some(Taken { lines: (next - at).max(1), kind: Kind::Tasklist })
}

fn is_row(row: &StringRecord) -> bool {
    let executable = row.get(0).is_some_and(|name| name.to_ascii_lowercase().ends_with(".exe"));
    let pid = row.get(1).filter(|pid| !pid.is_empty()).and_then(cell::pid);
    matches!(row.len(), 3 | 5 | 8 | 9) && pid.is_some_and(|pid| executable || matches!(pid, 0 | 4))
}
