//! `portmedic fix TARGET`: diagnose, show the plan, ask, apply, verify.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use clap::Args;

use super::consent::{Consent, carry_out, tell_outcome};
use super::report::Destination;
use super::{CliError, Context, Exit, case_text, diagnose};
use crate::app::Cancel;
use crate::app::investigate::investigate;
use crate::app::verify::verify;
use crate::case::Case;
use crate::machine::{Snapshot, visible};
use crate::remedy::{Operation, Outcome, StepResult};

/// Finds out what is wrong, shows the plan, asks, applies it and proves that it helped.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is wrong, or it is fixed; 1 not fixed, or a person must do it; 2 it could not be done; 3 declined, or \
                  rights are missing. With --dry-run: 0 nothing is wrong; 1 a problem was found."
)]
pub struct Arguments {
    /// A port (1433, 53/udp), a service (nginx), or an error text in quotes; with --practice it may be left out
    #[arg(allow_hyphen_values = true)]
    target: Option<String>,
    /// Which option of the plan to take, counted from 1; without it the recommended one
    #[arg(long, value_name = "N", value_parser = parse_option, allow_hyphen_values = true)]
    option: Option<NonZeroUsize>,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    destination: Destination,
}

/// Runs the command.
///
/// # Errors
/// Where the target names nothing, or nothing was begun for a reason that is not the user's will.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let target = context.target(arguments.target.as_deref())?;
    arguments.destination.check()?;
    let found = investigate(&*context.platform, &target, &mut |looking| context.progress(looking.as_str()))?;
    let mut case = found.case;
    let exit = settle(arguments, &mut case, &found.snapshot, context)?;
    arguments.destination.write(&case, context)?;
    Ok(exit)
}

/// Shows the plan of a Case, asks, applies it and proves that it helped.
fn settle(arguments: &Arguments, case: &mut Case, before: &Snapshot, context: &mut Context) -> Result<Exit, CliError> {
    if !context.json {
        case_text::finding(case, &mut context.out)?;
    }
    case.chosen = choose(case, arguments.option)?;
    let dry_run = arguments.consent.dry_run;
    let Some(chosen) = case.chosen.filter(|index| !case.plan.options[*index].is_by_hand()) else {
        return nothing_to_apply(case, dry_run, context);
    };
    if !context.json {
        writeln!(context.out, "\nThe plan")?;
    }
    if let ControlFlow::Break(exit) = carry_out(case, chosen, &arguments.consent, context)? {
        return Ok(if dry_run { diagnose::exit_of(case) } else { exit });
    }
    if case.steps.iter().all(|record| record.result.is_success() || is_manual(&record.operation, record.result)) {
        verify(&*context.platform, case, before, &Cancel::default(), &mut |waiting| {
            context.progress(waiting.as_str());
        })?;
    }
    tell_outcome(case, context)
}

/// Reads the number of an option.
fn parse_option(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| {
        format!("\"{}\" is no number of an option; they are counted from 1, as `portmedic diagnose` lists them", visible(text))
    })
}

/// The place of the option that the user means; `None` where there is nothing to do.
fn choose(case: &Case, wish: Option<NonZeroUsize>) -> Result<Option<usize>, CliError> {
    let options = &case.plan.options;
    let Some(number) = wish else { return Ok(options.iter().position(|option| option.recommended)) };
    match Some(number.get() - 1).filter(|index| *index < options.len()) {
        Some(index) => Ok(Some(index)),
        None if options.is_empty() => Err(CliError::Other(format!("there is no option {number}: nothing needs to be done"))),
        None => Err(CliError::Other(format!("there is no option {number}; the plan has options 1 to {}", options.len()))),
    }
}

fn is_manual(operation: &Operation, result: StepResult) -> bool {
    matches!(operation, Operation::Manual { .. }) && result == StepResult::NotRun
}

/// Ends where PortMedic has nothing to apply: nothing is wrong, or only a person can do something about it.
fn nothing_to_apply(case: &mut Case, dry_run: bool, context: &mut Context) -> Result<Exit, CliError> {
    let exit = diagnose::exit_of(case);
    let option = case.chosen.and_then(|index| Some((index, case.plan.options.get(index)?)));
    let message = match (exit, option) {
        (Exit::Clean, None) => "Nothing needs to be fixed. Nothing was changed",
        (_, Some(_)) => "This needs a person; PortMedic changed nothing",
        (_, None) => "PortMedic knows no fix for this. Nothing was changed",
    };
    context.keep(case);
    if !context.json {
        writeln!(context.out, "\n{message}.")?;
        if let Some((index, option)) = option {
            case_text::option(index, option, &mut context.out)?;
        }
        return Ok(exit);
    }
    case.message = Some(message.to_owned());
    // Where nothing is wrong or nothing was to be tried, there is no outcome.
    case.outcome = (exit != Exit::Clean && !dry_run).then_some(Outcome::NotFixed);
    context.write_json(case)?;
    Ok(exit)
}
