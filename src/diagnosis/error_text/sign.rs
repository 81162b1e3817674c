//! What a line says went wrong: by the number of the error, its name, or the words for it.

use super::line::Line;
use super::wording::{DENIED, ERROR, GIVEN_UP, IN_USE, SENTENCES};
use super::{other_cause, sql_server};

/// What a line says went wrong, before it is known what was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// `EADDRINUSE`.
    InUse,
    /// `EACCES`: of a port, or of anything else.
    Denied,
    /// `EADDRNOTAVAIL`: of an address to listen on, or of a port to connect from.
    NotAvailable,
    /// `ECONNREFUSED`.
    Refused,
    /// `ENOBUFS`, or no dynamic port left.
    NoRoom,
    /// A question that servers add to an error: "is another one running on port ...?".
    Hint,
    /// A port could not be had, without the reason.
    Unclear,
    /// Something that has nothing to do with ports.
    NotAPort,
}

/// A sign and how it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// The sign.
    pub sign: Sign,
    /// Whether it is Windows that speaks: there `WSAEACCES` has nothing to do with low ports.
    pub windows: bool,
    /// Whether the sign stands for itself; otherwise the line must also ask for a port, or be nothing but the error.
    pub certain: bool,
}

impl Found {
    pub(super) const fn sure(sign: Sign) -> Self {
        Self { sign, windows: false, certain: true }
    }
}

/// Finds the sign of a line. `has_port` tells whether the line names a port.
pub(super) fn find(line: &Line, has_port: bool) -> Option<Found> {
    sql_server::find(line)
        .or_else(|| hint(line, has_port).then(|| Found::sure(Sign::Hint)))
        .or_else(|| number_or_sentence(line))
        .or_else(|| (has_port && line.has_any(&IN_USE)).then(|| Found::sure(Sign::InUse)))
        .or_else(|| ((has_port || line.asks_for_port()) && line.has_any(&DENIED)).then(|| Found::sure(Sign::Denied)))
        .or_else(|| unclear(line, has_port).then(|| Found::sure(Sign::Unclear)))
        .or_else(|| other_cause::stands_in(line).then(|| Found::sure(Sign::NotAPort)))
}

/// Numbers say it more exactly; the words beside them make them more certain.
fn number_or_sentence(line: &Line) -> Option<Found> {
    match (number(line), sentence(line)) {
        (Some(number), Some(sentence)) if number.sign == sentence.sign => {
            Some(Found { certain: number.certain || sentence.certain, ..number })
        }
        (number, sentence) => number.or(sentence),
    }
}

/// PostgreSQL and MySQL ask this below the error itself, whatever the error was.
fn hint(line: &Line, has_port: bool) -> bool {
    has_port && line.has("?") && (line.has("another postmaster") || line.has("server running on port"))
}

fn unclear(line: &Line, has_port: bool) -> bool {
    line.has_any(&GIVEN_UP) || (has_port && line.asks_for_port() && line.tells_of_failure())
}

/// The numbers of Linux, macOS (48) and Winsock.
const fn meaning(number: u32) -> Option<Sign> {
    match number {
        48 | 98 | 10048 => Some(Sign::InUse),
        13 | 10013 => Some(Sign::Denied),
        99 | 10049 => Some(Sign::NotAvailable),
        111 | 10061 => Some(Sign::Refused),
        105 | 10055 => Some(Sign::NoRoom),
        _ => None,
    }
}

/// The number of an error, where it stands in the place of one.
fn number(line: &Line) -> Option<Found> {
    hexadecimal(line).or_else(|| decimal(line))
}

/// `0x2740`: no other number is written so beside these values. COM wraps them: `0x80072740`.
fn hexadecimal(line: &Line) -> Option<Found> {
    line.hexadecimals().find_map(|value| {
        let value = if value & 0xFFFF_0000 == 0x8007_0000 { value & 0xFFFF } else { value };
        let sign = if value >= 10000 { meaning(value) } else { None };
        sign.map(|sign| Found { sign, windows: true, certain: true })
    })
}

fn decimal(line: &Line) -> Option<Found> {
    line.numbers().find_map(|number| {
        let sign = number.text.parse().ok().and_then(meaning)?;
        let windows = number.text.len() == 5;
        let before = line.lower[..number.at].trim_end_matches([' ', ':', '=', '#', '(', '[', '\'', '"', '-']);
        let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if ERROR.contains(&word) {
            // "errno 98" can be nothing else; "error 98" is a phrase of people, too.
            return Some(Found { sign, windows, certain: word == "errno" || word == "winerror" || windows });
        }
        let after = &line.lower[number.at + number.text.len()..];
        if !line.lower[..number.at].ends_with('(') {
            return None;
        }
        // "(98: Address", "(98)Address", "in use (98)", "(10055)"; not the process number in "[ALERT] 071/1200 (98) : ".
        let closes = after.strip_prefix(')').is_some_and(|rest| {
            rest.starts_with(char::is_alphabetic) || (before.ends_with(char::is_alphabetic) && !rest.starts_with(" :")) || windows
        });
        (after.starts_with(':') || closes).then_some(Found { sign, windows, certain: windows })
    })
}

fn sentence(line: &Line) -> Option<Found> {
    let (sentence, sign) = SENTENCES.iter().find(|(sentence, _)| line.has(sentence))?;
    let at = line.lower.find(sentence)?;
    let before = line.lower[..at].trim_end();
    let after = line.lower[at + sentence.len()..].trim_matches(|c: char| !c.is_alphanumeric());
    let opens = before.is_empty() || before.ends_with([':', ']', ')', '>', '(', '\'', '-', '|', '=', '{']);
    let windows = line.has("wsae")
        || ["each socket address", "socketadresse", "in a way forbidden", "des sockets"].iter().any(|s| line.has(s));
    Some(Found { sign: *sign, windows, certain: opens || after.is_empty() || *sign == Sign::NoRoom })
}
