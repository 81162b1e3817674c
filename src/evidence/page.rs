//! The lines of one file, and where a reader is in them.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ops::Range;

use super::command::Command;
use super::fact::{Name, Place};

/// The lines of one file.
pub struct Page<'a> {
    /// The name of the file.
    pub file: Name,
    /// The lines, without their ends.
    pub lines: Vec<&'a str>,
    /// The command whose output begins, where a prompt with it stands above.
    pub command: Option<Command<'a>>,
    text: &'a str,
    names: RefCell<HashSet<Name>>,
    /// Where the part ends that was last asked about, and whether it is of a journal.
    journal: Cell<(usize, bool)>,
}

impl<'a> Page<'a> {
    /// The page of a text.
    pub fn new(file: Name, text: &'a str) -> Self {
        Self {
            file,
            lines: unquoted(text.lines().collect()),
            command: None,
            text,
            names: RefCell::default(),
            journal: Cell::default(),
        }
    }

    /// A name, shared with the rows that have the same one.
    pub fn name(&self, name: &str) -> Name {
        let mut names = self.names.borrow_mut();
        if let Some(known) = names.get(name) {
            return known.clone();
        }
        let new = Name::from(name);
        names.insert(new.clone());
        new
    }

    /// Whether any line from `at` to the next command is `of_systemd`; each is asked once, however often this is.
    pub fn is_journal(&self, at: usize, of_systemd: impl Fn(&str) -> bool) -> bool {
        let (known_to, known) = self.journal.get();
        if at < known_to {
            return known;
        }
        let is_command = |at: &usize| Command::of_line(self.line(*at), *at).is_some();
        let end = (at..self.lines.len()).find(is_command).unwrap_or(self.lines.len());
        let found = (at..end).any(|at| of_systemd(self.line(at)));
        self.journal.set((end, found));
        found
    }

    /// The text from the line at `at` to the end.
    pub fn text_from(&self, at: usize) -> &'a str {
        let line = self.line(at);
        let offset = (line.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize);
        offset.filter(|_| at < self.lines.len()).and_then(|offset| self.text.get(offset..)).unwrap_or_default()
    }

    /// Whether the line at `at` stood behind the mark of a quotation.
    pub fn is_quoted(&self, at: usize) -> bool {
        let offset = (self.line(at).as_ptr() as usize).checked_sub(self.text.as_ptr() as usize);
        let before = offset.and_then(|offset| self.text.as_bytes().get(offset.checked_sub(1)?));
        before.is_some_and(|byte| *byte != b'\n')
    }

    /// The line at `at`, from 0; empty behind the end.
    pub fn line(&self, at: usize) -> &'a str {
        self.lines.get(at).copied().unwrap_or_default()
    }

    /// The place of the line at `at`, from 0.
    pub fn place(&self, at: usize) -> Place {
        self.places(at..at + 1)
    }

    /// The place of the lines of a range, from 0.
    pub fn places(&self, lines: Range<usize>) -> Place {
        Place { file: self.file.clone(), line: number(lines.start), line_end: number(lines.end.max(lines.start + 1) - 1) }
    }

    /// The first line from `at` on that is not blank; the end where there is none.
    pub fn skip_blank(&self, at: usize) -> usize {
        (at..self.lines.len()).find(|at| !self.line(*at).trim().is_empty()).unwrap_or(self.lines.len())
    }
}

/// How many lines with a mark of quotation stand together where an output is quoted.
const QUOTED: usize = 3;

/// The lines without the `>` that mails and tickets set in front of each line of an output.
fn unquoted(mut lines: Vec<&str>) -> Vec<&str> {
    let is_quoted = |line: &str| line.starts_with('>') && !line.starts_with(">>");
    for run in lines.chunk_by_mut(|one, next| is_quoted(one) && is_quoted(next)).filter(|run| run.len() >= QUOTED) {
        for line in run {
            *line = &line[1..];
            *line = line.strip_prefix(' ').unwrap_or(line);
        }
    }
    lines
}

/// The number of a line for people, from 1.
pub fn number(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}
