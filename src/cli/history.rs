//! `portmedic history`: what PortMedic changed on this computer, the newest first.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::report::{self, Form, Manner};
use super::{CliError, Context, Exit};
use crate::app::history;
use crate::helper::journal::Entry;
use crate::machine::visible;
use crate::platform::Scope;

/// What PortMedic changed on this computer, the newest first.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Save the history to this file: .html, .md, .json or .csv; - for standard output, with --format
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// The form of the file; without it the end of the file's name tells
    #[arg(long, requires = "to")]
    format: Option<Form>,
    #[command(flatten)]
    manner: Manner,
}

/// Runs the command.
///
/// # Errors
/// Where the journal cannot be read, or the history could not be saved.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let entries = context.history()?;
    if let Some(to) = &arguments.to {
        return save(to, &entries, arguments, context);
    }
    let newest_first: Vec<&Entry> = entries.iter().rev().collect();
    if context.json {
        context.write_json(&history::answer(&entries))?;
    } else if newest_first.is_empty() {
        writeln!(context.out, "PortMedic has changed nothing on this computer.")?;
    } else {
        newest_first.into_iter().try_for_each(|entry| write(entry, &mut context.out))?;
    }
    Ok(Exit::Clean)
}

/// Saves the history to a file, with the rules of `portmedic report`.
fn save(to: &Path, entries: &[Entry], arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let to_screen = to.as_os_str() == "-";
    let format = match arguments.format {
        Some(form) => form.into(),
        None if to_screen => return Err(CliError::Other("--to - needs --format: html, md, json or csv".to_owned())),
        None => report::format_of(to)?,
    };
    if to_screen && context.json {
        return Err(CliError::Other("--to - and --json both write to standard output; name a file".to_owned()));
    }
    let host = context.platform.observe(&Scope::default())?.host;
    let made = history::export(entries, host, context.platform.now(), format, &arguments.manner.hide()).ok_or_else(|| {
        CliError::Other("a script cannot hold the history; name a file that ends with .html, .md, .json or .csv".to_owned())
    })?;
    if to_screen {
        write!(context.out, "{}", made.text)?;
    } else {
        report::save(to, &made, arguments.manner.force)?;
        report::tell("history", to, format, &made, context)?;
    }
    Ok(Exit::Clean)
}

/// One entry for people.
fn write(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let who = visible(&entry.asker.words().unwrap_or_else(|| "somebody".to_owned()));
    let way_back = if entry.can_be_undone() { format!("; portmedic undo {} takes it back", entry.id) } else { String::new() };
    let state = visible(&format!("{}{way_back}", history::state(entry)));
    writeln!(out, "{}  {:.0}  {who}  {}  ({state})", entry.id, entry.time, visible(&entry.title))?;
    for step in &entry.steps {
        let record = &step.record;
        let change = match (&record.before, &record.after) {
            (Some(before), Some(after)) => format!(": {before} -> {after}"),
            _ => String::new(),
        };
        let check = step.check.as_ref().map(|check| format!(", check {}", check.outcome.as_str())).unwrap_or_default();
        let message = record.message.as_ref().map(|message| format!(" ({message})")).unwrap_or_default();
        writeln!(out, "    {}{}  [{}{check}]{}", record.operation, visible(&change), record.result, visible(&message))?;
    }
    if let Some(last) = entry.rechecks.last() {
        writeln!(out, "    {}  ({:.0})", visible(&last.headline()), last.time)?;
    }
    Ok(())
}
