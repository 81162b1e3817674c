//! From files to a reading.

use super::command::Command;
use super::computers::{self, Heading};
use super::fact::{FileRead, Name, Problem, Reading};
use super::join;
use super::kind::Kind;
use super::logs;
use super::looks::{self, Looks};
use super::page::Page;
use super::readers::{self, Taken};
use super::text::{Decoded, Encoding, NotText, decode};

/// A file as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name, for people.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Why it cannot be read, where that is known already; with what to do, in one plain sentence without a full stop.
    pub unread: Option<String>,
}

impl Input {
    /// A file with its bytes.
    pub const fn new(name: String, bytes: Vec<u8>) -> Self {
        Self { name, bytes, unread: None }
    }
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

/// The text of a file, for people; empty where it has none.
pub fn text(bytes: &[u8]) -> String {
    decode(bytes).map_or_else(|_| String::new(), |decoded| decoded.text.into_owned())
}

fn read_file(input: &Input, reading: &mut Reading) -> FileRead {
    let name = Name::from(input.name.as_str());
    let unread = |encoding, because| {
        let problems = vec![Problem { line: None, because }];
        FileRead { name: name.clone(), kind: Kind::Unknown, encoding, problems }
    };
    if let Some(because) = &input.unread {
        let encoding = if input.bytes.is_empty() { Encoding::Unknown } else { Encoding::Binary };
        return unread(encoding, because.clone());
    }
    if readers::is_binary_log(&input.bytes) {
        let mut problems = Vec::new();
        let read = readers::binary_log(&name, &input.bytes, reading, &mut problems);
        let kind = if read { Kind::Evtx } else { Kind::Unknown };
        return FileRead { name, kind, encoding: Encoding::Binary, problems };
    }
    if readers::is_trace(&input.bytes) {
        let mut problems = Vec::new();
        let read = readers::trace(&name, &input.bytes, reading, &mut problems);
        let kind = if read { Kind::Etl } else { Kind::Unknown };
        return FileRead { name, kind, encoding: Encoding::Binary, problems };
    }
    let Decoded { text, encoding } = match decode(&input.bytes) {
        Ok(decoded) => decoded,
        Err(NotText(what)) => return unread(Encoding::Binary, format!("this is {what}, no text; save what it shows as text")),
    };
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\u{1a}' || c == '\0').is_empty() {
        return unread(Encoding::Unknown, "the file is empty".to_owned());
    }
    let mut problems = Vec::new();
    let kind = read_page(&mut Page::new(name.clone(), &text), reading, &mut problems);
    FileRead { name, kind, encoding, problems }
}

/// Reads a page from its first line to its last; what it mainly holds.
fn read_page(page: &mut Page<'_>, reading: &mut Reading, problems: &mut Vec<Problem>) -> Kind {
    let mut main = None;
    let mut looks = Looks::default();
    let mut heading = Heading::default();
    // Lines that are no table: they can be a log.
    let mut free = Vec::new();
    let mut at = 0;
    while at < page.lines.len() {
        if let Some(command) = Command::of_line(page.line(at), at) {
            logs::refusal(page, &command, reading);
            page.command = Some(command);
            computers::of_command(page, &command, reading);
            at += 1;
        } else if let Some(Taken { lines, kind }) =
            looks.around(page, at, reading, |reading| readers::take(page, at, reading, problems))
        {
            main.get_or_insert(kind);
            heading.stands_above(page, at, reading);
            at += lines.max(1);
        } else {
            computers::of_line(page, at, reading);
            heading.of_line(page, at);
            let separates = looks.of_line(page, at);
            if separates == 0 {
                free.push(at);
            }
            at += separates.max(1);
        }
    }
    let log = logs::read(page, &free, reading);
    main.or(log).unwrap_or(Kind::Text)
}
