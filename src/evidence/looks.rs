//! Looks in time: a line with a time above each table, as a loop of commands writes them.

use std::collections::HashMap;

use super::fact::{Name, Reading, SectionStart};
use super::page::Page;
use super::time;

/// How far below its time a table may begin.
const FARTHEST: usize = 12;

/// The time that was last read and waits for its table.
#[derive(Debug, Default)]
pub struct Looks {
    waiting: Option<(usize, String)>,
}

impl Looks {
    /// Lets a reader read at `at`; where that tells of sockets or processes, the time above begins a look.
    pub fn around<T>(&mut self, page: &Page<'_>, at: usize, reading: &mut Reading, read: impl FnOnce(&mut Reading) -> T) -> T {
        let size = |reading: &Reading| reading.sockets.len() + reading.processes.len() + reading.counted.len();
        let before = size(reading);
        let taken = read(reading);
        if size(reading) > before
            && let Some((line, name)) = self.waiting.take_if(|(line, _)| at <= *line + FARTHEST)
        {
            reading.samples.push(SectionStart { place: page.place(line), name });
        }
        taken
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

/// Forgets the looks of files that have only one.
pub fn forget_single(reading: &mut Reading) {
    let mut of_file: HashMap<Name, usize> = HashMap::new();
    for look in &reading.samples {
        *of_file.entry(look.place.file.clone()).or_default() += 1;
    }
    reading.samples.retain(|look| of_file[&look.place.file] > 1);
}
