//! The verdict with its evidence, as plain text for a chat or a ticket.

use std::fmt::Write;

use super::document::Document;

/// What was found, without what was done about it.
pub fn finding(document: &Document) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _infallible = write(document, &mut text);
    text
}

fn write(document: &Document, text: &mut String) -> std::fmt::Result {
    writeln!(text, "{}\n{}\n{}.", document.title, document.explanation, document.confidence)?;
    if !document.next_step.is_empty() {
        writeln!(text, "Next: {}", document.next_step)?;
    }
    for evidence in &document.evidence {
        let time = if evidence.time.is_empty() { String::new() } else { format!(", {}", evidence.time) };
        writeln!(text, "- {} [{}{time}]", evidence.fact, evidence.source)?;
        for line in &evidence.raw {
            writeln!(text, "    {line}")?;
        }
    }
    for [what, because, shown_by] in &document.gaps {
        writeln!(text, "- Not seen: {what}: {because}. {shown_by}")?;
    }
    Ok(())
}
