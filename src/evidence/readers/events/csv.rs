//! Events that Event Viewer saved as CSV or as text with tabs: level, date, source, number, category and, without a heading, the text.

use csv::StringRecord;

use super::{Event, Log, Page, Problem, Reading, Taken};
use crate::evidence::kind::Kind;
use crate::evidence::page::number;
use crate::evidence::readers::delimited::Rows;

const DATE: usize = 1;
const SOURCE: usize = 2;
const ID: usize = 3;
const TEXT: usize = 5;
/// Five have a heading.
const HEADINGS: usize = 5;

/// Reads the rows below five headings.
pub fn csv(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let separator = separator(page.line(at), page.line(at + 1))?;
    let mut log = Log::default();
    let mut rows = Rows::new(page, at + 1, separator);
    let mut row = StringRecord::new();
    let mut next = at + 1;
    while let Some(lines) = rows.read(&mut row) {
        next = lines.end.max(next);
        let Some(id) = row.get(ID).and_then(|id| id.parse().ok()) else {
            let because = "this row has no number of an event in its fourth column".to_owned();
            problems.push(Problem { line: Some(number(lines.start)), because });
            continue;
        };
        let event = Event {
            provider: row[SOURCE].to_owned(),
            id,
            time: None,
            computer: None,
            data: Vec::new(),
            binary: Vec::new(),
            message: row.get(TEXT).map(|text| text.trim().to_owned()),
        };
        log.add(&event, row.get(DATE), page.places(lines.clone()), page.places(lines));
    }
    log.tell(reading);
    Some(Taken { lines: next - at, kind: Kind::EventViewerCsv })
}

/// What separates the columns, where these are the headings and the first row.
fn separator(heading: &str, row: &str) -> Option<u8> {
    b",\t;".iter().copied().find(|separator| {
        let separator = &char::from(*separator);
        let headings = heading.split(*separator).count();
        let id = row.splitn(HEADINGS + 1, *separator).nth(ID);
        (headings == HEADINGS || headings == HEADINGS + 1)
            && heading.split(*separator).nth(ID).is_some_and(|heading| heading.trim_matches('"').parse::<u32>().is_err())
            && id.is_some_and(|id| id.trim_matches('"').parse::<u16>().is_ok())
            && row.matches(*separator).count() >= HEADINGS - 1
            && row.split(*separator).nth(DATE).is_some_and(is_date)
    })
}

/// A date with a time: three numbers, then two or three more.
pub(super) fn is_date(text: &str) -> bool {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).count();
    (5..=7).contains(&numbers) && text.contains([':', '.'])
}
