//! A Case as text for a terminal.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::Table;
use crate::case::Case;
use crate::diagnosis::{Owner, Verdict};
use crate::machine::{Gap, visible};
use crate::remedy::{FixOption, PreviewKind, Step};

/// The verdict, who has the port, the evidence and what could not be seen.
///
/// # Errors
/// Where `out` cannot be written.
pub fn finding(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    headline(&case.verdict, out)?;
    if !case.owners.is_empty() {
        writeln!(out)?;
        owners(&case.owners, out)?;
    }
    evidence(&case.verdict, out)?;
    gaps(&case.gaps, out)
}

/// The verdict in three lines.
///
/// # Errors
/// Where `out` cannot be written.
pub fn headline(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", visible(&verdict.headline))?;
    writeln!(out, "{}", visible(&verdict.explanation))?;
    writeln!(out, "{}. Next: {}", verdict.confidence.as_str(), visible(&verdict.next_step))
}

/// The facts that a verdict rests on.
///
/// # Errors
/// Where `out` cannot be written.
pub fn evidence(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    if !verdict.evidence.is_empty() {
        writeln!(out, "\nEvidence")?;
        for evidence in &verdict.evidence {
            writeln!(out, "  - {}  [{}]", visible(&evidence.fact), visible(&evidence.source))?;
            for line in evidence.raw.iter().flat_map(|raw| raw.lines()) {
                writeln!(out, "      {}", visible(line))?;
            }
        }
    }
    if !verdict.notes.is_empty() {
        writeln!(out, "\nGood to know")?;
    }
    for note in &verdict.notes {
        writeln!(out, "  - {}  [{}]", visible(&note.to_string()), visible(&note.source))?;
    }
    Ok(())
}

/// What could not be seen, each with the reason and what would show it; nothing where all was seen.
///
/// # Errors
/// Where `out` cannot be written.
pub fn gaps(gaps: &[Gap], out: &mut dyn Write) -> io::Result<()> {
    if !gaps.is_empty() {
        writeln!(out, "\nNot seen")?;
    }
    for gap in gaps {
        writeln!(out, "  - {}: {} (to see it: {})", visible(&gap.what), visible(&gap.because), visible(&gap.shown_by))?;
    }
    Ok(())
}

/// Who has the port, as a table with the chain of each process below it.
///
/// # Errors
/// Where `out` cannot be written.
pub fn owners(owners: &[Owner], out: &mut dyn Write) -> io::Result<()> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let mut table = Table::new(&["PROTO", "LOCAL", "REMOTE", "STATE", "PID", "PROCESS", "USER", "SERVICE"]);
    for owner in owners {
        table.row([
            owner.protocol.to_string(),
            owner.local.to_string(),
            owner.remote.map_or_else(|| "-".to_owned(), |remote| remote.to_string()),
            owner.state.to_string(),
            owner.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
            text(&owner.process),
            text(&owner.user),
            text(&owner.service),
        ]);
    }
    table.write(out)?;
    let mut told = BTreeSet::new();
    for owner in owners {
        let Some(pid) = owner.pid.filter(|pid| told.insert(*pid)) else { continue };
        let mut facts = Vec::new();
        if let Some(exe) = &owner.exe {
            facts.push(if owner.exe_deleted { format!("{exe} (deleted)") } else { exe.clone() });
        }
        facts.extend(owner.started.map(|started| format!("since {started:.0}")));
        facts.extend(owner.container.as_ref().map(|container| format!("{} container {}", container.runtime, container.id)));
        if !owner.parents.is_empty() {
            facts.push(format!("started by {}", owner.parents.join(", ")));
        }
        if !facts.is_empty() {
            writeln!(out, "  {pid}: {}", visible(&facts.join("; ")))?;
        }
    }
    Ok(())
}

/// The ways out, each with its steps.
///
/// # Errors
/// Where `out` cannot be written.
pub fn plan(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    if case.plan.options.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWhat can be done")?;
    for (index, choice) in case.plan.options.iter().enumerate() {
        option(index, choice, out)?;
    }
    Ok(())
}

/// One way out.
///
/// # Errors
/// Where `out` cannot be written.
pub fn option(index: usize, option: &FixOption, out: &mut dyn Write) -> io::Result<()> {
    let mark = if option.recommended { "  (recommended)" } else { "" };
    writeln!(out, "\n  {}. {}{mark}", index + 1, visible(&option.title))?;
    writeln!(out, "     {}", visible(&option.effect))?;
    writeln!(
        out,
        "     Risk: {}. Can be undone: {}. Interrupts: {}. Restart: {}.",
        option.risk.as_str().to_lowercase(),
        visible(&option.reversible),
        visible(&option.interrupts),
        visible(&option.restart)
    )?;
    for change in &option.changes {
        writeln!(out, "     {}: {} -> {}", visible(&change.what), visible(&change.before), visible(&change.after))?;
    }
    option.steps.iter().try_for_each(|step| preview(step, out))
}

fn preview(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    let note = match step.preview_kind {
        PreviewKind::Command => "",
        PreviewKind::SystemCall => "   (a system call; this is the nearest command)",
        PreviewKind::NoCommand => "   (a system call)",
        PreviewKind::Manual => "   (by hand)",
    };
    for (index, line) in step.preview.lines().enumerate() {
        let is_command = step.elevation && step.preview_kind != PreviewKind::Manual;
        let mark = match (is_command, index) {
            (true, _) => '#',
            (false, 0) => '-',
            (false, _) => ' ',
        };
        writeln!(out, "       {mark} {}{}", visible(line), if index == 0 { note } else { "" })?;
    }
    Ok(())
}

/// What became of each step, the checks and the outcome.
///
/// # Errors
/// Where `out` cannot be written.
pub fn outcome(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    if !case.steps.is_empty() {
        writeln!(out, "\nSteps")?;
        for record in &case.steps {
            let state = match (&record.before, &record.after) {
                (Some(before), Some(after)) => format!(": {before} -> {after}"),
                _ => String::new(),
            };
            writeln!(out, "  - {}{}  ({})", record.operation, visible(&state), record.result)?;
            if let Some(message) = &record.message {
                writeln!(out, "    {}", visible(message))?;
            }
        }
    }
    if let Some(proof) = &case.verification {
        writeln!(out, "\nChecks")?;
        for check in &proof.checks {
            let word = check.outcome.as_str();
            writeln!(out, "  - {}: {} -> {}  ({word})", visible(&check.what), visible(&check.before), visible(&check.now))?;
        }
        writeln!(out, "\n{}", visible(&proof.headline))?;
    }
    if let Some(message) = &case.message {
        writeln!(out, "\n{}", visible(message))?;
    }
    Ok(())
}
