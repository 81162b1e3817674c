//! `portmedic connect HOST [PORT|INSTANCE|PRODUCT]`: why a client gets no connection, question by question.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::report::Destination;
use super::{CliError, Context, Exit, case_text};
use crate::app::connect::{Checked, USUAL_LIMIT, check};
use crate::case::Case;
use crate::diagnosis::connect::{Answer, ConnectCause, ConnectVerdict, Item, Wanted};
use crate::machine::{Host, visible};

/// Runs the checklist for a client that is refused, or gets no answer, on the client or on the server.
///
/// Nothing is sent to any computer but the one named, apart from questions for its name. A server is spoken to only where the catalogue knows
/// what its port speaks.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 the connection is made; 1 something stops it; 2 bad usage, or it could not be found out.")]
pub struct Arguments {
    /// The computer: a name, an address, a form of connection strings (db1\SALES, tcp:db1,1433, db1:5432, https://web1) or a whole one; with
    /// --practice it may be left out
    #[arg(value_name = "HOST", allow_hyphen_values = true)]
    host: Option<String>,
    /// What to reach there: a port, an instance of SQL Server, a product or the name of a service
    #[arg(value_name = "PORT|INSTANCE|SERVICE", allow_hyphen_values = true)]
    what: Option<String>,
    /// The longest time to wait for one answer, in seconds
    #[arg(long, value_name = "S", default_value_t = USUAL_LIMIT.as_secs(), value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout: u64,
    #[command(flatten)]
    destination: Destination,
}

/// The answer as `portmedic.connect/1`.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    /// The computer that asked.
    host: &'a Host,
    target: &'a Wanted,
    verdict: &'a ConnectVerdict,
    items: &'a [Item],
    /// What `portmedic diagnose` says of the service that does not run, where that is the cause.
    diagnosis: Option<&'a Case>,
}

/// Runs the command.
///
/// # Errors
/// Where nothing to reach is named, or this computer could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let wanted = wanted(arguments, context)?;
    arguments.destination.check()?;
    let limit = Duration::from_secs(arguments.timeout);
    // Whoever waits in a terminal ends the program itself.
    let stop = AtomicBool::new(false);
    let found = check(&*context.platform, wanted, limit, &stop, &mut |progress| context.progress(progress.checking.as_str()))?;
    let case = found.case();
    context.keep(&case);
    if context.json {
        context.write_json(&Document {
            schema: "portmedic.connect/1",
            host: &found.host,
            target: &found.facts.wanted,
            verdict: &found.verdict,
            items: &found.items,
            diagnosis: found.diagnosis.as_ref(),
        })?;
    } else {
        write(&found, context)?;
    }
    arguments.destination.write(&case, context)?;
    Ok(exit_of(found.verdict.cause))
}

/// What was typed, and on a practice machine without that what its story is about.
fn wanted(arguments: &Arguments, context: &Context) -> Result<Wanted, CliError> {
    let wrong = |error: crate::diagnosis::connect::WantedError| CliError::Other(error.to_string());
    if let Some(host) = &arguments.host {
        return Wanted::parse(host, arguments.what.as_deref()).map_err(wrong);
    }
    let Some(story) = context.connect_target() else {
        return Err(CliError::Other(
            "name a computer and what to reach there: db1 1433, db1 SALES, db1\\SALES, web1 nginx".to_owned(),
        ));
    };
    Wanted::read(story).map_err(wrong)
}

const fn exit_of(cause: ConnectCause) -> Exit {
    match cause {
        ConnectCause::Works => Exit::Clean,
        ConnectCause::Unknown | ConnectCause::NamedPipe => Exit::CouldNot,
        _ => Exit::Problem,
    }
}

/// The answer for people.
fn write(found: &Checked, context: &mut Context) -> Result<(), CliError> {
    let out = &mut context.out;
    let verdict = &found.verdict;
    writeln!(out, "{}", visible(&verdict.headline))?;
    writeln!(out, "{}", visible(&verdict.explanation))?;
    writeln!(out, "{}. Next: {}", verdict.confidence.as_str(), visible(&verdict.next_step))?;
    writeln!(out, "\nThe checklist")?;
    for item in found.items.iter().filter(|item| item.answer != Answer::NotApplicable) {
        writeln!(out, "  {:<16} {} {}", item.answer.as_str(), item.text, visible(&item.finding))?;
        let shown = if item.answer == Answer::Problem { item.evidence.as_slice() } else { &[] };
        for evidence in shown {
            writeln!(out, "  {:<16}   - {}  [{}]", "", visible(&evidence.fact), visible(&evidence.source))?;
        }
        if let Some(text) = item.explanation.as_ref().filter(|_| item.answer == Answer::Problem) {
            writeln!(out, "  {:<16}   {}", "", visible(text))?;
        }
        let to_do = matches!(item.answer, Answer::Problem | Answer::CouldNotCheck);
        if let Some(text) = item.next_step.as_ref().filter(|_| to_do) {
            writeln!(out, "  {:<16}   Next: {}", "", visible(text))?;
        }
    }
    let others: Vec<&str> =
        found.items.iter().filter(|item| item.answer == Answer::NotApplicable).map(|item| item.text).collect();
    if !others.is_empty() {
        writeln!(out, "\nDoes not apply here: {}", others.join(" "))?;
    }
    if let Some(case) = &found.diagnosis {
        writeln!(out, "\nWhy the service does not run")?;
        case_text::finding(case, out)?;
        case_text::plan(case, out)?;
        let service = found.verdict.diagnose.as_deref().unwrap_or_default();
        writeln!(out, "\nTo do it: portmedic fix {}", visible(service))?;
    }
    Ok(())
}
