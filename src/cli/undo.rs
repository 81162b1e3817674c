//! `portmedic undo [ID]`: takes a change back, exactly, in both stores; where somebody changed the same thing since, as far as is asked for.

use std::io::Write;
use std::ops::ControlFlow;

use clap::Args;

use super::consent::{Consent, agree, decline, line, tell_outcome};
use super::{CliError, Context, Exit, case_text};
use crate::app::Cancel;
use crate::app::undo::{UndoPlan, Undone, choose, plan, prove, undo};
use crate::machine::visible;
use crate::remedy::{Outcome, UndoMode};

/// Takes a change back exactly: what was there before it, in the running system and after a restart.
///
/// Where somebody has changed the same thing since, it says who has what now, changes nothing, and tells the choices.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The change, as `portmedic history` names it; without it the newest one that is still in force
    id: Option<String>,
    /// Where somebody changed the same thing since: take back what PortMedic did, and keep the rest
    #[arg(long, conflicts_with = "restore_all")]
    only_own: bool,
    /// Where somebody changed the same thing since: put all back as it was before the change, and lose what others did
    #[arg(long)]
    restore_all: bool,
    #[command(flatten)]
    consent: Consent,
}

impl Arguments {
    /// What is wished where the change cannot be taken back exactly.
    const fn choice(&self) -> Option<UndoMode> {
        match (self.only_own, self.restore_all) {
            (true, _) => Some(UndoMode::OwnOnly),
            (false, true) => Some(UndoMode::Everything),
            (false, false) => None,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Where there is nothing to take back, nothing of it is PortMedic's own any more, or the computer could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let entries = context.history()?;
    let entry = choose(&entries, arguments.id.as_deref()).map_err(CliError::Other)?;
    let mut planned = plan(&*context.platform, &entries, entry)?;
    let mode = match arguments.choice() {
        _ if planned.changed.is_empty() => UndoMode::Exact,
        Some(mode) => mode,
        None => return tell_choices(&mut planned, &entry.id, context),
    };
    let Some(option) = planned.option_of(mode) else {
        let why =
            format!("nothing of {} is PortMedic's own any more; --restore-all puts back what was there before it", entry.id);
        return Err(CliError::Other(why));
    };
    let UndoPlan { mut case, seen, .. } = planned;
    let elevator = match agree(&mut case, option, &arguments.consent, context)? {
        ControlFlow::Continue(elevator) => elevator,
        ControlFlow::Break(exit) => return Ok(exit),
    };
    case.chosen = Some(option);
    let mut told = |progress| context.progress(&line(&progress));
    let undone = undo(&*elevator, entry, (mode, &seen), &Cancel::default(), &mut told)
        .map_err(|error| CliError::Other(error.to_string()))?;
    let message = undone.message();
    match undone {
        Undone::Declined(why) => match decline(&mut case, &why, context)? {
            ControlFlow::Break(exit) => Ok(exit),
            ControlFlow::Continue(never) => never,
        },
        Undone::Ran { steps, entry: written, .. } => {
            case.steps = steps;
            case.journal_entry = written;
            case.message = message;
            context.progress("Checking");
            prove(&*context.platform, entry, mode, &mut case);
            tell_outcome(&case, context)
        }
    }
}

/// Says who has what now, and how each choice is typed. Nothing is changed.
fn tell_choices(planned: &mut UndoPlan, id: &str, context: &mut Context) -> Result<Exit, CliError> {
    let typed = |mode: &UndoMode| match mode {
        UndoMode::Exact => format!("portmedic undo {id}"),
        UndoMode::OwnOnly => format!("portmedic undo {id} --only-own"),
        UndoMode::Everything => format!("portmedic undo {id} --restore-all"),
    };
    let choices: Vec<String> = planned.choices.iter().map(typed).collect();
    let case = &mut planned.case;
    case.outcome = Some(Outcome::NotFixed);
    case.message = Some(format!(
        "Nothing was changed, because somebody changed the same thing since: {}. Choose: {}",
        planned.changed.join("; "),
        choices.join(", or ")
    ));
    if context.json {
        context.write_json(&*case)?;
        return Ok(Exit::Problem);
    }
    writeln!(context.out, "{}", visible(&case.verdict.explanation))?;
    for changed in &planned.changed {
        writeln!(context.out, "  - {}", visible(changed))?;
    }
    writeln!(context.out, "\nNothing was changed. Choose what shall become of it, or leave it as it is:")?;
    for (index, (option, typed)) in case.plan.options.iter().zip(&choices).enumerate() {
        case_text::option(index, option, &mut context.out)?;
        writeln!(context.out, "     {typed}")?;
    }
    Ok(Exit::Problem)
}
