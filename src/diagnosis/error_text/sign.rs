//! What a line says went wrong: by the number of the error, its name, or the words for it.

use super::line::Line;
use super::winsock::WINSOCK;
use super::wording::{DENIED, ERROR, GIVEN_UP, IN_USE, NO_RESERVATION, SENTENCES};
use super::{endpoint, other_cause, sql_server};

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
    /// What a program says after the error itself, about the same failure.
    Follows,
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
        // Tomcat's, where nothing listens for its shutdown.
        .or_else(|| (has_port && line.has("could not contact")).then(|| Found::sure(Sign::Refused)))
        .or_else(|| (has_port && line.has_any(&IN_USE)).then(|| Found::sure(Sign::InUse)))
        .or_else(|| (asks(line, has_port) && line.has_any(&DENIED)).then(|| Found::sure(Sign::Denied)))
        .or_else(|| unclear(line, has_port).then(|| Found::sure(Sign::Unclear)))
        .or_else(|| other_cause::stands_in(line).then(|| Found::sure(Sign::NotAPort)))
}

/// Whether the line is about a port: in any language a server names the address that it asks for.
fn asks(line: &Line, has_port: bool) -> bool {
    has_port || line.asks_for_port() || endpoint::names_an_address(line)
}

/// Numbers say it more exactly; the words beside them make them more certain.
fn number_or_sentence(line: &Line) -> Option<Found> {
    match (number(line).map(|(_, found)| found), sentence(line)) {
        (Some(number), Some(sentence)) if number.sign == sentence.sign => {
            Some(Found { certain: number.certain || sentence.certain, ..number })
        }
        (number, sentence) => number.or(sentence),
    }
}

/// PostgreSQL and MySQL ask this below the error itself, whatever the error was; only the names are the same in all languages.
fn hint(line: &Line, has_port: bool) -> bool {
    has_port && line.has_any(&["?", "？", "postmaster"]) && line.has_any(&["postmaster", "server running on port"])
}

fn unclear(line: &Line, has_port: bool) -> bool {
    // PostgreSQL says at its end in every language that it has no TCP/IP sockets.
    let has_none = || line.has("tcp/ip") && line.has_any(&["socket", "soquete", "сокет", "ソケット", "套接字", "소켓"]);
    line.has_any(&GIVEN_UP) || has_none() || (has_port && line.asks_for_port() && line.tells_of_failure())
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

/// What HTTP.sys says when it does not take the address of a site: those are numbers of files, which mean ports only there.
const fn meaning_for_http_sys(number: u32) -> Option<Sign> {
    match number {
        32 | 183 => Some(Sign::InUse),
        5 => Some(Sign::Denied),
        _ => None,
    }
}

/// The number of an error, where it stands in the place of one.
pub(super) fn number(line: &Line) -> Option<(u32, Found)> {
    hexadecimal(line).or_else(|| decimal(line))
}

/// `0x2740`: no other number is written so beside these values. COM wraps them: `0x80072740`.
fn hexadecimal(line: &Line) -> Option<(u32, Found)> {
    line.hexadecimals().find_map(|value| {
        let wrapped = value & 0xFFFF_0000 == 0x8007_0000;
        let value = if wrapped { value & 0xFFFF } else { value };
        let sign = match value {
            10000.. => meaning(value),
            // Windows' part for the networks of containers words it with the numbers of files, too.
            _ if (wrapped && line.has("://")) || line.has("hnscall failed") => meaning_for_http_sys(value),
            _ => None,
        };
        sign.map(|sign| (value, Found { sign, windows: true, certain: true }))
    })
}

fn decimal(line: &Line) -> Option<(u32, Found)> {
    line.numbers().find_map(|number| {
        let value = number.text.parse().ok()?;
        // .NET names the error of HTTP.sys behind the class: "HttpListenerException (32): ...".
        let of_http_sys =
            ["httplistenerexception (", "httpsysexception ("].iter().any(|class| line.lower[..number.at].ends_with(class));
        if of_http_sys && let Some(sign) = meaning_for_http_sys(value) {
            return Some((value, Found { sign, windows: true, certain: true }));
        }
        let sign = meaning(value)?;
        let windows = number.text.len() == 5;
        let before = line.lower[..number.at].trim_end_matches([' ', ':', '=', '#', '(', '[', '\'', '"', '-']);
        let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if ERROR.contains(&word) {
            // "errno 98" can be nothing else; "error 98" is a phrase of people, too.
            return Some((value, Found { sign, windows, certain: word == "errno" || word == "winerror" || windows }));
        }
        let after = &line.lower[number.at + number.text.len()..];
        // Windows ends with it in every language: "A service specific error occurred: 10048."
        if windows && after.trim_end() == "." && line.lower[..number.at].ends_with(": ") {
            return Some((value, Found { sign, windows, certain: true }));
        }
        if !line.lower[..number.at].ends_with('(') {
            return None;
        }
        // "(98: Address", "(98)Address", "in use (98)", "(10055)"; not the process number in "[ALERT] 071/1200 (98) : ".
        let closes = after.strip_prefix(')').is_some_and(|rest| {
            let opens = line.lower[..number.at].ends_with(": (") && rest.trim_start().starts_with(char::is_alphabetic);
            opens
                || rest.starts_with(char::is_alphabetic)
                || (before.ends_with(char::is_alphabetic) && !rest.starts_with(" :"))
                || (line.connects() && rest.is_empty())
                || windows
        });
        (after.starts_with(':') || closes).then_some((value, Found { sign, windows, certain: windows }))
    })
}

fn sentence(line: &Line) -> Option<Found> {
    if let Some((_, sign)) = WINSOCK.iter().find(|(sentence, _)| line.has(sentence)) {
        return Some(Found { sign: *sign, windows: true, certain: true });
    }
    let (sentence, sign) = SENTENCES.iter().find(|(sentence, _)| line.has(sentence))?;
    let at = line.lower.find(sentence)?;
    let before = line.lower[..at].trim_end();
    let after = line.lower[at + sentence.len()..].trim_matches(|c: char| !c.is_alphanumeric());
    let opens = before.is_empty() || before.ends_with([':', ']', ')', '>', '(', '\'', '-', '|', '=', '{']);
    let windows = line.has("wsae") || *sentence == NO_RESERVATION;
    Some(Found { sign: *sign, windows, certain: opens || after.is_empty() || *sign == Sign::NoRoom })
}
