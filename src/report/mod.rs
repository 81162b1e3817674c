//! The Case as a text for the ticket. Pure: a Case goes in, a text comes out.
//!
//! Every form for people is written from one [`Document`], which has passed the [`Redactor`]; JSON is the Case itself, and scripts hold the
//! commands of its plan.

mod csv;
mod document;
mod finding;
mod html;
mod markdown;
mod redaction;
mod script;

pub use document::{AnnexText, CheckText, ChecksText, Document, FactText, FixText, OwnerText, StepText, Tone};
pub use redaction::{Hidden, Hide, Kind, Redactor};

use script::Shell;

use crate::case::Case;
use crate::machine::{System, is_hidden, visible};

/// The form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// One page to read and print.
    #[default]
    Html,
    /// Text for a ticket.
    Markdown,
    /// The Case, which opens again.
    Json,
    /// A table for a spreadsheet.
    Csv,
    /// The commands for a POSIX shell.
    Shell,
    /// The commands for PowerShell.
    PowerShell,
}

impl Format {
    /// All forms.
    pub const ALL: [Self; 6] = [Self::Html, Self::Markdown, Self::Json, Self::Csv, Self::Shell, Self::PowerShell];

    /// The end of the file's name, without the full stop.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Shell => "sh",
            Self::PowerShell => "ps1",
        }
    }

    /// The form whose files end so, in any letter case.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension().eq_ignore_ascii_case(extension))
    }

    /// The form of a script for this system.
    pub const fn script_for(system: System) -> Self {
        match system {
            System::Linux => Self::Shell,
            System::Windows => Self::PowerShell,
        }
    }

    /// Whether values can be hidden in it. A script works only with the real names.
    pub const fn can_hide(self) -> bool {
        !matches!(self, Self::Shell | Self::PowerShell)
    }
}

/// A report, ready to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its text.
    pub text: String,
    /// The same as parts, for a form that is not read as it is written.
    pub document: Option<Document>,
    /// What is hidden in it, with the values: for the eyes of the one who makes it.
    pub hidden: Vec<Hidden>,
}

/// Writes the report of a Case.
pub fn report(case: &Case, format: Format, hide: &Hide) -> Report {
    let mut redactor = Redactor::of(case, hide.clone());
    let mut document = || Document::of(case, &mut redactor);
    let (text, document) = match format {
        Format::Html => {
            let document = document();
            (html::html(&document), Some(document))
        }
        Format::Markdown => (markdown::markdown(&document()), None),
        Format::Csv => (csv::csv(&document()), None),
        Format::Json => (json(case, &mut redactor), None),
        Format::Shell => (script::script(case, Shell::Posix), None),
        Format::PowerShell => (script::script(case, Shell::PowerShell), None),
    };
    Report { text, document, hidden: redactor.hidden() }
}

/// Writes the tables of a Case alone, under the name of what was asked for; as JSON the document that holds the same. Scripts have no tables.
pub fn tables(case: &Case, mut json: serde_json::Value, format: Format, hide: &Hide) -> Report {
    let mut redactor = Redactor::of(case, hide.clone());
    let mut document = || {
        let document = Document::of(case, &mut redactor);
        Document { title: visible(&case.target.asked), ..document }
    };
    let text = match format {
        Format::Html => html::tables(&document()),
        Format::Csv => csv::tables(&document()),
        Format::Json => {
            redactor.json(&mut json);
            without_hidden_characters(&format!("{json:#}\n"))
        }
        Format::Markdown | Format::Shell | Format::PowerShell => markdown::tables(&document()),
    };
    Report { text, document: None, hidden: redactor.hidden() }
}

/// The verdict with its evidence, to paste into a chat.
pub fn finding(case: &Case, hide: &Hide) -> String {
    finding::finding(&Document::of(case, &mut Redactor::of(case, hide.clone())))
}

/// The text in pieces, each with whether it is one of the words.
pub fn pieces<'a>(text: &'a str, words: &[String]) -> Vec<(&'a str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    while !rest.is_empty() {
        let end = |rest: &str| rest.find(|c: char| !part_of_word(c)).unwrap_or(rest.len());
        let plain = rest.find(part_of_word).unwrap_or(rest.len());
        let length = if plain > 0 { plain } else { end(rest) };
        let (piece, after) = rest.split_at(length);
        pieces.push((piece, plain == 0 && words.iter().any(|word| word == piece)));
        rest = after;
    }
    pieces
}

/// The Case as the JSON document of the promise.
fn json(case: &Case, redactor: &mut Redactor) -> String {
    let written = serde_json::to_value(case).and_then(|mut value| {
        redactor.json(&mut value);
        // Read again, so that what is saved is a Case beyond doubt.
        let mut shown: Case = serde_json::from_value(value)?;
        shown.redacted |= !redactor.hidden().is_empty();
        shown.to_json()
    });
    written.map_or_else(|error| format!("This case has no JSON form: {error}"), |text| without_hidden_characters(&text))
}

/// JSON in which every hidden character is written as its escape. Outside of its strings JSON has none but line breaks.
fn without_hidden_characters(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if is_hidden(character) && character != '\n' {
            let mut units = [0; 2];
            out.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(character);
        }
    }
    out
}
