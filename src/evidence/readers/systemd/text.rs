//! `journalctl` as text. Syslog files look the same: where systemd says nothing in it and no heading tells, it is a log like any other.

use super::journal::{Entry, Journal};
use super::line::Line;
use super::{Page, Problem, Reading, Taken, unit};
use crate::evidence::command::Command;
use crate::evidence::kind::Kind;

/// Reads the lines of a journal from the first one on.
pub fn text(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    if !is_heading(page.line(at)) {
        Line::of(page.line(at))?;
        let of_systemd = |line: &str| Line::of(line).is_some_and(|line| line.is_of_systemd());
        if !is_asked_for(page) && !page.is_journal(at, of_systemd) {
            return None;
        }
    }
    let end = end(page, at);
    let mut journal = Journal::of_unit(unit_asked_for(page));
    collect(page, at, end, &mut journal);
    journal.tell(page, reading);
    Some(Taken { lines: end - at, kind: Kind::Journal })
}

/// Reads `journalctl -o cat`: the messages alone, so that only the command tells what they are.
pub fn cat(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let mut words = page.command.filter(|_| is_asked_for(page))?.text.split_whitespace();
    if !words.any(|word| matches!(word, "cat" | "-ocat" | "--output=cat")) || page.line(at).trim().is_empty() {
        return None;
    }
    let is_command = |at: &usize| Command::of_line(page.line(*at), *at).is_some();
    let end = (at + 1..page.lines.len()).find(is_command).unwrap_or(page.lines.len());
    let mut journal = Journal::of_unit(unit_asked_for(page));
    for at in at..end {
        let message = page.line(at);
        if !message.trim().is_empty() && !is_note(message) {
            let of_systemd = unit::is_of_systemd(message);
            journal.add(Entry { lines: at..at + 1, of_systemd, message: message.into(), ..Entry::default() });
        }
    }
    journal.tell(page, reading);
    Some(Taken { lines: end - at, kind: Kind::Journal })
}

/// Takes the lines from `at` to `end` into a journal.
pub fn collect<'a>(page: &Page<'a>, at: usize, end: usize, journal: &mut Journal<'a>) {
    let mut last = None;
    for at in at..end {
        let text = page.line(at);
        let line = Line::of(text);
        if line.is_none() && is_note(text) {
            continue;
        }
        last =
            line.or_else(|| last.map(|last| Line { message: text.trim_end(), ..last })).filter(|line| !line.message.is_empty());
        let Some(line) = last else { continue };
        journal.add(Entry {
            lines: at..at + 1,
            time: line.time.into(),
            host: line.host.into(),
            writer: line.writer.into(),
            pid: line.pid.into(),
            unit: unit::is_unit(line.writer).then(|| line.writer.into()),
            of_systemd: line.is_of_systemd(),
            failed: false,
            message: line.message.into(),
        });
    }
}

/// The line behind the last one of the journal that begins at `at`.
pub fn end(page: &Page<'_>, at: usize) -> usize {
    let mut next = at;
    let goes_on = |at: usize| Line::of(page.line(at)).is_some() || is_note(page.line(at)) || is_wrapped(page.line(at));
    while next < page.lines.len() {
        if goes_on(next) {
            next += 1;
        } else if page.line(next).trim().is_empty() && Line::of(page.line(next + 1)).is_some() {
            next += 2;
        } else {
            break;
        }
    }
    next.max(at + 1)
}

/// `-- Boot 3f... --` and the like stand above the lines.
fn is_heading(line: &str) -> bool {
    let begins = ["-- Logs begin at ", "-- Journal begins at ", "-- Boot ", "-- Reboot --", "-- No entries --"];
    begins.iter().any(|begin| line.starts_with(begin))
}

/// What `journalctl -x` explains between the lines, in any language, and headings.
fn is_note(line: &str) -> bool {
    line.starts_with("-- ") || line == "--" || line.starts_with('\u{2591}')
}

/// A message of several lines goes on below itself.
fn is_wrapped(line: &str) -> bool {
    line.starts_with("            ") && !line.trim().is_empty()
}

fn is_asked_for(page: &Page<'_>) -> bool {
    page.command.is_some_and(|command| command.words().any(|word| word == "journalctl"))
}

/// The one unit that a command asks for: `journalctl -u nginx`, `journalctl --unit=nginx.service`, `journalctl -xeu nginx`.
fn unit_asked_for(page: &Page<'_>) -> Option<String> {
    let command = page.command.filter(|_| is_asked_for(page))?;
    let mut names = Vec::new();
    let mut words = command.text.split_whitespace().take_while(|word| *word != "|");
    while let Some(word) = words.next() {
        let long = ["--unit", "--user-unit"].iter().find_map(|key| word.strip_prefix(key));
        let short = word.starts_with('-') && !word.starts_with("--") && word.ends_with('u');
        match long.map(|rest| rest.strip_prefix('=')) {
            Some(Some(name)) => names.push(name),
            Some(None) => names.extend(words.next()),
            None if short => names.extend(words.next()),
            None => {}
        }
    }
    match names.as_slice() {
        [name] if !name.contains(['*', '?', '[']) => Some(unit::full_name(name.trim_matches(['\'', '"']))),
        _ => None,
    }
}
