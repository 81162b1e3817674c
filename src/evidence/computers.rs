//! Which computer a part of a file tells of: prompts, commands with a computer in them, and outputs that name it.

use super::command::Command;
use super::fact::{Reading, SectionStart};
use super::page::Page;

/// Notes that `name` begins at `at`, where it is another computer than before.
pub fn begin(page: &Page<'_>, at: usize, name: &str, reading: &mut Reading) {
    let before = reading.machines.last().filter(|last| last.place.file == page.file);
    if is_name(name) && before.is_none_or(|before| !before.name.eq_ignore_ascii_case(name)) {
        reading.machines.push(SectionStart { place: page.place(at), name: name.to_owned() });
    }
}

/// Notes the computer of a prompt or that a command asks.
pub fn of_command(page: &Page<'_>, command: &Command<'_>, reading: &mut Reading) {
    let asked = asked(command.text);
    if let Some(name) = asked.or(command.computer) {
        begin(page, command.at, name, reading);
    }
}

/// Notes the computer that a line names which is part of no table.
pub fn of_line(page: &Page<'_>, at: usize, reading: &mut Reading) {
    if let Some(name) = heading(page.line(at)).or_else(|| answer(page, at)) {
        begin(page, at, name, reading);
    }
}

/// Forgets the computer where all files tell of one.
pub fn forget_single(reading: &mut Reading) {
    let mut names = reading.machines.iter().map(|machine| &machine.name);
    let first = names.next();
    if first.is_none_or(|first| names.all(|name| name.eq_ignore_ascii_case(first))) {
        reading.machines.clear();
    }
}

/// The computer that a command asks: `psexec \\web01 netstat`, `tasklist /s web01`, `Invoke-Command -ComputerName web01`.
fn asked(command: &str) -> Option<&str> {
    let mut words = command.split_whitespace();
    let program = words.next()?.to_ascii_lowercase();
    let program = program.trim_end_matches(".exe").trim_end_matches("64");
    let mut rest = words.peekable();
    match program {
        "psexec" => rest.next()?.strip_prefix(r"\\"),
        "winrs" => rest.find_map(|word| {
            word.get(..3)
                .filter(|start| start.eq_ignore_ascii_case("-r:") || start.eq_ignore_ascii_case("/r:"))
                .and(word.get(3..))
        }),
        "tasklist" => {
            rest.find(|word| word.eq_ignore_ascii_case("/s")).and_then(|_| rest.next()).map(|name| name.trim_start_matches('\\'))
        }
        _ => {
            let has_it = |word: &&str| {
                word.eq_ignore_ascii_case("-computername")
                    || word.eq_ignore_ascii_case("-cn")
                    || word.eq_ignore_ascii_case("-cimsession")
            };
            rest.find(has_it).and_then(|_| rest.next()).map(|name| name.trim_matches(['"', '\'']))
        }
    }
    .filter(|name| is_name(name))
}

/// `\\WEB01:`, as PsExec writes above the output of each computer.
fn heading(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix(r"\\")?;
    name.strip_suffix(':').filter(|name| is_name(name))
}

/// What `hostname` or `systeminfo` answers.
fn answer<'a>(page: &Page<'a>, at: usize) -> Option<&'a str> {
    let command = page.command.filter(|command| at <= command.at + 3)?;
    let line = page.line(at).trim();
    match command.text.trim().to_ascii_lowercase().as_str() {
        "hostname" | "hostname.exe" | "$env:computername" | "echo %computername%" => Some(line),
        "systeminfo" | "systeminfo.exe" => line.split_once(':').map(|(_, name)| name.trim()),
        _ => None,
    }
    .filter(|name| is_name(name))
}

/// Whether a text may be the name of a computer.
fn is_name(text: &str) -> bool {
    (1..=253).contains(&text.len()) && text.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}
