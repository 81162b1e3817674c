//! `Export-Csv` and `ConvertTo-Csv`.

use std::borrow::Cow;

use csv::StringRecord;

use super::{Cell, Row, Take, Told, Wanted};
use crate::evidence::fact::Problem;
use crate::evidence::page::{Page, number};
use crate::evidence::readers::delimited::{Rows, heading};

/// Reads the rows below the names.
pub fn read(page: &Page<'_>, at: usize, wanted: Wanted, problems: &mut Vec<Problem>, take: Take<'_>) -> Option<usize> {
    let (delimiter, names) = heading(page, at)?;
    let names: Vec<&str> = names.iter().collect();
    // A command that names properties has other words beside them.
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !names.iter().all(is_name) || !(wanted.has)(&names) {
        return None;
    }
    let mut rows = Rows::new(page, at + 1, delimiter);
    let (mut row, mut next) = (StringRecord::new(), at + 1);
    while let Some(lines) = rows.read(&mut row) {
        next = lines.end.max(next);
        if row.len() != names.len() {
            let because = format!("this row has {} columns in place of {}", row.len(), names.len());
            problems.push(Problem { line: Some(number(lines.start)), because });
            continue;
        }
        let cell = |(name, value)| Cell { name, at: lines.start, value: Told::Text(Cow::Borrowed(value)) };
        let cells = names.iter().copied().zip(&row).map(cell).collect();
        take(&Row { lines: lines.clone(), is_cut: false, cells }, problems);
    }
    Some(next)
}
