//! Looks in time: a line with a time above each table, as a loop of commands writes them, or the same table again and again, as
//! `netstat -ano 5` does.

use std::collections::HashMap;

use super::command::Command;
use super::fact::{Name, Reading, SectionStart};
use super::page::Page;
use super::time;

/// How far below its time a table may begin.
const FARTHEST: usize = 12;

/// The time that was last read and waits for its table.
#[derive(Debug, Default)]
pub struct Looks {
    waiting: Option<(usize, String)>,
    table: Option<Table>,
}

/// A table of sockets with a heading, which may come again.
#[derive(Debug)]
struct Table {
    heading: usize,
    /// Where the command stands that printed it.
    command: Option<usize>,
    /// Its first socket, among those that were read.
    first: usize,
    /// Whether a look begins with it.
    is_look: bool,
}

impl Looks {
    /// Lets a reader read at `at`; where that tells of sockets or processes, the time above begins a look.
    pub fn around<T>(&mut self, page: &Page<'_>, at: usize, reading: &mut Reading, read: impl FnOnce(&mut Reading) -> T) -> T {
        let size = |reading: &Reading| reading.sockets.len() + reading.processes.len() + reading.counted.len();
        let (before, sockets) = (size(reading), reading.sockets.len());
        let taken = read(reading);
        if size(reading) > before {
            if let Some((line, name)) = self.waiting.take_if(|(line, _)| at <= *line + FARTHEST) {
                reading.samples.push(SectionStart { place: page.place(line), name });
                self.table = None;
            } else if reading.sockets.len() > sockets {
                self.repeat(page, at, sockets, reading);
            }
        }
        taken
    }

    /// Begins a look where the table at `at`, with its first socket at `first`, is the one before once more: under the same heading and with
    /// the same first row, by one command. The table before was a look, too.
    fn repeat(&mut self, page: &Page<'_>, at: usize, first: usize, reading: &mut Reading) {
        let is_heading = |at: &usize| !page.line(*at).trim().is_empty() && !page.line(*at).contains(|c: char| c.is_ascii_digit());
        let Some(heading) = [Some(at), at.checked_sub(1)].into_iter().flatten().find(is_heading) else { return };
        let command = page.command.map(|command| command.at);
        let row = |at: usize| reading.sockets.get(at).map(|row| (row.ends(), row.pid));
        let before = self.table.take().filter(|before| {
            before.command == command && page.line(before.heading) == page.line(heading) && row(before.first) == row(first)
        });
        let look = |heading| SectionStart { place: page.place(title(page, heading)), name: String::new() };
        let is_look = before.is_some();
        if let Some(before) = before {
            reading.samples.extend((!before.is_look).then(|| look(before.heading)));
            reading.samples.push(look(heading));
        }
        self.table = Some(Table { heading, command, first, is_look });
    }

    /// Remembers the time that stands at `at`; how many lines it has.
    pub fn of_line(&mut self, page: &Page<'_>, at: usize) -> usize {
        if let Some(time) = time::of_line(page.line(at)) {
            self.waiting = Some((at, time));
            return 1;
        }
        // `date /t` and `time /t` write a line each.
        if let Some(time) = time::of_lines(page.line(at), page.line(at + 1)) {
            self.waiting = Some((at, time));
            return 2;
        }
        0
    }
}

/// The line above a heading that names the table, where there is one: `Active Connections`.
fn title(page: &Page<'_>, heading: usize) -> usize {
    let is_title = |at: &usize| {
        let line = page.line(*at);
        let plain = line.starts_with(char::is_alphabetic) && !line.contains(|c: char| c.is_ascii_digit() || c == ':');
        plain && Command::of_line(line, *at).is_none()
    };
    let blank = heading.checked_sub(1).filter(|above| page.line(*above).trim().is_empty());
    let above = blank.unwrap_or(heading).checked_sub(1);
    above.filter(is_title).unwrap_or(heading)
}

/// Forgets the looks of files that have only one.
pub fn forget_single(reading: &mut Reading) {
    let mut of_file: HashMap<Name, usize> = HashMap::new();
    for look in &reading.samples {
        *of_file.entry(look.place.file.clone()).or_default() += 1;
    }
    reading.samples.retain(|look| of_file[&look.place.file] > 1);
}
