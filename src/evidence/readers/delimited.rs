//! Rows of CSV with the lines they stand on.

use std::ops::Range;

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::evidence::page::Page;

/// The rows of a table from one line on, up to the first blank line.
pub struct Rows<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a [u8],
    byte: usize,
    line: usize,
}

impl<'a> Rows<'a> {
    /// The rows from the line at `at` on. Between tabs a quote is a letter like any other.
    pub fn new(page: &Page<'a>, at: usize, delimiter: u8) -> Self {
        let text = page.text_from(at).as_bytes();
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .quoting(delimiter != b'\t')
            .from_reader(text);
        Self { reader, text, byte: 0, line: at }
    }

    /// Reads the next row; its lines, from 0.
    pub fn read(&mut self, row: &mut StringRecord) -> Option<Range<usize>> {
        let ends = self.text.get(self.byte..)?.iter().take_while(|byte| b"\r\n".contains(byte));
        let (skipped, new_lines) = ends.fold((0, 0), |(all, lines), byte| (all + 1, lines + usize::from(*byte == b'\n')));
        if new_lines > 1 || !self.reader.read_record(row).ok()? {
            return None;
        }
        let start = self.byte + skipped;
        self.line += new_lines;
        let end = usize::try_from(self.reader.position().byte()).ok()?.min(self.text.len());
        let mut read = self.text.get(start..end)?;
        while let Some((b'\r' | b'\n', rest)) = read.split_last() {
            read = rest;
        }
        let first = self.line;
        self.line += read.split(|byte| *byte == b'\n').count().saturating_sub(1);
        self.byte = start + read.len();
        Some(first..self.line + 1)
    }
}

/// The longest heading.
const LONGEST: usize = 4096;

/// The sign between the columns, and the headings, where a line may be the heading of a table. A heading stands on one line: a quote that
/// does not end there would take the rest of the file each time.
pub fn heading(page: &Page<'_>, at: usize) -> Option<(u8, StringRecord)> {
    let line = page.line(at);
    if line.len() > LONGEST || !line.contains([',', ';', '\t']) || !line.matches('"').count().is_multiple_of(2) {
        return None;
    }
    let delimiter = [b'\t', b';', b','].into_iter().max_by_key(|sign| line.bytes().filter(|byte| byte == sign).count())?;
    let row = first_row(page, at, delimiter).filter(|row| row.len() > 1)?;
    Some((delimiter, row))
}

/// The first row of a line by itself.
pub fn first_row(page: &Page<'_>, at: usize, delimiter: u8) -> Option<StringRecord> {
    let line = page.line(at).as_bytes();
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).quoting(delimiter != b'\t').from_reader(line);
    let mut row = StringRecord::new();
    reader.read_record(&mut row).ok()?.then_some(row)
}
