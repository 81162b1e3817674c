//! `Export-Csv` and `ConvertTo-Csv` of PowerShell, and the tables of CurrPorts and TCPView, with a heading.

use csv::StringRecord;

use super::add::add;
use super::field::{Field, Holds, Record};
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::{Page, number};
use crate::evidence::readers::Taken;
use crate::evidence::readers::delimited::{Rows, heading};

/// How often reading goes on behind a row whose quote never ends.
const MOST_MENDED: usize = 8;

/// A table whose heading names columns of sockets or processes.
pub fn csv(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    if !["Local", "local", "Process", "process", "Count"].iter().any(|word| page.line(at).contains(word)) {
        return None;
    }
    let (delimiter, heading) = heading(page, at)?;
    let fields: Vec<Option<Field>> = heading.iter().map(Field::of_heading).collect();
    let known: Vec<Field> = fields.iter().flatten().copied().collect();
    let above = page.line(at.wrapping_sub(1));
    let holds = Holds::of(&known, page, if above.starts_with("#TYPE") { above } else { "" })?;
    let mut rows = Rows::new(page, at + 1, delimiter);
    let (mut row, mut next, mut mended) = (StringRecord::new(), at + 1, 0);
    while let Some(lines) = rows.read(&mut row) {
        if row.len() == 1 && heading.len() > 1 && lines.len() == 1 {
            break;
        }
        next = lines.end;
        if row.len() < known.len().max(heading.len().min(2)) {
            problems.push(Problem {
                line: Some(number(lines.start)),
                because: format!("this row has {} columns in place of {}", row.len(), heading.len()),
            });
            if lines.len() > 1 && mended < MOST_MENDED {
                mended += 1;
                next = lines.start + 1;
                rows = Rows::new(page, next, delimiter);
            }
            continue;
        }
        let mut record = Record::default();
        for (field, cell) in fields.iter().zip(&row) {
            if let Some(field) = field {
                record.set(*field, cell);
            }
        }
        add(&record, holds, page, lines, reading, problems);
    }
    Some(Taken { lines: next - at, kind: kind(&heading, delimiter, holds) })
}

fn kind(heading: &StringRecord, delimiter: u8, holds: Holds) -> Kind {
    // PowerShell's names have no blanks; only CurrPorts names the ports too.
    let has_blanks = heading.iter().any(|name| name.trim().contains(' '));
    match holds {
        Holds::Processes => Kind::PowerShellProcesses,
        Holds::Groups => Kind::PowerShellGroup,
        Holds::Sockets(_) if has_blanks && !heading.iter().any(|name| name.ends_with("Port Name")) => Kind::TcpView,
        Holds::Sockets(_) if has_blanks && delimiter == b'\t' => Kind::CurrPortsTab,
        Holds::Sockets(_) if has_blanks => Kind::CurrPorts,
        Holds::Sockets(_) => Kind::PowerShellCsv,
    }
}
