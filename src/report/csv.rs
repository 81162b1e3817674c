//! The report as a table for a spreadsheet (RFC 4180). No cell is ever taken for a formula.

use super::document::Document;

/// The columns, the same for every row.
const HEAD: [&str; 6] = ["part", "what", "value", "before", "source", "time"];

/// The report.
pub fn csv(document: &Document) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    let mut row = |part: &str, what: &str, value: &str, rest: [&str; 3]| {
        rows.push([part, what, value, rest[0], rest[1], rest[2]].map(str::to_owned));
    };
    row("case", "Verdict", &document.title, ["", "", &document.time]);
    row("case", "Result", &document.result, [""; 3]);
    for (name, value) in &document.facts {
        row("case", name, value, [""; 3]);
    }
    row("cause", "Why", &document.explanation, [""; 3]);
    row("cause", "Confidence", &document.confidence, [""; 3]);
    if !document.next_step.is_empty() {
        row("cause", "Next", &document.next_step, [""; 3]);
    }
    for owner in &document.owners {
        let value = format!("PID {}, user {}, service {}, {}", owner.pid, owner.user, owner.service, owner.socket);
        row("owner", &owner.process, &value, ["", &owner.exe, ""]);
    }
    for evidence in &document.evidence {
        row("evidence", &evidence.fact, &evidence.raw.join(" / "), ["", &evidence.source, &evidence.time]);
    }
    if let Some(fix) = &document.fix {
        row("fix", fix.heading, &fix.title, [""; 3]);
        for step in &fix.steps {
            let value = [&step.result, &step.after, &step.message].map(String::as_str);
            let value: Vec<&str> = value.into_iter().filter(|text| !text.is_empty()).collect();
            row("step", &step.title, &value.join(", "), [&step.before, &step.commands.join(" ; "), ""]);
        }
        if !fix.message.is_empty() {
            row("fix", "Message", &fix.message, [""; 3]);
        }
        if !fix.undo.is_empty() {
            row("fix", "To undo", &fix.undo, [""; 3]);
        }
    }
    if let Some(proof) = &document.checks {
        row("check", "Result", &proof.headline, [""; 3]);
        for check in &proof.rows {
            row("check", &check.what, &format!("{}: {}", check.result, check.now), [&check.before, "", ""]);
        }
    }
    for [what, because, shown_by] in &document.gaps {
        row("not seen", what, because, ["", shown_by, ""]);
    }
    for annex in &document.annexes {
        for cells in &annex.rows {
            let named = annex.columns.iter().zip(cells).skip(1).filter(|(_, cell)| !cell.is_empty());
            let value: Vec<String> = named.map(|(column, cell)| format!("{column}: {cell}")).collect();
            row(&annex.title, cells.first().map_or("", String::as_str), &value.join(", "), [""; 3]);
        }
        if !annex.left_out.is_empty() {
            row(&annex.title, &annex.left_out, "", [""; 3]);
        }
    }
    for (kind, count) in &document.hidden {
        row("hidden", kind.as_str(), &count.to_string(), [""; 3]);
    }
    row("case", "Written by", &format!("PortMedic {}", document.version), [""; 3]);
    rows.iter().map(|row| row.each_ref().map(|text| cell(text)).join(",") + "\r\n").collect()
}

/// The tables alone, each with its own columns.
pub fn tables(document: &Document) -> String {
    let line = |cells: &[String]| cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\r\n";
    document.annexes.iter().flat_map(|annex| std::iter::once(&annex.columns).chain(&annex.rows)).map(|row| line(row)).collect()
}

/// The signs with which a spreadsheet takes a cell for a formula, also in their wide forms.
const FORMULA: [char; 9] = ['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}', '\u{2212}'];

/// One cell. Spreadsheets run what begins with a sign of a formula, also behind blanks; an apostrophe before it makes it a text. Where a
/// spreadsheet parts cells at semicolons, as in many countries, a cell of it begins behind each of ours, too. What was not seen is an
/// empty cell.
fn cell(text: &str) -> String {
    if text == "-" {
        return "\"\"".to_owned();
    }
    let parts = text.split(';').map(|part| {
        let blanks = part.len() - part.trim_start_matches(|c: char| c.is_whitespace() || c == '"').len();
        if part[blanks..].starts_with(FORMULA) { format!("'{part}") } else { part.to_owned() }
    });
    format!("\"{}\"", parts.collect::<Vec<_>>().join(";").replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-2+3", "@SUM(A1)", "  =1", "\u{FF1D}1"] {
            assert_eq!(cell(text), format!("\"'{text}\""));
        }
        for text in ["x;=cmd", "x; =cmd", "x;\"=cmd"] {
            assert_eq!(cell(text), format!("\"{}\"", text.replacen(';', ";'", 1).replace('"', "\"\"")));
        }
        assert_eq!(cell("-"), "\"\"");
        assert_eq!(cell("a; b; -"), "\"a; b;' -\"");
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
