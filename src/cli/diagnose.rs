//! `portmedic diagnose TARGET`: what is wrong, who has the port, what can be done. Changes nothing.

use clap::Args;

use super::report::Destination;
use super::{CliError, Context, Exit, case_text};
use crate::app::investigate::investigate;
use crate::case::Case;
use crate::diagnosis::Cause;

/// Finds out what is wrong, who has the port and what can be done. Changes nothing.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A port (1433, 53/udp), a service (nginx), or an error text in quotes; with --practice it may be left out
    #[arg(allow_hyphen_values = true)]
    target: Option<String>,
    #[command(flatten)]
    destination: Destination,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let target = context.target(arguments.target.as_deref())?;
    arguments.destination.check()?;
    let found = investigate(&*context.platform, &target, &mut |looking| context.progress(looking.as_str()))?;
    context.keep(&found.case);
    if context.json {
        context.write_json(&found.case)?;
    } else {
        case_text::finding(&found.case, &mut context.out)?;
        case_text::plan(&found.case, &mut context.out)?;
    }
    arguments.destination.write(&found.case, context)?;
    Ok(exit_of(&found.case))
}

/// A free port is nothing wrong, unless a service fails all the same.
pub fn exit_of(case: &Case) -> Exit {
    let service_fails = case.target.service.is_some() && case.symptom.failure.is_some();
    match case.verdict.cause {
        Cause::PortFree | Cause::NotAPortProblem if !service_fails => Exit::Clean,
        _ => Exit::Problem,
    }
}
