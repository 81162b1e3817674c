//! `portmedic history`: what PortMedic changed on this computer, the newest first.

use std::io::{self, Write};

use clap::Args;
use serde::Serialize;

use super::{CliError, Context, Exit};
use crate::helper::journal::Entry;
use crate::machine::visible;

/// What PortMedic changed on this computer, the newest first.
#[derive(Debug, Args)]
pub struct Arguments {}

/// The answer as `portmedic.history/1`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    entries: Vec<&'a Entry>,
}

/// Runs the command.
///
/// # Errors
/// Where the journal cannot be read.
pub fn run(_arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let entries = context.history()?;
    let newest_first: Vec<&Entry> = entries.iter().rev().collect();
    if context.json {
        context.write_json(&Answer { schema: "portmedic.history/1", entries: newest_first })?;
    } else if newest_first.is_empty() {
        writeln!(context.out, "PortMedic has changed nothing on this computer.")?;
    } else {
        newest_first.into_iter().try_for_each(|entry| write(entry, &mut context.out))?;
    }
    Ok(Exit::Clean)
}

/// One entry for people.
fn write(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let who = visible(&entry.asker.words().unwrap_or_else(|| "somebody".to_owned()));
    let state = match entry.undone {
        Some(time) => format!("taken back {time:.0}"),
        None if let Some(undoes) = &entry.undoes => format!("took {} back", visible(undoes)),
        None if !entry.has_changed() => "changed nothing".to_owned(),
        None if entry.can_be_undone() => {
            let how_far = if entry.finished { "" } else { "did not come to its end; " };
            format!("{how_far}portmedic undo {} takes it back", entry.id)
        }
        None if !entry.finished => "did not come to its end".to_owned(),
        None => "cannot be taken back".to_owned(),
    };
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
    Ok(())
}
