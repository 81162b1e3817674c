//! The parts of a file that belong together: one look of several, one computer of several.

use std::collections::HashMap;

use super::fact::{SectionStart, SocketRow};

/// Each section with its rows: those from its first line to the next section of the same file.
pub fn sections<'a>(
    starts: &'a [SectionStart],
    rows: &'a [SocketRow],
) -> impl Iterator<Item = (&'a SectionStart, &'a [SocketRow])> {
    // Without sections nobody asks for the files; with them each is looked for once.
    let of_files: HashMap<&str, &[SocketRow]> = if starts.is_empty() {
        HashMap::new()
    } else {
        rows.chunk_by(|one, next| one.place.file == next.place.file).map(|rows| (&*rows[0].place.file, rows)).collect()
    };
    starts.iter().enumerate().map(move |(index, start)| {
        let next = starts.get(index + 1).filter(|next| next.place.file == start.place.file);
        let of_file = of_files.get(&*start.place.file).copied().unwrap_or_default();
        let before = |line: u32| of_file.partition_point(|row| row.place.line < line);
        let end = next.map_or(of_file.len(), |next| before(next.place.line));
        (start, &of_file[before(start.place.line).min(end)..end])
    })
}
