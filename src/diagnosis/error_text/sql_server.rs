//! SQL Server's ERRORLOG, which is written in the language of the server: only its numbers can be relied on.

use super::line::Line;
use super::sign::{Found, Sign};

/// Finds the sign of an ERRORLOG line.
///
/// The numbers: <https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-17182-database-engine-error>.
pub(super) fn find(line: &Line) -> Option<Found> {
    if line.has("tdssniclient") {
        return client_initialisation(line);
    }
    header(&line.lower).and_then(meaning).map(Found::sure)
}

/// `TDSSNIClient ... error 0x2740, status code 0xa`: the status tells which part went wrong, 0x80 being encryption.
fn client_initialisation(line: &Line) -> Option<Found> {
    let mut numbers = line.hexadecimals();
    let (error, status) = (numbers.next()?, numbers.next()?);
    let sign = match (error, status) {
        (_, 0x80) => Sign::NotAPort,
        (0x2740, _) => Sign::InUse,
        (0x271D, _) => Sign::Denied,
        (0x2741, _) => Sign::NotAvailable,
        (_, 0xA) => Sign::Unclear,
        _ => return None,
    };
    Some(Found { sign, windows: true, certain: true })
}

const fn meaning(number: u32) -> Option<Sign> {
    match number {
        26023 | 9692 => Some(Sign::InUse),
        26024 | 26040 => Some(Sign::Unclear),
        // The server says so at the end whatever the reason was, encryption also.
        17120 | 17182 | 17826 => Some(Sign::Follows),
        // Certificates and encryption; 26058 is "no port is configured".
        26010..=26017 | 26058 => Some(Sign::NotAPort),
        _ => None,
    }
}

/// The number of a line that begins an error.
pub(super) fn number(line: &Line) -> Option<u32> {
    header(&line.lower)
}

/// The number of `Error: 26023, Severity: 16, State: 1.`, in any language.
fn header(text: &str) -> Option<u32> {
    let mut parts = text.trim_end().trim_end_matches('.').rsplit(", ");
    let number = |part: &str| part.rsplit_once(':').and_then(|(_, number)| number.trim().parse::<u32>().ok());
    let (_state, _severity) = (number(parts.next()?)?, number(parts.next()?)?);
    let error = number(parts.next()?)?;
    parts.next().is_none().then_some(error)
}
