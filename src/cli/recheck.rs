//! `portmedic recheck`: the checks that wait for a restart.

use std::io::{self, Write};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::consent::Consent;
use super::{CliError, Context, Exit, exclude};
use crate::app::change::AskedChange;
use crate::app::recheck::{self, Rechecked};
use crate::machine::{System, visible};
use crate::platform::Scope;
use crate::remedy::shell::word;
use crate::remedy::{Check, Operation, Outcome, Task, TaskName, Verification};

/// Checks after a restart whether what PortMedic changed before it is still so: excluded ports, ranges, services on their ports.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything holds, or nothing waits; 1 something was lost, or could not be checked; 2 it could not be done. \
                  With --install and --remove: 0 done; 2 it could not be done; 3 declined, or rights are missing."
)]
pub struct Arguments {
    /// Wait for services that are still coming up, at most 5 minutes
    #[arg(long)]
    wait: bool,
    /// Have the system make these checks by itself after each restart
    #[arg(long, conflicts_with_all = ["remove", "wait"])]
    install: bool,
    /// Have the system make them no more
    #[arg(long, conflicts_with = "wait")]
    remove: bool,
    #[command(flatten)]
    consent: Consent,
}

/// How a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    WaitsForRestart,
    Holds,
    Lost,
    CouldNotCheck,
}

/// One change in the answer.
#[derive(Debug, Serialize)]
struct Row<'a> {
    entry: &'a str,
    title: &'a str,
    changed: Timestamp,
    service: Option<&'a str>,
    port: Option<u16>,
    state: State,
    headline: String,
    /// Since when it holds.
    since: Option<Timestamp>,
    checks: &'a [Check],
}

impl Row<'_> {
    /// What it was for, as a word for the shell of `system`.
    fn target(&self, system: System) -> Option<String> {
        let service = self.service.map(|service| word(system, &visible(service)));
        service.or_else(|| self.port.map(|port| port.to_string()))
    }
}

/// The answer as `portmedic.recheck/1`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    changes: Vec<Row<'a>>,
}

/// Runs the command.
///
/// # Errors
/// Where the journal cannot be read or written, or the computer could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    if arguments.install {
        return set_up(Operation::InstallTask { task: Task::Recheck }, &arguments.consent, context);
    }
    if arguments.remove {
        return set_up(Operation::RemoveTask { task: TaskName::Recheck }, &arguments.consent, context);
    }
    let host = context.platform.observe(&Scope::default())?.host;
    if context.is_practice() {
        let nothing = "Nothing waits for a restart: a practice machine is never restarted.";
        return tell(&[], nothing, host.system, context).map(|()| Exit::Clean);
    }
    let entries = context.history()?;
    let found = recheck::recheck(&*context.platform, &entries, arguments.wait, &mut |waiting| context.progress(waiting.as_str()))
        .map_err(|error| CliError::Other(error.to_string()))?;
    let nothing = "Nothing waits for a restart: PortMedic changed nothing here that is to outlive one.";
    tell(&found, nothing, host.system, context)?;
    keep(&found, host.elevated)?;
    Ok(if found.iter().any(Rechecked::is_problem) { Exit::Problem } else { Exit::Clean })
}

/// Installs the task or removes it, like every change that is asked for.
fn set_up(operation: Operation, consent: &Consent, context: &mut Context) -> Result<Exit, CliError> {
    context.progress("Looking at the service manager");
    let mut change = AskedChange::prepare(&*context.platform, &operation.to_string(), operation)?;
    exclude::settle(&mut change, consent, context)
}

/// Whoever has the rights writes it into the journal, for all; and each user has it in the Case that it is about.
fn keep(found: &[Rechecked], elevated: bool) -> Result<(), CliError> {
    if found.iter().all(|one| one.check.is_none()) {
        return Ok(());
    }
    if let Err(why) = recheck::add_to_last_case(found) {
        let _lost = writeln!(io::stderr(), "portmedic: {why}");
    }
    if !elevated {
        return Ok(());
    }
    recheck::note(found).map_err(|error| CliError::Other(error.to_string()))
}

/// Tells how each change stands; `nothing` where there is none. What is to be typed is for the shell of `system`.
fn tell(found: &[Rechecked], nothing: &str, system: System, context: &mut Context) -> Result<(), CliError> {
    let changes: Vec<Row<'_>> = found.iter().map(row).collect();
    if context.json {
        return context.write_json(&Answer { schema: "portmedic.recheck/1", changes });
    }
    if changes.is_empty() {
        writeln!(context.out, "{nothing}")?;
    }
    for row in &changes {
        writeln!(context.out, "{}  {:.0}  {}", row.entry, row.changed, visible(row.title))?;
        let since = row.since.map(|since| format!(" (holds since {since:.0})")).unwrap_or_default();
        writeln!(context.out, "    {}{since}", visible(&row.headline))?;
        for check in row.checks {
            let word = check.outcome.as_str();
            let (what, before, now) = (visible(&check.what), visible(&check.before), visible(&check.now));
            writeln!(context.out, "    - {what}: {before} -> {now}  ({word})")?;
        }
        if row.state == State::Lost {
            let again = row.target(system).map(|target| format!("portmedic fix {target} repairs it; ")).unwrap_or_default();
            writeln!(context.out, "    {again}portmedic undo {} takes the change back, where it is to be so", row.entry)?;
        }
    }
    Ok(())
}

fn row(one: &Rechecked) -> Row<'_> {
    let proof: Option<&Verification> = one.check.as_ref().map(|check| &check.verification);
    let purpose = one.purpose.as_ref();
    Row {
        entry: &one.entry,
        title: &one.title,
        changed: one.changed,
        service: purpose.and_then(|purpose| purpose.service.as_deref()),
        port: purpose.and_then(|purpose| purpose.port),
        state: match proof.map(|proof| proof.outcome) {
            None => State::WaitsForRestart,
            Some(Outcome::Fixed) => State::Holds,
            Some(Outcome::NotFixed) => State::Lost,
            Some(Outcome::CouldNotCheck | Outcome::Declined) => State::CouldNotCheck,
        },
        headline: one.headline(),
        since: one.holds_since,
        checks: proof.map(|proof| proof.checks.as_slice()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::row;
    use crate::app::recheck::Rechecked;
    use crate::machine::System;
    use crate::remedy::Purpose;

    #[test]
    fn a_service_stands_in_a_command_as_its_shell_takes_it() {
        let lost = |service: Option<&str>| Rechecked {
            entry: "20261121-1".to_owned(),
            changed: Timestamp::UNIX_EPOCH,
            title: "t".to_owned(),
            purpose: Some(Purpose { service: service.map(str::to_owned), port: Some(1433), protocol: None, address: None }),
            check: None,
            holds_since: None,
            is_news: false,
        };
        let target = |service, system| row(&lost(service)).target(system).unwrap();
        assert_eq!(target(Some("MSSQL$SALES"), System::Windows), "'MSSQL$SALES'");
        assert_eq!(target(Some("My Shop"), System::Windows), "'My Shop'");
        assert_eq!(target(Some("a\\x2db.service"), System::Linux), "'a\\x2db.service'");
        assert_eq!(target(None, System::Linux), "1433");
    }
}
