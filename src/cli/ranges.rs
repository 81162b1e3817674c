//! `portmedic ranges`: which ports the system hands out and which it keeps, now and after a restart.

use clap::Args;
use serde::Serialize;

use super::{CliError, Context, Exit, Table, case_text};
use crate::machine::{self, DynamicRange, Exclusion, Gap, Port, Protocol, Store};
use crate::platform::Scope;

/// The dynamic port ranges and the exclusions, in the running system and after a restart, each with where it is set.
#[derive(Debug, Args)]
pub struct Arguments {}

/// The answer as `portmedic.ranges/1`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    dynamic_ranges: &'a [DynamicRange],
    exclusions: &'a [Exclusion],
    /// The first port that needs no right to be listened on; `null` where it could not be read.
    unprivileged_port_start: Option<Port>,
    gaps: &'a [Gap],
}

/// Runs the command.
///
/// # Errors
/// Where the computer could not be looked at.
pub fn run(_arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let snapshot = context.platform.observe(&Scope::of_ranges())?;
    let answer = Answer {
        schema: "portmedic.ranges/1",
        dynamic_ranges: &snapshot.dynamic_ranges,
        exclusions: &snapshot.exclusions,
        unprivileged_port_start: snapshot.unprivileged_port_start,
        gaps: &snapshot.gaps,
    };
    if context.json {
        context.write_json(&answer)?;
        return Ok(Exit::Clean);
    }
    let out = &mut context.out;
    if !answer.dynamic_ranges.is_empty() {
        writeln!(out, "Handed out to clients")?;
        let mut table = Table::new(&["PORTS", "FOR", "IN FORCE", "FROM"]);
        for row in answer.dynamic_ranges {
            table.row([row.range.to_string(), whom(row.protocol), when(row.store), row.source.clone()]);
        }
        table.write(out)?;
    }
    if answer.exclusions.is_empty() && snapshot.shows(machine::Table::Exclusions) {
        writeln!(out, "\nNo port is excluded.")?;
    }
    if !answer.exclusions.is_empty() {
        writeln!(out, "\nExcluded: never handed out")?;
        let mut table = Table::new(&["PORTS", "FOR", "IN FORCE", "WHOSE", "FROM"]);
        for row in answer.exclusions {
            let whose = row.owner.clone().unwrap_or_else(|| "-".to_owned());
            table.row([row.range.to_string(), whom(row.protocol), when(row.store), whose, row.source.clone()]);
        }
        table.write(out)?;
    }
    if let Some(start) = answer.unprivileged_port_start {
        writeln!(out, "\nPorts below {start} need a special right to be listened on.")?;
    }
    case_text::gaps(answer.gaps, out)?;
    Ok(Exit::Clean)
}

fn whom(protocol: Option<Protocol>) -> String {
    protocol.map_or_else(|| "TCP, UDP".to_owned(), |protocol| protocol.to_string())
}

fn when(store: Store) -> String {
    match store {
        Store::Active => "now",
        Store::Persistent => "after a restart",
    }
    .to_owned()
}
