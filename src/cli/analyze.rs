//! `portmedic analyze FILE...`: what outputs and logs from another machine tell.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;

use super::report::Destination;
use super::{CliError, Context, Exit, case_text};
use crate::app::analyze::{Analysis, analyze};
use crate::case::{Annex, Case};
use crate::evidence::{self, Answer};
use crate::machine::visible;
use crate::platform::captured;

/// Reads outputs and logs from another machine, and tells what is wrong there.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Outputs and logs as they came, in any language and encoding: files, folders or zip archives of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    destination: Destination,
}

/// Runs the command.
///
/// # Errors
/// Where a file cannot be read, or the report cannot be saved.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    arguments.destination.check()?;
    let reading = Arc::new(evidence::read(&captured::files::collect(&arguments.files)?));
    let Analysis { found, tells_of_trouble } = analyze(&reading, Timestamp::now())?;
    if context.json {
        context.write_json(&Answer::new(&reading, tells_of_trouble.then_some(&found.case.verdict)))?;
    } else {
        if tells_of_trouble {
            case_text::finding(&found.case, &mut context.out)?;
            case_text::plan(&found.case, &mut context.out)?;
        } else {
            writeln!(context.out, "These files tell of no failure over a port")?;
        }
        tables(&found.case, &mut context.out)?;
    }
    arguments.destination.write(&found.case, context)?;
    Ok(if tells_of_trouble { Exit::Problem } else { Exit::Clean })
}

/// What was read, a table each. Of long ones the beginning: --json and --to have the rest.
fn tables(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    const MOST_ROWS: usize = 20;
    for Annex { title, columns, rows, left_out } in &case.annexes {
        writeln!(out, "\n{title}")?;
        for row in rows.iter().take(MOST_ROWS) {
            let cells = columns.iter().zip(row).skip(1).filter(|(_, cell)| !cell.is_empty());
            let cells: Vec<String> =
                cells.map(|(column, cell)| format!("{}: {}", column.to_lowercase(), visible(cell))).collect();
            writeln!(out, "  {}  {}", visible(&row[0]), cells.join(", "))?;
        }
        let more = rows.len().saturating_sub(MOST_ROWS) + left_out;
        if more > 0 {
            writeln!(out, "  … and {more} more (--json, or --to FILE)")?;
        }
    }
    Ok(())
}
