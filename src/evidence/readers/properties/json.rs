//! `ConvertTo-Json`.

use super::{Cell, Row, Take, Told, Wanted};
use crate::evidence::fact::Problem;
use crate::evidence::page::Page;
use crate::evidence::readers::objects::Objects;

/// Reads the objects of a text, up to the end of their array.
pub fn read(page: &Page<'_>, at: usize, wanted: Wanted, problems: &mut Vec<Problem>, take: Take<'_>) -> Option<usize> {
    let mut objects = Objects::begin(page, at, wanted.any_of)?;
    let (mut damaged, mut begun) = (Vec::new(), false);
    while let Some((lines, properties)) = objects.read(&mut damaged) {
        // The first object tells what the others are.
        let names: Vec<&str> = properties.keys().map(String::as_str).collect();
        if !begun && !(wanted.has)(&names) {
            return None;
        }
        begun = true;
        problems.append(&mut damaged);
        let cell = |(name, value)| Cell { name, at: lines.start, value: Told::Json(value) };
        let cells = properties.iter().map(|(name, value)| cell((name.as_str(), value))).collect();
        take(&Row { lines: lines.clone(), is_cut: false, cells }, problems);
    }
    problems.append(&mut damaged);
    begun.then(|| objects.end())
}
