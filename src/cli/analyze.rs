//! `portmedic analyze FILE...`: what outputs and logs from another machine tell.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, Context, Exit};
use crate::evidence::{self, Answer};
use crate::platform::captured;

/// Arguments of `analyze`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Outputs and logs as they came, in any language and encoding: files, folders or zip archives of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where a file cannot be read.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let inputs = captured::files::collect(&arguments.files).map_err(|error| CliError::Other(error.to_string()))?;
    let reading = evidence::read(&inputs);
    context.write_json(&Answer::new(&reading))?;
    Ok(if reading.failures.is_empty() && reading.failed_services.is_empty() { Exit::Clean } else { Exit::Problem })
}
