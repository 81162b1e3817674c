//! `portmedic audit`: which fixed ports of services may be lost at the next start of the computer, how likely, and why.

use std::ops::ControlFlow;

use clap::Args;

use super::consent::{Consent, carry_out, tell_outcome};
use super::exclude::parse_ports;
use super::{CliError, Context, Exit, Table, case_text};
use crate::app::{Audit, AuditedRisk, audit};
use crate::machine::{Port, Protocol, visible};
use crate::remedy::Outcome;

/// Checks every fixed port of a service against dynamic ranges, exclusions and each other.
///
/// Fixed ports are known from units, settings, command lines, the catalogue and open sockets. A port that a program was given by chance is
/// no fixed one.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is at risk; 1 something is at risk; 2 it could not be told, since too little was seen; with --fix also 3 \
                  declined, or rights are missing."
)]
pub struct Arguments {
    /// More ports that are fixed, such as those of a service that is not installed yet: 50051, 8080-8090, 5353/udp
    #[arg(value_name = "PORT[-PORT][/udp]")]
    ports: Vec<String>,
    /// Apply the plan: protect every port that can be protected, with one prompt
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    consent: Consent,
}

/// More ports than this are no ports of services.
const MOST_NAMED: usize = 4096;

/// Runs the command.
///
/// # Errors
/// Where a port is none, or the computer could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let consent = &arguments.consent;
    if !arguments.fix && (consent.yes || consent.dry_run || consent.elevate.is_some()) {
        return Err(CliError::Other(
            "--yes, --dry-run and --elevate go with --fix; an audit by itself changes nothing".to_owned(),
        ));
    }
    let named = named(&arguments.ports)?;
    context.progress("Looking at the services, who listens, and the ranges");
    let found = audit(&*context.platform, &named)?;
    if arguments.fix {
        return fix(&found, &named, consent, context);
    }
    if context.json {
        context.write_json(&found.answer())?;
    } else {
        write(&found, context)?;
    }
    Ok(exit_of(&found))
}

/// The ports that were typed, one by one.
fn named(texts: &[String]) -> Result<Vec<(Port, Protocol)>, CliError> {
    let mut named = Vec::new();
    for text in texts {
        let (range, protocol) = parse_ports(text)?;
        named.extend((range.start()..=range.end()).map(|port| (port, protocol.unwrap_or(Protocol::Tcp))));
        if named.len() > MOST_NAMED {
            return Err(CliError::Other(format!("these are more than {MOST_NAMED} ports; name those of your services")));
        }
    }
    Ok(named)
}

fn exit_of(found: &Audit) -> Exit {
    match (found.risks.is_empty(), found.is_complete()) {
        (false, _) => Exit::Problem,
        (true, true) => Exit::Clean,
        (true, false) => Exit::CouldNot,
    }
}

/// Shows the plan, asks, applies it and proves it by another audit.
fn fix(found: &Audit, named: &[(Port, Protocol)], consent: &Consent, context: &mut Context) -> Result<Exit, CliError> {
    let mut fix = found.fix(&*context.platform);
    if !context.json {
        risks(found, context)?;
    }
    if found.plan.options.is_empty() {
        let exit = exit_of(found);
        let message = match exit {
            Exit::Clean => "Nothing is at risk. Nothing was changed",
            Exit::CouldNot => "Too little was seen to tell whether something is at risk. Nothing was changed",
            Exit::Problem | Exit::Declined => "This needs a person; PortMedic changed nothing",
        };
        fix.case.outcome = (exit == Exit::Problem && !consent.dry_run).then_some(Outcome::NotFixed);
        fix.case.message = Some(message.to_owned());
        if context.json {
            context.write_json(&fix.case)?;
        } else {
            writeln!(context.out, "\n{message}.")?;
        }
        return Ok(exit);
    }
    if !context.json {
        writeln!(context.out, "\nThe plan")?;
    }
    if let ControlFlow::Break(exit) = carry_out(&mut fix.case, 0, consent, context)? {
        return Ok(exit);
    }
    let mut left = None;
    if fix.case.outcome.is_none() {
        context.progress("Checking");
        left = fix.prove(&*context.platform, named);
    }
    let exit = tell_outcome(&fix.case, context)?;
    // What only a person can do is at risk still.
    Ok(if exit == Exit::Clean && left.is_none_or(|left| !left.risks.is_empty()) { Exit::Problem } else { exit })
}

/// The answer for people.
fn write(found: &Audit, context: &mut Context) -> Result<(), CliError> {
    risks(found, context)?;
    let out = &mut context.out;
    for option in &found.plan.options {
        writeln!(out, "\nWhat protects them, in one go: portmedic audit --fix")?;
        case_text::option(0, option, out)?;
    }
    let by_hand: Vec<&AuditedRisk> = found.risks.iter().filter(|own| !own.in_plan).collect();
    if !by_hand.is_empty() {
        writeln!(out, "\nFor you to decide")?;
    }
    for own in by_hand {
        writeln!(out, "  {} of {}:", port(own), visible(&own.risk.name))?;
        if !own.fix.is_manual() {
            writeln!(out, "    - {}:", visible(&own.fix.title))?;
        }
        for line in own.fix.preview.lines() {
            writeln!(out, "    - {}", visible(line))?;
        }
    }
    if !found.not_fixed.is_empty() {
        writeln!(out, "\nNot fixed, so nothing to protect")?;
    }
    for own in &found.not_fixed {
        let place = format!("{}/{}", own.port, own.protocol.as_str());
        writeln!(out, "  - {place} of {}: {}", visible(&own.service), visible(&own.because))?;
    }
    if !found.is_complete() {
        writeln!(out, "\nToo little was seen to call the rest safe.")?;
    }
    case_text::gaps(&found.gaps, out)?;
    Ok(())
}

/// The headline, the table and the reasons.
fn risks(found: &Audit, context: &mut Context) -> Result<(), CliError> {
    let out = &mut context.out;
    writeln!(out, "{}.", found.headline())?;
    if found.risks.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let mut table = Table::new(&["PORT", "SERVICE", "HOW LIKELY", "WHAT"]);
    for own in &found.risks {
        let (likely, what) = (own.risk.likelihood.as_str(), own.risk.kind.as_str());
        table.row([port(own), own.risk.service.clone(), likely.to_owned(), what.to_owned()]);
    }
    table.write(out)?;
    writeln!(out, "\nWhy")?;
    for own in &found.risks {
        writeln!(out, "  - {}", visible(&own.risk.why))?;
    }
    Ok(())
}

fn port(own: &AuditedRisk) -> String {
    format!("{}/{}", own.risk.port, own.risk.protocol.as_str())
}
