//! The chosen option as a script to repeat it by hand: the same commands as in the preview, with what each does and how it is taken back.
//!
//! A Case may be a file from elsewhere, so no text of it is run: each command is made again from the step's operation, and left out where the
//! Case shows another one.
//!
//! A script works only with the real names, so nothing is hidden in it.

use super::document::time;
use crate::case::Case;
use crate::machine::{Snapshot, System, visible};
use crate::remedy::{FixOption, Operation, PreviewKind, Step, preview};

/// The languages a script can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// A POSIX shell, for Linux.
    Posix,
    /// PowerShell, for Windows.
    PowerShell,
}

impl Shell {
    const fn system(self) -> System {
        match self {
            Self::Posix => System::Linux,
            Self::PowerShell => System::Windows,
        }
    }

    const fn line_end(self) -> &'static str {
        match self {
            Self::Posix => "\n",
            Self::PowerShell => "\r\n",
        }
    }

    /// What comes first: stop at the first error, and run with administrator rights or not at all.
    const fn preamble(self) -> &'static [&'static str] {
        match self {
            Self::Posix => {
                &["set -eu", "export LC_ALL=C", "if [ \"$(id -u)\" -ne 0 ]; then echo 'Run this script as root.' >&2; exit 3; fi"]
            }
            Self::PowerShell => {
                // Strict mode refuses to read the exit code as long as no program ran, and an earlier program may have left its own.
                &[
                    "#Requires -RunAsAdministrator",
                    "Set-StrictMode -Version Latest",
                    "$ErrorActionPreference = 'Stop'",
                    "$global:LASTEXITCODE = 0",
                ]
            }
        }
    }

    /// Ends the script with a sentence of ours, which has no quote in it.
    fn give_up(self, why: &str) -> String {
        match self {
            Self::Posix => format!("echo '{why}' >&2; exit 1"),
            Self::PowerShell => format!("Write-Error '{why}'"),
        }
    }

    /// The commands of a preview, so that an error of one ends the script; `None` where a line break or a hidden character in a name would
    /// make it do something else than it shows.
    fn commands(self, preview: &str) -> Option<Vec<String>> {
        let lines: Vec<&str> = match self {
            Self::Posix => vec![preview],
            Self::PowerShell => preview.split('\n').collect(),
        };
        let whole = |line: &&str| {
            let quotes_close = ['\'', '"'].iter().all(|quote| line.matches(*quote).count().is_multiple_of(2));
            visible(line) == **line && !line.trim().is_empty() && (self == Self::Posix || quotes_close)
        };
        if !lines.iter().all(whole) {
            return None;
        }
        Some(match self {
            // `set -e` ends it.
            Self::Posix => lines.into_iter().map(str::to_owned).collect(),
            Self::PowerShell => lines
                .into_iter()
                .flat_map(|line| [line.to_owned(), "if ($LASTEXITCODE) { exit $LASTEXITCODE }".to_owned()])
                .collect(),
        })
    }
}

/// Has the last command run whatever becomes of those between the first one and it: WinNAT is never left stopped. A check stands behind
/// every command.
fn put_back_at_last(commands: Vec<String>) -> Vec<String> {
    let [stop, stopped, between @ .., start, started] = commands.as_slice() else { return commands };
    let [begin, at_last, end] = ["try {", "} finally {", "}"].map(str::to_owned);
    [&[stop.clone(), stopped.clone(), begin], between, &[at_last, start.clone(), end, started.clone()]].concat()
}

/// The chosen or else the recommended option of the Case, in this language.
pub fn script(case: &Case, shell: Shell) -> String {
    let mut script = Script { lines: Vec::new(), shell, snapshot: case.snapshot() };
    if shell == Shell::Posix {
        script.lines.push("#!/bin/sh".to_owned());
    }
    script.comment(&case.verdict.headline);
    script.comment(&format!("Case of {}, {}, written by PortMedic {}", case.host.name, time(case.created), case.version));
    script.comment("It was made for that computer as it was then; run it nowhere else.");
    match case.option().or_else(|| case.plan.options.first()) {
        Some(option) if case.host.system == shell.system() => script.option(option),
        Some(option) => script.of_other_system(case.host.system, option),
        None => {
            script.comment("Nothing needs to be done, so this script does nothing.");
        }
    }
    let text: String = script.lines.iter().flat_map(|line| [line.as_str(), shell.line_end()]).collect();
    // Windows PowerShell takes a script without this mark for one in the code page of the computer.
    if shell == Shell::PowerShell && !text.is_ascii() { format!("\u{FEFF}{text}") } else { text }
}

struct Script {
    lines: Vec<String>,
    shell: Shell,
    /// What the Case tells of its computer.
    snapshot: Snapshot,
}

impl Script {
    fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// A comment of one line: a line break in a name is written as `\u{a}`, so nothing gets out of it.
    fn comment(&mut self, text: &str) {
        self.lines.push(format!("# {}", visible(text)));
    }

    fn option(&mut self, option: &FixOption) {
        self.comment(&option.title);
        self.comment("It stops at the first command that does not work. Read it before you run it.");
        let preamble = self.shell.preamble();
        self.lines.extend(preamble.iter().map(|line| (*line).to_owned()));
        let count = option.steps.len();
        for (index, step) in option.steps.iter().enumerate() {
            self.line("");
            self.comment(&format!("Step {} of {count}: {}", index + 1, step.title));
            self.step(step);
            if let Some(undo) = &step.undo {
                self.comment(&format!("To undo: {undo}"));
            }
            self.comment(&format!("To check: {}", step.check));
        }
    }

    fn step(&mut self, step: &Step) {
        if step.is_manual() {
            self.comment("By hand:");
            step.preview.lines().for_each(|line| self.comment(line));
            return;
        }
        if preview(&step.operation, &self.snapshot) != (step.preview.clone(), step.preview_kind) {
            self.comment(&format!("The case shows for this step: {}", step.preview));
            let end = self.shell.give_up(
                "The command in the case is not the one that PortMedic makes of this step, so it is left out. Check the computer again.",
            );
            self.line(end);
            return;
        }
        if step.preview_kind == PreviewKind::NoCommand {
            self.comment(&format!("PortMedic does this with a system call, and no command does it: {}", step.preview));
            let end = self.shell.give_up("This step has no command. Do it by hand, then run the commands after it.");
            self.line(end);
            return;
        }
        if step.preview_kind == PreviewKind::SystemCall {
            self.comment("PortMedic does this with a system call; this is the nearest command.");
        }
        if let Some(commands) = self.shell.commands(&step.preview) {
            let is_around = self.shell == Shell::PowerShell && matches!(step.operation, Operation::RestartWinnat { .. });
            self.lines.extend(if is_around { put_back_at_last(commands) } else { commands });
        } else {
            self.comment(&step.preview);
            let end = self.shell.give_up("The command of this step has a hidden character in it, so it is left out.");
            self.line(end);
        }
    }

    /// Commands of another system do not run here: they are there to read.
    fn of_other_system(&mut self, system: System, option: &FixOption) {
        let (name, other) = match system {
            System::Linux => ("Linux", "sh"),
            System::Windows => ("Windows", "ps1"),
        };
        self.comment(&format!(
            "These commands are for {name} and do not run here. Save the report as .{other} to get a script for {name}."
        ));
        for step in &option.steps {
            self.line("");
            self.comment(&step.title);
            step.preview.lines().for_each(|line| self.comment(&format!("    {line}")));
        }
        self.line("");
        let end = self.shell.give_up(&format!("The commands of this case are for {name}. Nothing was done."));
        self.line(end);
    }
}
