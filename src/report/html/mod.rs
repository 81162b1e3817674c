//! The report as one HTML page: no script, nothing from elsewhere, made to be printed on A4. Names from the system are text and never markup.

use std::fmt::Write;

use super::document::{AnnexText, ChecksText, Document, FactText, FixText, StepText, Tone};
use super::pieces;

/// The look: the light colours of the window.
const STYLE: &str = include_str!("style.css");

/// Even a mistake in our escaping could run and load nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The report. Words that stand for hidden values are marked as such.
pub fn html(document: &Document) -> String {
    let mut page = Page { out: String::new(), words: &document.words };
    // Writing into a String cannot fail.
    let _infallible = page.write(document);
    page.out
}

/// The tables alone.
pub fn tables(document: &Document) -> String {
    let mut page = Page { out: String::new(), words: &document.words };
    // Writing into a String cannot fail.
    let _infallible = page.write_tables(document);
    page.out
}

struct Page<'a> {
    out: String,
    words: &'a [String],
}

impl Page<'_> {
    fn write(&mut self, document: &Document) -> std::fmt::Result {
        self.head(document)?;
        self.verdict(document)?;
        self.facts(document)?;
        self.owners(document)?;
        if let Some(fix) = &document.fix {
            self.fix(fix)?;
        }
        if let Some(checks) = &document.checks {
            self.checks(checks)?;
        }
        self.evidence(&document.evidence)?;
        self.gaps(&document.gaps)?;
        self.end(document)
    }

    fn write_tables(&mut self, document: &Document) -> std::fmt::Result {
        self.head(document)?;
        let (title, time) = (self.text(&document.title), escape(&document.time));
        writeln!(
            self.out,
            "<section class=\"verdict\">\n<div class=\"head\"><h1>{title}</h1></div>\n<p class=\"sure\">{time}</p>\n</section>"
        )?;
        self.facts(document)?;
        self.end(document)
    }

    fn head(&mut self, document: &Document) -> std::fmt::Result {
        let title = escape(&document.title);
        writeln!(self.out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
        writeln!(self.out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">")?;
        writeln!(self.out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
        writeln!(self.out, "<meta name=\"referrer\" content=\"no-referrer\">")?;
        writeln!(self.out, "<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>")
    }

    fn facts(&mut self, document: &Document) -> std::fmt::Result {
        writeln!(self.out, "<dl>")?;
        for (name, value) in &document.facts {
            let value = self.text(value);
            writeln!(self.out, "<dt>{name}</dt><dd>{value}</dd>")?;
        }
        writeln!(self.out, "</dl>")
    }

    /// The tables and the foot of the page.
    fn end(&mut self, document: &Document) -> std::fmt::Result {
        for annex in &document.annexes {
            self.annex(annex)?;
        }
        writeln!(self.out, "<footer>")?;
        let hidden = document.hidden_words();
        if !hidden.is_empty() {
            writeln!(self.out, "<p class=\"hidden\">{}</p>", escape(&hidden))?;
        }
        let version = escape(&document.version);
        writeln!(self.out, "Written by PortMedic {version}. Times are UTC.\n</footer>\n</main>\n</body>\n</html>")
    }

    fn verdict(&mut self, document: &Document) -> std::fmt::Result {
        let tone = class(document.tone);
        let [title, result, explanation, confidence, next] =
            [&document.title, &document.result, &document.explanation, &document.confidence, &document.next_step]
                .map(|text| self.text(text));
        writeln!(self.out, "<section class=\"verdict {tone}\">")?;
        writeln!(self.out, "<div class=\"head\"><h1>{title}</h1><span class=\"tag {tone}\">{result}</span></div>")?;
        writeln!(self.out, "<p>{explanation}</p>")?;
        let next = if next.is_empty() { next } else { format!(" Next: {next}.") };
        let time = escape(&document.time);
        writeln!(self.out, "<p class=\"sure\">{confidence}.{next}</p>\n<p class=\"sure\">{time}</p>\n</section>")
    }

    fn owners(&mut self, document: &Document) -> std::fmt::Result {
        if document.owners.is_empty() {
            return Ok(());
        }
        let rows: Vec<Vec<String>> = document
            .owners
            .iter()
            .map(|owner| {
                let [process, exe, pid, user, service, socket] =
                    [&owner.process, &owner.exe, &owner.pid, &owner.user, &owner.service, &owner.socket]
                        .map(|cell| self.text(cell));
                let exe = if owner.exe == "-" { String::new() } else { format!("<div class=\"source\">{exe}</div>") };
                let mut cells = vec![format!("<td>{process}{exe}</td>")];
                cells.extend([pid, user, service, socket].map(|cell| format!("<td>{cell}</td>")));
                cells
            })
            .collect();
        writeln!(self.out, "<h2>Who has the port</h2>")?;
        self.table(&["Process", "PID", "User", "Service", "Socket"], &rows)
    }

    fn annex(&mut self, annex: &AnnexText) -> std::fmt::Result {
        let cells = |row: &Vec<String>| row.iter().map(|cell| format!("<td>{}</td>", self.text(cell))).collect();
        let rows: Vec<Vec<String>> = annex.rows.iter().map(cells).collect();
        let columns: Vec<String> = annex.columns.iter().map(|column| escape(column)).collect();
        writeln!(self.out, "<h2>{}</h2>", escape(&annex.title))?;
        self.table(&columns.iter().map(String::as_str).collect::<Vec<_>>(), &rows)?;
        if annex.left_out.is_empty() { Ok(()) } else { writeln!(self.out, "<p class=\"more\">{}.</p>", escape(&annex.left_out)) }
    }

    fn table(&mut self, heads: &[&str], rows: &[Vec<String>]) -> std::fmt::Result {
        write!(self.out, "<table>\n<thead><tr>")?;
        for head in heads {
            write!(self.out, "<th scope=\"col\">{head}</th>")?;
        }
        writeln!(self.out, "</tr></thead>\n<tbody>")?;
        for row in rows {
            writeln!(self.out, "<tr>{}</tr>", row.concat())?;
        }
        writeln!(self.out, "</tbody>\n</table>")
    }

    fn fix(&mut self, fix: &FixText) -> std::fmt::Result {
        let title = self.text(&fix.title);
        writeln!(self.out, "<h2>{}</h2>\n<p>{title}</p>\n<ol class=\"steps\">", fix.heading)?;
        for (index, step) in fix.steps.iter().enumerate() {
            self.step(index + 1, step)?;
        }
        writeln!(self.out, "</ol>")?;
        if !fix.message.is_empty() {
            let message = self.text(&fix.message);
            writeln!(self.out, "<p>{message}</p>")?;
        }
        if !fix.undo.is_empty() {
            writeln!(self.out, "<h2>To undo</h2>")?;
            self.block(std::slice::from_ref(&fix.undo))?;
        }
        Ok(())
    }

    fn step(&mut self, number: usize, step: &StepText) -> std::fmt::Result {
        let title = self.text(&step.title);
        writeln!(self.out, "<li><span class=\"number\">{number}</span><div>{title}")?;
        if !step.result.is_empty() {
            writeln!(self.out, "<span class=\"result {}\">{}</span>", class(step.tone), escape(&step.result))?;
        }
        self.block(&step.commands)?;
        let states = if step.before.is_empty() {
            String::new()
        } else {
            format!("Before: {}. After: {}.", self.text(&step.before), self.text(&step.after))
        };
        let undo = if step.undo.is_empty() { String::new() } else { format!("To undo: {}", self.text(&step.undo)) };
        let message = self.text(&step.message);
        for more in [step.note.to_owned(), states, message, undo].into_iter().filter(|more| !more.is_empty()) {
            writeln!(self.out, "<p class=\"more\">{more}</p>")?;
        }
        writeln!(self.out, "</div></li>")
    }

    fn checks(&mut self, checks: &ChecksText) -> std::fmt::Result {
        let headline = self.text(&checks.headline);
        writeln!(self.out, "<h2>Checks afterwards</h2>\n<p>{headline}</p>")?;
        let rows: Vec<Vec<String>> = checks
            .rows
            .iter()
            .map(|check| {
                let mut cells: Vec<String> =
                    [&check.what, &check.before, &check.now].map(|cell| format!("<td>{}</td>", self.text(cell))).into();
                cells.push(format!("<td class=\"{}\">{}</td>", class(check.tone), check.result));
                cells
            })
            .collect();
        self.table(&["Check", "Before", "Now", "Result"], &rows)
    }

    fn evidence(&mut self, evidence: &[FactText]) -> std::fmt::Result {
        if evidence.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "<h2>Evidence</h2>\n<ul>")?;
        for evidence in evidence {
            let [fact, source] = [&evidence.fact, &evidence.source].map(|text| self.text(text));
            let time = if evidence.time.is_empty() { String::new() } else { format!(", {}", escape(&evidence.time)) };
            writeln!(self.out, "<li>{fact}<div class=\"source\">{source}{time}</div>")?;
            self.block(&evidence.raw)?;
            writeln!(self.out, "</li>")?;
        }
        writeln!(self.out, "</ul>")
    }

    fn gaps(&mut self, gaps: &[[String; 3]]) -> std::fmt::Result {
        if gaps.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "<h2>Not seen</h2>\n<ul>")?;
        for gap in gaps {
            let [what, because, shown_by] = gap.each_ref().map(|text| self.text(text));
            writeln!(self.out, "<li>{what}: {because}<div class=\"source\">To see it: {shown_by}</div></li>")?;
        }
        writeln!(self.out, "</ul>")
    }

    fn block(&mut self, lines: &[String]) -> std::fmt::Result {
        if lines.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = lines.iter().map(|line| self.text(line)).collect();
        writeln!(self.out, "<pre>{}</pre>", lines.join("\n"))
    }

    /// Escaped, with the words for hidden values marked.
    fn text(&self, text: &str) -> String {
        let marked = |(piece, is_word): (&str, bool)| if is_word { format!("<mark>{piece}</mark>") } else { escape(piece) };
        pieces(text, self.words).into_iter().map(marked).collect()
    }
}

const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Unsure => "unsure",
        Tone::Bad => "bad",
        Tone::Plain => "plain",
    }
}

/// Text in which no character is markup, in the content of an element or a quoted attribute.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}
