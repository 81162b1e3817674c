//! The Case as Markdown. Names from the system are hostile: they are made visible, and no character of theirs means anything.

use std::fmt::Write;

use crate::case::Case;
use crate::diagnosis::Owner;
use crate::machine::visible;
use crate::remedy::Outcome;

/// The report.
pub fn markdown(case: &Case) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _infallible = write(case, &mut out);
    out
}

fn write(case: &Case, out: &mut String) -> std::fmt::Result {
    let verdict = &case.verdict;
    writeln!(out, "# {}\n", text(&verdict.headline))?;
    let outcome = match case.outcome {
        Some(Outcome::Declined) => "Declined, nothing was changed",
        Some(outcome) => outcome.as_str(),
        None if case.steps.is_empty() => "Looked only, nothing was changed",
        None => "Applied, not verified yet",
    };
    let port = case.target.port.map(|port| {
        let protocol = case.target.protocol.map(|protocol| format!(" {protocol}")).unwrap_or_default();
        let from = case.target.port_known_from.map(|from| format!(", known from {}", from.as_str())).unwrap_or_default();
        format!("{port}{protocol}{from}")
    });
    let service = match (&case.target.product, &case.target.service) {
        (Some(product), Some(service)) => Some(format!("{product} ({service})")),
        (product, service) => product.clone().or_else(|| service.clone()),
    };
    for (name, value) in [
        ("Result", Some(outcome.to_owned())),
        ("Time", Some(format!("{:.0}", case.created))),
        ("Computer", Some(case.host.name.clone())),
        ("System", Some(case.host.version.clone())),
        ("User", Some(case.host.user.clone())),
        ("Service", service),
        ("Port", port),
        ("Asked", Some(case.target.asked.clone())),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            writeln!(out, "- **{name}:** {}", text(&value))?;
        }
    }
    writeln!(out, "\n## Cause\n\n{} {}.", text(&verdict.explanation), verdict.confidence.as_str())?;
    if !case.owners.is_empty() {
        writeln!(out, "\n## Who has the port\n")?;
        writeln!(out, "| Process | PID | User | Service | Socket |\n|---|---|---|---|---|")?;
        case.owners.iter().try_for_each(|owner| owner_row(owner, out))?;
    }
    evidence(case, out)?;
    done(case, out)?;
    checks(case, out)?;
    writeln!(out, "\nWritten by PortMedic {}.", text(&case.version))
}

fn owner_row(owner: &Owner, out: &mut String) -> std::fmt::Result {
    let or_dash = |value: Option<&str>| cell(value.unwrap_or("-"));
    let remote = owner.remote.map(|remote| format!(" to {remote}")).unwrap_or_default();
    writeln!(
        out,
        "| {} | {} | {} | {} | {} |",
        or_dash(owner.process.as_deref()),
        owner.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
        or_dash(owner.user.as_deref()),
        or_dash(owner.service.as_deref()),
        cell(&format!("{} {}{remote} {}", owner.protocol, owner.local, owner.state)),
    )
}

fn evidence(case: &Case, out: &mut String) -> std::fmt::Result {
    if !case.verdict.evidence.is_empty() {
        writeln!(out, "\n## Evidence\n")?;
        for evidence in &case.verdict.evidence {
            let time = evidence.time.map(|time| format!(", {time:.0}")).unwrap_or_default();
            writeln!(out, "- {} ({}{time})", text(&evidence.fact), text(&evidence.source))?;
            if let Some(raw) = &evidence.raw {
                writeln!(out, "\n{}", block(raw, "  "))?;
            }
        }
    }
    if !case.gaps.is_empty() {
        writeln!(out, "\n## Not seen\n")?;
        for gap in &case.gaps {
            writeln!(out, "- {}: {}. {}", text(&gap.what), text(&gap.because), text(&gap.shown_by))?;
        }
    }
    Ok(())
}

fn done(case: &Case, out: &mut String) -> std::fmt::Result {
    let option = case.chosen.and_then(|chosen| case.plan.options.get(chosen));
    let Some(option) = option.or_else(|| case.plan.options.first()) else { return Ok(()) };
    let head = if case.steps.is_empty() { "What can be done" } else { "What was done" };
    writeln!(out, "\n## {head}\n\n{}\n", text(&option.title))?;
    for (index, step) in option.steps.iter().enumerate() {
        let record = case.steps.get(index);
        let word = record.map(|record| format!(": {}", record.result)).unwrap_or_default();
        writeln!(out, "{}. {}{word}", index + 1, text(&step.title))?;
        writeln!(out, "\n{}\n", block(&step.preview, "   "))?;
        if let Some((before, after)) = record.and_then(|record| record.before.as_ref().zip(record.after.as_ref())) {
            writeln!(out, "   Before: {}. After: {}.", text(&before.to_string()), text(&after.to_string()))?;
        }
        if let Some(message) = record.and_then(|record| record.message.as_deref()) {
            writeln!(out, "   {}", text(message))?;
        }
        if let Some(undo) = &step.undo {
            writeln!(out, "   To undo: {}", text(undo))?;
        }
    }
    if let Some(message) = &case.message {
        writeln!(out, "\n{}", text(message))?;
    }
    if let Some(entry) = &case.journal_entry {
        writeln!(out, "\nTo take all of it back: `portmedic undo {}`", visible(entry).replace('`', ""))?;
    }
    Ok(())
}

fn checks(case: &Case, out: &mut String) -> std::fmt::Result {
    let Some(proof) = &case.verification else { return Ok(()) };
    writeln!(out, "\n## Checks afterwards\n\n{}\n", text(&proof.headline))?;
    writeln!(out, "| Check | Before | Now | Result |\n|---|---|---|---|")?;
    for check in &proof.checks {
        let result = check.outcome.as_str();
        writeln!(out, "| {} | {} | {} | {result} |", cell(&check.what), cell(&check.before), cell(&check.now))?;
    }
    Ok(())
}

/// Text in which no character is Markdown or HTML.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

/// Text in a cell of a table: also without line breaks, which `text` has made visible already.
fn cell(value: &str) -> String {
    text(value)
}

/// Raw lines between fences that no line of theirs can close.
fn block(raw: &str, indent: &str) -> String {
    let longest = raw.lines().map(|line| line.chars().filter(|c| *c == '`').count()).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: String = raw.lines().flat_map(|line| [indent.to_owned(), visible(line), "\n".to_owned()]).collect();
    format!("{indent}{fence}text\n{lines}{indent}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_markup() {
        assert_eq!(text("<img src=x>[a](b) **c**"), "&lt;img src=x&gt;\\[a\\](b) \\*\\*c\\*\\*");
        assert_eq!(cell("a|b\nc"), "a\\|b\\\\u{a}c");
    }

    #[test]
    fn a_raw_line_cannot_close_its_block() {
        let block = block("```\n# not a heading", "");
        assert!(block.starts_with("````text\n```\n"), "{block}");
        assert!(block.ends_with("\n````"), "{block}");
    }
}
