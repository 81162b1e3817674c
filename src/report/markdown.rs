//! The report as Markdown. No character of a name from the system means anything.

use std::fmt::Write;

use super::document::{AnnexText, ChecksText, Document, FactText, FixText};

/// The report.
pub fn markdown(document: &Document) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _infallible = write(document, &mut out);
    out
}

fn write(document: &Document, out: &mut String) -> std::fmt::Result {
    writeln!(out, "# {}\n", text(&document.title))?;
    writeln!(out, "- **Result:** {}", text(&document.result))?;
    writeln!(out, "- **Time:** {}", text(&document.time))?;
    for (name, value) in &document.facts {
        writeln!(out, "- **{name}:** {}", text(value))?;
    }
    writeln!(out, "\n## Cause\n\n{} {}.", text(&document.explanation), text(&document.confidence))?;
    if !document.next_step.is_empty() {
        writeln!(out, "\nNext: {}.", text(document.next_step.trim_end_matches('.')))?;
    }
    owners(document, out)?;
    evidence(&document.evidence, out)?;
    if let Some(fix) = &document.fix {
        done(fix, out)?;
    }
    if let Some(proof) = &document.checks {
        checks(proof, out)?;
    }
    if !document.gaps.is_empty() {
        writeln!(out, "\n## Not seen\n")?;
        for [what, because, shown_by] in &document.gaps {
            writeln!(out, "- {}: {} (to see it: {})", text(what), text(because), text(shown_by))?;
        }
    }
    for annex in &document.annexes {
        table(annex, out)?;
    }
    foot(document, out)
}

/// The tables alone.
pub fn tables(document: &Document) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _infallible = write_tables(document, &mut out);
    out
}

fn write_tables(document: &Document, out: &mut String) -> std::fmt::Result {
    writeln!(out, "# {}\n\n- **Time:** {}", text(&document.title), text(&document.time))?;
    for (name, value) in &document.facts {
        writeln!(out, "- **{name}:** {}", text(value))?;
    }
    for annex in &document.annexes {
        table(annex, out)?;
    }
    foot(document, out)
}

fn foot(document: &Document, out: &mut String) -> std::fmt::Result {
    let hidden = document.hidden_words();
    if !hidden.is_empty() {
        writeln!(out, "\n{}", text(&hidden))?;
    }
    writeln!(out, "\nWritten by PortMedic {}.", text(&document.version))
}

fn table(annex: &AnnexText, out: &mut String) -> std::fmt::Result {
    let cells = |row: &[String]| row.iter().map(|cell| text(cell)).collect::<Vec<_>>().join(" | ");
    writeln!(out, "\n## {}\n\n| {} |\n|{}", text(&annex.title), cells(&annex.columns), "---|".repeat(annex.columns.len()))?;
    for row in &annex.rows {
        writeln!(out, "| {} |", cells(row))?;
    }
    if annex.left_out.is_empty() { Ok(()) } else { writeln!(out, "\n{}.", text(&annex.left_out)) }
}

fn owners(document: &Document, out: &mut String) -> std::fmt::Result {
    if document.owners.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Who has the port\n")?;
    writeln!(out, "| Process | PID | User | Service | Socket | Program |\n|---|---|---|---|---|---|")?;
    for owner in &document.owners {
        let cells = [&owner.process, &owner.pid, &owner.user, &owner.service, &owner.socket, &owner.exe];
        let cells = cells.map(|value| text(value));
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

fn evidence(evidence: &[FactText], out: &mut String) -> std::fmt::Result {
    if evidence.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Evidence\n")?;
    for evidence in evidence {
        let time = if evidence.time.is_empty() { String::new() } else { format!(", {}", evidence.time) };
        writeln!(out, "- {} ({}{time})", text(&evidence.fact), text(&evidence.source))?;
        if !evidence.raw.is_empty() {
            writeln!(out, "\n{}\n", block(&evidence.raw, "  "))?;
        }
    }
    Ok(())
}

fn done(fix: &FixText, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n## {}\n\n{}\n", fix.heading, text(&fix.title))?;
    for (index, step) in fix.steps.iter().enumerate() {
        let result = if step.result.is_empty() { String::new() } else { format!(": {}", step.result) };
        writeln!(out, "{}. {}{result}", index + 1, text(&step.title))?;
        writeln!(out, "\n{}\n", block(&step.commands, "   "))?;
        if !step.note.is_empty() {
            writeln!(out, "   {}", step.note)?;
        }
        if !step.before.is_empty() {
            writeln!(out, "   Before: {}. After: {}.", text(&step.before), text(&step.after))?;
        }
        if !step.message.is_empty() {
            writeln!(out, "   {}", text(&step.message))?;
        }
        if !step.undo.is_empty() {
            writeln!(out, "   To undo: {}", text(&step.undo))?;
        }
    }
    if !fix.message.is_empty() {
        writeln!(out, "\n{}", text(&fix.message))?;
    }
    if !fix.undo.is_empty() {
        writeln!(out, "\nTo take all of it back:\n\n{}", block(std::slice::from_ref(&fix.undo), ""))?;
    }
    Ok(())
}

fn checks(proof: &ChecksText, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n## Checks afterwards\n\n{}\n", text(&proof.headline))?;
    writeln!(out, "| Check | Before | Now | Result |\n|---|---|---|---|")?;
    for check in &proof.rows {
        writeln!(out, "| {} | {} | {} | {} |", text(&check.what), text(&check.before), text(&check.now), check.result)?;
    }
    Ok(())
}

/// Text in which no character is Markdown or HTML.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // What would begin a list or underline a heading at the begin of a line.
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let begin =
        if text.starts_with(['-', '+', '=']) { Some(0) } else { Some(digits).filter(|_| text[digits..].starts_with(['.', ')'])) };
    for (index, character) in text.chars().enumerate() {
        if begin == Some(index) {
            out.push('\\');
        }
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Some readers turn @name into a mention and write to somebody.
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

/// Raw lines between fences that no line of theirs can close.
fn block(lines: &[String], indent: &str) -> String {
    let longest = lines.iter().map(|line| line.chars().filter(|c| *c == '`').count()).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: String = lines.iter().flat_map(|line| [indent, line, "\n"]).collect();
    format!("{indent}{fence}text\n{lines}{indent}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_markup() {
        assert_eq!(text("<img src=x>[a](b) **c**"), "&lt;img src=x&gt;\\[a\\](b) \\*\\*c\\*\\*");
        assert_eq!(text("a|b\\u{a}c"), "a\\|b\\\\u{a}c");
    }

    #[test]
    fn a_raw_line_cannot_close_its_block() {
        let block = block(&["```".to_owned(), "# not a heading".to_owned()], "");
        assert!(block.starts_with("````text\n```\n"), "{block}");
        assert!(block.ends_with("\n````"), "{block}");
    }
}
