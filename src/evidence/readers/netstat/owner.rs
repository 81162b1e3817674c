//! Who holds a socket, below its row (`netstat -b`): the service or parts of the program, then the executable in brackets.

use super::row;
use crate::evidence::command::Command;
use crate::evidence::page::Page;

/// How many lines above the executable name parts of it: old versions list each library.
const MOST_PARTS: usize = 12;

/// The owner below a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owner<'a> {
    /// How many lines tell of it.
    pub lines: usize,
    /// The executable.
    pub process: Option<&'a str>,
    /// The service in it.
    pub component: Option<&'a str>,
}

impl<'a> Owner<'a> {
    /// What stands at `at` and below.
    pub fn below(page: &Page<'a>, at: usize) -> Self {
        let parts = (0..MOST_PARTS).take_while(|part| is_part(page, at + part)).count();
        if let Some(process) = executable(page.line(at + parts)) {
            let component = (parts == 1).then(|| page.line(at).trim()).filter(|name| is_service(name));
            return Self { lines: parts + 1, process: Some(process), component };
        }
        // What stands indented without an executable says in some language that Windows does not tell the owner.
        let indented = (0..parts).take_while(|part| page.line(at + part).starts_with([' ', '\t'])).count();
        Self { lines: indented, ..Self::default() }
    }
}

/// Whether a line may name a part of the program: not blank, no row, no prompt and no executable.
fn is_part(page: &Page<'_>, at: usize) -> bool {
    let line = page.line(at);
    !line.trim().is_empty() && executable(line).is_none() && !row::is_like(line) && Command::of_line(line, at).is_none()
}

fn executable(line: &str) -> Option<&str> {
    line.trim().strip_prefix('[')?.strip_suffix(']').filter(|name| !name.is_empty())
}

/// Services have short names; libraries and remarks do not look so.
fn is_service(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || "_-$".contains(c))
}
