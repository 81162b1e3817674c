//! A table for people: columns as wide as their widest cell, two blanks between.

use std::io::{self, Write};

/// Rows of text under heads.
#[derive(Debug)]
pub struct Table {
    heads: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new(heads: &[&'static str]) -> Self {
        Self { heads: heads.to_vec(), rows: Vec::new() }
    }

    /// Adds a row. Control and direction characters in it are made visible.
    pub fn row<I: IntoIterator<Item = String>>(&mut self, cells: I) {
        self.rows.push(cells.into_iter().map(|cell| crate::machine::visible(&cell)).collect());
    }

    /// Writes heads and rows.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut widths: Vec<usize> = self.heads.iter().map(|head| head.chars().count()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        write_line(out, &widths, self.heads.iter().copied())?;
        for row in &self.rows {
            write_line(out, &widths, row.iter().map(String::as_str))?;
        }
        Ok(())
    }
}

fn write_line<'a>(out: &mut dyn Write, widths: &[usize], cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let mut line = String::new();
    for (width, cell) in widths.iter().zip(cells) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
    }
    writeln!(out, "{}", line.trim_end())
}
