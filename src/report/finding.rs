//! The verdict with its evidence, as plain text for a chat or a ticket.

use std::fmt::Write;

use crate::case::Case;
use crate::machine::visible;

/// What was found, without what was done about it.
pub fn finding(case: &Case) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _infallible = write(case, &mut text);
    text
}

fn write(case: &Case, text: &mut String) -> std::fmt::Result {
    let verdict = &case.verdict;
    writeln!(text, "{}\n{}", visible(&verdict.headline), visible(&verdict.explanation))?;
    writeln!(text, "{}. Next: {}", verdict.confidence.as_str(), visible(&verdict.next_step))?;
    for evidence in &verdict.evidence {
        let time = evidence.time.map(|time| format!(", {time:.0}")).unwrap_or_default();
        writeln!(text, "- {} [{}{time}]", visible(&evidence.fact), visible(&evidence.source))?;
        for line in evidence.raw.iter().flat_map(|raw| raw.lines()) {
            writeln!(text, "    {}", visible(line))?;
        }
    }
    for gap in &case.gaps {
        writeln!(text, "- Not seen: {}: {}. {}", visible(&gap.what), visible(&gap.because), visible(&gap.shown_by))?;
    }
    Ok(())
}
