//! Which computer a part of a file tells of: prompts, commands with a computer in them, and outputs that name it.

use std::net::IpAddr;

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

/// The heading of a script or a person that was last read and waits for its output: `===== SRV01 =====`.
#[derive(Debug, Default)]
pub struct Heading<'a> {
    waiting: Option<(usize, &'a str)>,
}

impl<'a> Heading<'a> {
    /// Remembers the computer that the line at `at` names, where it is such a heading.
    pub fn of_line(&mut self, page: &Page<'a>, at: usize) {
        if let Some(name) = decorated(page.line(at)) {
            self.waiting = Some((at, name));
        }
    }

    /// Notes the computer above the output at `at`, which was read.
    pub fn stands_above(&mut self, page: &Page<'_>, at: usize, reading: &mut Reading) {
        /// How far below its heading an output may begin.
        const FARTHEST: usize = 6;
        let Some((line, name)) = self.waiting.take().filter(|(line, _)| at <= *line + FARTHEST) else { return };
        // An output that names its computers itself knows better.
        let place = page.place(line);
        if reading.machines.last().is_none_or(|last| last.place.file != place.file || last.place.line < place.line) {
            begin(page, line, name, reading);
        }
    }
}

/// The name in `===== SRV01 =====`, `--- app01.example.org ---`, `[SRV01]`, `# Server: SRV01`: a word that can be nothing but a computer's.
fn decorated(line: &str) -> Option<&str> {
    /// What else is numbered in headings.
    const OTHERS: [&str; 16] = [
        "step", "sample", "test", "run", "part", "look", "page", "port", "try", "day", "log", "case", "ipv", "tcp", "udp", "pid",
    ];
    const LABELS: [&str; 8] = ["server", "host", "hostname", "computer", "computername", "machine", "node", "rechner"];
    const FILES: [&str; 6] = [".txt", ".log", ".out", ".csv", ".json", ".xml"];
    let bare = line.trim().trim_matches(|c: char| "=-*#[]<>~+_".contains(c)).trim();
    if bare.len() + 2 > line.trim().len() || bare.len() > 300 {
        return None;
    }
    let (label, name) =
        bare.split_once([':', ' ']).map_or(("", bare), |(label, name)| (label, name.trim_start_matches([':', ' '])));
    let labelled = LABELS.iter().any(|known| label.eq_ignore_ascii_case(known));
    let lower = name.to_ascii_lowercase();
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit() || "-_.".contains(c));
    let is_told_by_form = name.parse::<IpAddr>().is_ok()
        || (lower.contains(|c: char| c.is_ascii_digit() || c == '.')
            && lower.starts_with(char::is_alphabetic)
            && !OTHERS.contains(&stem)
            && !FILES.iter().any(|end| lower.ends_with(end)));
    (is_name(name) && (labelled || label.is_empty() && is_told_by_form)).then_some(name)
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
