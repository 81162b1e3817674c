//! `netstat` of Windows, in any language and with any of its columns: rows that begin with `TCP` or `UDP`, and below them who holds them.

mod owner;
mod row;

use std::collections::HashMap;

use self::owner::Owner;
use self::row::Row;
use super::Taken;
use crate::evidence::fact::{Names, Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::{Page, number};

/// Rows one below the other, each with the lines that name its owner.
pub fn table(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    if !row::begins(page.line(at), page) {
        return None;
    }
    let mut components: HashMap<&str, Names> = HashMap::new();
    let mut shows_owners = page.command.is_some_and(|command| asks_for_owners(command.text));
    let mut next = at;
    while let Some(row) = row::of_line(page.line(next), page) {
        let wrapped = row::pid_below(&row, page.line(next + 1));
        let end = next + 1 + usize::from(wrapped.is_some());
        let owner = Owner::below(page, end);
        match row {
            Row::Socket(mut socket) => {
                socket.place = page.places(next..end);
                socket.pid = socket.pid.or(wrapped);
                socket.process = owner.process.map(|process| page.name(process));
                if let Some(component) = owner.component {
                    let names = || std::iter::once(page.name(component)).collect();
                    socket.services = components.entry(component).or_insert_with(names).clone();
                }
                reading.sockets.push(socket);
            }
            Row::Unreadable(because) => {
                problems.push(Problem { line: Some(number(next)), because: because.to_owned() });
            }
        }
        shows_owners |= owner.process.is_some();
        next = end + owner.lines;
    }
    let kind = if shows_owners { Kind::NetstatWindowsB } else { Kind::NetstatWindows };
    Some(Taken { lines: next - at, kind })
}

/// The heading of a table that has no row: the command found nothing.
pub fn empty(page: &Page<'_>, at: usize, _: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let command = page.command.filter(|command| command.text.to_ascii_lowercase().contains("netstat"))?;
    let line = page.line(at);
    let is_heading = line.starts_with("  ") && line.split_whitespace().count() >= 4 && !line.contains(':');
    let next = page.line(page.skip_blank(at + 1));
    (is_heading && at <= command.at + 5 && !row::begins(next, page)).then(|| Taken {
        lines: 1,
        kind: if asks_for_owners(command.text) { Kind::NetstatWindowsB } else { Kind::NetstatWindows },
    })
}

/// Whether a command is `netstat` with `-b`.
fn asks_for_owners(command: &str) -> bool {
    let mut words = command.split_whitespace().take_while(|word| !word.starts_with(['|', '>']));
    words.any(|word| word.to_ascii_lowercase().trim_end_matches(".exe").ends_with("netstat"))
        && words.any(|word| word.starts_with(['-', '/']) && word.contains(['b', 'B']))
}
