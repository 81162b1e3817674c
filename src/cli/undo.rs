//! `portmedic undo [ID]`: takes a change back, exactly, in both stores.

use std::ops::ControlFlow;

use clap::Args;

use super::consent::{Consent, agree, decline, line, tell_outcome};
use super::{CliError, Context, Exit};
use crate::app::Cancel;
use crate::app::undo::{Undone, case_of, choose, prove, undo};

/// Takes a change back exactly: what was there before it, in the running system and after a restart.
///
/// Refused where somebody has changed the same thing since.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The change, as `portmedic history` names it; without it the newest one that is still in force
    id: Option<String>,
    #[command(flatten)]
    consent: Consent,
}

/// Runs the command.
///
/// # Errors
/// Where there is nothing to take back, the computer has changed since, or it could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let entries = context.history()?;
    let entry = choose(&entries, arguments.id.as_deref()).map_err(CliError::Other)?;
    let mut case = case_of(&*context.platform, entry)?;
    let elevator = match agree(&mut case, 0, &arguments.consent, context)? {
        ControlFlow::Continue(elevator) => elevator,
        ControlFlow::Break(exit) => return Ok(exit),
    };
    let mut told = |progress| context.progress(&line(&progress));
    let undone = undo(&*elevator, entry, &Cancel::default(), &mut told).map_err(|error| CliError::Other(error.to_string()))?;
    match undone {
        Undone::Declined(why) => match decline(&mut case, &why, context)? {
            ControlFlow::Break(exit) => Ok(exit),
            ControlFlow::Continue(never) => never,
        },
        Undone::Ran { steps, entry: written, lost } => {
            case.steps = steps;
            case.journal_entry = written;
            case.message = lost;
            context.progress("Checking");
            prove(&*context.platform, entry, &mut case);
            tell_outcome(&case, context)
        }
    }
}
