//! The number or name of an error that says it best.

use super::line::Line;
use super::sign::{self, Found, Sign};
use super::sql_server;
use super::wording::NO_RESERVATION;

/// A code and how much it tells: the lower the rank, the more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    pub rank: u8,
    pub text: String,
}

const NAMES: [&str; 5] = ["eaddrinuse", "eacces", "eaddrnotavail", "econnrefused", "enobufs"];

/// Java's exceptions, which have no number.
const EXCEPTIONS: [(&str, &str); 2] = [("bindexception", "BindException"), ("connectexception", "ConnectException")];

/// The code of a line that has a sign.
pub(super) fn of(line: &Line, found: Found) -> Option<Code> {
    let code = |rank, text: String| Some(Code { rank, text });
    if let Some(number) = sql_server::number(line) {
        return code(if found.sign == Sign::Follows { 4 } else { 0 }, number.to_string());
    }
    if let Some(name) = NAMES.iter().find(|name| line.has(name)) {
        return code(1, name.to_ascii_uppercase());
    }
    if let Some((number, _)) = sign::number(line).filter(|(_, other)| other.sign == found.sign) {
        return code(2, number.to_string());
    }
    if let Some((_, name)) = EXCEPTIONS.iter().find(|(word, _)| line.has(word)) {
        return code(3, (*name).to_owned());
    }
    if found.windows && !line.has(NO_RESERVATION) {
        return code(3, winsock(found.sign)?.to_owned());
    }
    status(line).and_then(|status| code(5, status))
}

/// The number that Windows has for the sentence.
const fn winsock(sign: Sign) -> Option<&'static str> {
    match sign {
        Sign::InUse => Some("10048"),
        Sign::Denied => Some("10013"),
        Sign::NotAvailable => Some("10049"),
        Sign::Refused => Some("10061"),
        Sign::NoRoom => Some("10055"),
        Sign::Hint | Sign::Unclear | Sign::Follows | Sign::NotAPort => None,
    }
}

/// Docker Desktop: `/forwards/expose returned unexpected status: 500`.
fn status(line: &Line) -> Option<String> {
    let at = line.lower.find("unexpected status: ")? + "unexpected status: ".len();
    let digits: String = line.lower[at..].chars().take_while(char::is_ascii_digit).collect();
    (digits.len() == 3).then_some(digits)
}
