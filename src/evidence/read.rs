//! From files to a reading.

use super::command::Command;
use super::computers;
use super::fact::{FileRead, Name, Problem, Reading};
use super::join;
use super::kind::Kind;
use super::looks::{self, Looks};
use super::page::Page;
use super::readers::{self, Taken};
use super::text::{Encoding, decode};

/// A file as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name, for people.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Reads files of one case.
pub fn read(inputs: &[Input]) -> Reading {
    let mut reading = Reading::default();
    for input in inputs {
        let read = read_file(input, &mut reading);
        reading.files.push(read);
    }
    join::processes(&mut reading);
    looks::forget_single(&mut reading);
    computers::forget_single(&mut reading);
    reading
}

fn read_file(input: &Input, reading: &mut Reading) -> FileRead {
    let (text, encoding) = decode(&input.bytes);
    let name = Name::from(input.name.as_str());
    let mut read = FileRead { name: name.clone(), kind: Kind::Unknown, encoding, problems: Vec::new() };
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\u{1a}').is_empty() {
        read.encoding = Encoding::Unknown;
        read.problems.push(Problem { line: None, because: "the file is empty".to_owned() });
        return read;
    }
    read.kind = read_page(&mut Page::new(name, &text), reading, &mut read.problems);
    read
}

/// Reads a page from its first line to its last; what it mainly holds.
fn read_page(page: &mut Page<'_>, reading: &mut Reading, problems: &mut Vec<Problem>) -> Kind {
    let mut main = None;
    let mut looks = Looks::default();
    let mut at = 0;
    while at < page.lines.len() {
        if let Some(command) = Command::of_line(page.line(at), at) {
            page.command = Some(command);
            computers::of_command(page, &command, reading);
            at += 1;
        } else if let Some(Taken { lines, kind }) =
            looks.around(page, at, reading, |reading| readers::take(page, at, reading, problems))
        {
            main.get_or_insert(kind);
            at += lines.max(1);
        } else {
            computers::of_line(page, at, reading);
            at += looks.of_line(page, at).max(1);
        }
    }
    main.unwrap_or(Kind::Text)
}
