//! What the commands that change something have in common: show it, ask, get the rights, do it, say what came of it.

use std::ops::ControlFlow;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::ask::ask;
use super::{CliError, Context, Exit, case_text};
use crate::app::apply::apply;
use crate::app::{Cancel, RunProgress};
use crate::case::Case;
use crate::helper::launch::{Elevator, Method, SystemElevator};
use crate::machine::visible;
use crate::remedy::{FixOption, Outcome};

/// Options of every command that changes something.
#[derive(Debug, Args)]
pub struct Consent {
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, short = 'y')]
    pub yes: bool,
    /// How to get administrator rights; without it each way is tried in turn
    #[arg(long, value_name = "WAY")]
    pub elevate: Option<Way>,
}

/// A way to administrator rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// The desktop's prompt
    #[cfg(not(windows))]
    Pkexec,
    /// systemd's prompt
    #[cfg(not(windows))]
    Run0,
    /// The password on this terminal
    #[cfg(not(windows))]
    Sudo,
    /// The prompt of Windows, even where the rights are there
    #[cfg(windows)]
    Uac,
    /// None: only show the commands to type
    None,
}

/// What is said of a plan for a computer that is known from files.
const ON_THAT_COMPUTER: &str =
    "Nothing was changed: this computer is known from files only. Run the commands of the plan on that computer itself";

impl Consent {
    /// What gets the rights; `None` where nobody may.
    pub fn elevator(&self) -> Option<Arc<dyn Elevator>> {
        let only = match self.elevate {
            None => None,
            #[cfg(not(windows))]
            Some(Way::Pkexec) => Some(Method::Pkexec),
            #[cfg(not(windows))]
            Some(Way::Run0) => Some(Method::Run0),
            #[cfg(not(windows))]
            Some(Way::Sudo) => Some(Method::Sudo),
            #[cfg(windows)]
            Some(Way::Uac) => Some(Method::Uac),
            Some(Way::None) => return None,
        };
        Some(Arc::new(SystemElevator::for_command(only)))
    }
}

/// Shows option number `index` of the Case and asks; goes on with what gets the rights, or ends with what has been told.
///
/// # Errors
/// Where the terminal could not be read or written.
pub fn agree(
    case: &mut Case,
    index: usize,
    consent: &Consent,
    context: &mut Context,
) -> Result<ControlFlow<Exit, Arc<dyn Elevator>>, CliError> {
    let Some(option) = case.plan.options.get(index) else {
        return Err(CliError::Other(format!("the plan has no option {}", index + 1)));
    };
    if !context.json {
        case_text::option(index, option, &mut context.out)?;
        context.out.flush()?;
    }
    if consent.dry_run {
        return end(case, Exit::Clean, context);
    }
    if context.is_captured() {
        return decline(case, ON_THAT_COMPUTER, context);
    }
    if let Some(refusal) = ask("\nGo on?", consent.yes)?.refusal() {
        return decline(case, refusal, context);
    }
    match context.elevator(consent) {
        Some(elevator) => Ok(ControlFlow::Continue(elevator)),
        None => decline(case, "Nothing was changed: administrator rights are not asked for", context),
    }
}

/// Shows option number `index` of the Case, asks, and applies it; ends early where nothing was changed.
///
/// # Errors
/// Where nothing was begun for a reason that is not the user's will.
pub fn carry_out(case: &mut Case, index: usize, consent: &Consent, context: &mut Context) -> Result<ControlFlow<Exit>, CliError> {
    let elevator = match agree(case, index, consent, context)? {
        ControlFlow::Continue(elevator) => elevator,
        ControlFlow::Break(exit) => return Ok(ControlFlow::Break(exit)),
    };
    let mut told = |progress| context.progress(&line(&progress));
    apply(&*context.platform, &*elevator, case, index, &Cancel::default(), &mut told)
        .map_err(|error| CliError::Other(error.to_string()))?;
    match case.outcome {
        Some(Outcome::Declined) => end(case, Exit::Declined, context),
        _ => Ok(ControlFlow::Continue(())),
    }
}

/// Ends without a change, for want of agreement or rights.
///
/// # Errors
/// Where the answer could not be written.
pub fn decline<T>(case: &mut Case, why: &str, context: &mut Context) -> Result<ControlFlow<Exit, T>, CliError> {
    case.outcome = Some(Outcome::Declined);
    case.message = Some(why.to_owned());
    end(case, Exit::Declined, context)
}

/// Ends without a change: tells the Case and, where the rights are missing, the commands to type.
fn end<T>(case: &Case, exit: Exit, context: &mut Context) -> Result<ControlFlow<Exit, T>, CliError> {
    context.keep(case);
    if context.json {
        context.write_json(case)?;
        return Ok(ControlFlow::Break(exit));
    }
    if let Some(message) = &case.message {
        writeln!(context.out, "\n{}.", visible(message.trim_end_matches('.')))?;
    }
    let commands: Vec<&str> = case.option().into_iter().flat_map(FixOption::commands).collect();
    if exit == Exit::Declined && !commands.is_empty() {
        writeln!(context.out, "An administrator can type:")?;
        for command in commands {
            writeln!(context.out, "  {}", visible(command))?;
        }
    }
    Ok(ControlFlow::Break(exit))
}

/// Ends after the proof: tells the Case.
///
/// # Errors
/// Where the answer could not be written.
pub fn tell_outcome(case: &Case, context: &mut Context) -> Result<Exit, CliError> {
    context.keep(case);
    if context.json {
        context.write_json(case)?;
    } else {
        case_text::outcome(case, &mut context.out)?;
    }
    Ok(match case.outcome {
        Some(Outcome::Fixed) => Exit::Clean,
        Some(Outcome::Declined) => Exit::Declined,
        Some(Outcome::NotFixed | Outcome::CouldNotCheck) | None => Exit::Problem,
    })
}

/// What a run is doing, for somebody who waits.
pub fn line(progress: &RunProgress) -> String {
    match progress {
        RunProgress::Approved { user } => format!("Approved, running as {user}"),
        RunProgress::StepStarted(index) => format!("Step {}", index + 1),
        RunProgress::StepFinished(index, record) => format!("Step {}: {}, {}", index + 1, record.operation, record.result),
    }
}
