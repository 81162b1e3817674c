//! The command line: one file a command. Every page of the window is also a command, each with `--json`.

mod analyze;
pub mod ask;
mod audit;
pub mod case_text;
mod connect;
pub mod consent;
mod context;
mod diagnose;
mod exclude;
mod exhaustion;
mod exit;
mod fix;
mod helper;
mod history;
mod not_shown;
mod owner;
mod ports;
mod practice;
mod range;
mod ranges;
mod recheck;
mod report;
mod services;
mod table;
mod undo;
mod usage;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use context::{CliError, Context};
pub use exit::Exit;
pub use table::Table;

use crate::app::Computer;
use crate::platform::practice::Machine;

/// Finds out why a service cannot get its port, fixes it, proves it and keeps it from happening again.
///
/// Without a command the window opens.
#[derive(Debug, Parser)]
#[command(name = "portmedic", version, max_term_width = 110, after_help = EXIT_CODES)]
struct Cli {
    /// Answer with one JSON document on standard output
    #[arg(long, global = true)]
    json: bool,
    /// Work on a practice machine in place of this computer: a name that `portmedic practice` lists, or the path of a .toml file.
    /// It begins anew with every command
    #[arg(long, global = true, value_name = "NAME|FILE")]
    practice: Option<String>,
    /// Work on the computer that these outputs and logs tell of, in place of this one; stands behind the command
    #[arg(long, global = true, value_name = "FILE", num_args = 1.., conflicts_with = "practice")]
    captured: Vec<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 nothing wrong, or done and verified; 1 a problem was found, or is not fixed, or could not be verified; \
                          2 bad usage, or it could not be done; 3 declined, or rights are missing. With --dry-run: 0, or 1 where fix found a problem.";

const NOT_FROM_FILES: &str =
    "--captured goes with the commands that look: services, diagnose, owner, ports, ranges, exhaustion, audit, connect and fix";

const NO_JSON: &str = "the window has no answer as JSON; add a command (`portmedic --help` lists them)";

#[derive(Debug, Subcommand)]
#[command(defer = true)] // the options of one command only are built: a third of what a fast command takes to start
enum Command {
    /// List the services with their state, their ports and where each port is known from
    Services(services::Arguments),
    /// Find out what is wrong, who has the port and what can be done; changes nothing
    Diagnose(diagnose::Arguments),
    /// Tell who has a port: process, service or unit, container
    Owner(owner::Arguments),
    /// List every socket with who has it
    Ports(ports::Arguments),
    /// Tell which ports are handed out to clients and which are kept
    Ranges(ranges::Arguments),
    /// Diagnose, show the plan, ask, apply it and prove that it helped
    Fix(fix::Arguments),
    /// Keep ports from being handed to clients, now and after a restart
    Exclude(exclude::Arguments),
    /// Tell which fixed ports of services may be lost at the next start of the computer, how likely, and why; --fix protects them
    Audit(audit::Arguments),
    /// Tell how far the dynamic ranges are used, by whom, and when no port is left
    Exhaustion(exhaustion::Arguments),
    /// Set the dynamic port range, now and after a restart
    Range(range::Arguments),
    /// Tell why a client gets no connection: the checklist, answered
    Connect(connect::Arguments),
    /// Read outputs and logs from another machine, and tell what is wrong there
    Analyze(analyze::Arguments),
    /// Write the last case, or a saved one, as a report for the ticket
    Report(report::Arguments),
    /// Check after a restart whether what was changed is still so
    Recheck(recheck::Arguments),
    /// Watch ports and note who takes them, and when
    Watch(watch::Arguments),
    /// Tell what PortMedic changed on this computer
    History(history::Arguments),
    /// Take a change back, exactly
    Undo(undo::Arguments),
    /// List computers that are made up to practise on, or open the window on one
    Practice(practice::Arguments),
    /// Do one plan with administrator rights, as PortMedic itself asks for it
    #[command(hide = true)]
    Helper(helper::Arguments),
}

impl Command {
    /// Whether it makes sense on the computer that PortMedic runs on only, or has files of its own.
    const fn is_about_this_computer(&self) -> bool {
        !matches!(
            self,
            Self::Services(_)
                | Self::Diagnose(_)
                | Self::Owner(_)
                | Self::Ports(_)
                | Self::Ranges(_)
                | Self::Audit(_)
                | Self::Exhaustion(_)
                | Self::Connect(_)
                | Self::Fix(_)
        )
    }
}

/// Runs what the command line asks for; without a command that is `window`, on the computer that it is given.
pub fn main(window: impl FnOnce(Computer) -> ExitCode) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::answer(error, std::env::args_os()),
    };
    let (command, practice) = match cli.command {
        Some(Command::Practice(practice::Arguments { machine: Some(machine) })) => (None, Some(machine)),
        command => (command, cli.practice),
    };
    let machine = match practice.as_deref().map(Machine::find).transpose() {
        Ok(machine) => machine,
        Err(error) => return Context::live(cli.json).finish(Err(error.into())).into(),
    };
    let Some(command) = command else {
        if cli.json {
            return usage::refuse(true, NO_JSON.to_owned());
        }
        return window(machine.map_or_else(Computer::live, |machine| Computer::practice(&machine, machine.behaviour.clone())));
    };
    if !cli.captured.is_empty() && command.is_about_this_computer() {
        return usage::refuse(cli.json, NOT_FROM_FILES.to_owned());
    }
    let context = match machine {
        Some(machine) => Context::practice(&machine, cli.json),
        None if cli.captured.is_empty() => Ok(Context::live(cli.json)),
        None => Context::captured(&cli.captured, cli.json),
    };
    let mut context = match context {
        Ok(context) => context,
        Err(error) => return Context::live(cli.json).finish(Err(error)).into(),
    };
    let result = match command {
        Command::Services(arguments) => services::run(&arguments, &mut context),
        Command::Diagnose(arguments) => diagnose::run(&arguments, &mut context),
        Command::Owner(arguments) => owner::run(&arguments, &mut context),
        Command::Ports(arguments) => ports::run(&arguments, &mut context),
        Command::Ranges(arguments) => ranges::run(&arguments, &mut context),
        Command::Fix(arguments) => fix::run(&arguments, &mut context),
        Command::Exclude(arguments) => exclude::run(&arguments, &mut context),
        Command::Audit(arguments) => audit::run(&arguments, &mut context),
        Command::Exhaustion(arguments) => exhaustion::run(&arguments, &mut context),
        Command::Connect(arguments) => connect::run(&arguments, &mut context),
        Command::Range(arguments) => range::run(&arguments, &mut context),
        Command::Analyze(arguments) => analyze::run(&arguments, &mut context),
        Command::Report(arguments) => report::run(&arguments, &mut context),
        Command::Recheck(arguments) => recheck::run(&arguments, &mut context),
        Command::Watch(arguments) => watch::run(&arguments, &mut context),
        Command::History(arguments) => history::run(&arguments, &mut context),
        Command::Undo(arguments) => undo::run(&arguments, &mut context),
        Command::Practice(_) => practice::list(&mut context),
        Command::Helper(arguments) => return helper::run(arguments),
    };
    context.finish(result).into()
}
