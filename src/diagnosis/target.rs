//! What the user names: a port, a service or an error text.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::read_error_text;
use crate::machine::{FailureKind, Port, Protocol};

/// What the user names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A port; without a protocol both are looked at, TCP first.
    Port {
        /// The port.
        port: Port,
        /// The protocol, where it was named.
        protocol: Option<Protocol>,
    },
    /// The name of a service, unit or product.
    Name(String),
    /// A pasted error text or log line.
    ErrorText(String),
}

/// A text that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was given.
    #[error("no target was given; {HELP}")]
    Empty,
    /// A number that is no port, or a protocol that has none.
    #[error("\"{0}\" is not a port: ports go from 1 to 65535, alone or with /tcp or /udp; {HELP}")]
    NotAPort(String),
    /// A character that no service name has.
    #[error("\"{0}\" is neither a port nor a service name; {HELP}")]
    NotAName(String),
}

const HELP: &str = "a target is a port (1433, 53/udp), a service (nginx, postgresql.service) or an error text in quotes";

impl Target {
    /// Reads a target in the order of the promise: port, then name, then error text.
    ///
    /// # Errors
    /// Every malformed port (`0`, `70000`, `-5`, `1433/sctp`, the empty text) and every other text that names nothing.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        if looks_like_a_port(text) {
            return parse_port(text).ok_or_else(|| TargetError::NotAPort(text.to_owned()));
        }
        let known_error = read_error_text(text).is_some_and(|error| error.kind != FailureKind::Unknown);
        if known_error || text.contains(|c: char| c.is_whitespace() || c == ':') {
            return Ok(Self::ErrorText(text.to_owned()));
        }
        // What systemd and Windows allow in a name; a leading '-' would be an option to the tools that get it.
        let fits = text.chars().all(|c| c.is_alphanumeric() || "-_.@\\$".contains(c));
        if fits && !text.starts_with('-') && text.len() <= 256 {
            Ok(Self::Name(text.to_owned()))
        } else {
            Err(TargetError::NotAName(text.to_owned()))
        }
    }
}

/// Digits, a signed number, or one of these before a `/`: meant as a port, right or wrong.
fn looks_like_a_port(text: &str) -> bool {
    // A log line may begin with a date: 2024/03/12 10:41:22.
    if text.contains(char::is_whitespace) {
        return false;
    }
    let number = text.split_once('/').map_or(text, |(number, _)| number);
    let digits = number.strip_prefix(['-', '+']).unwrap_or(number);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn parse_port(text: &str) -> Option<Target> {
    let (number, protocol) = match text.split_once('/') {
        None => (text, None),
        Some((number, name)) if name.eq_ignore_ascii_case("tcp") => (number, Some(Protocol::Tcp)),
        Some((number, name)) if name.eq_ignore_ascii_case("udp") => (number, Some(Protocol::Udp)),
        Some(_) => return None,
    };
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let port = number.parse().ok().filter(|port| *port > 0)?;
    Some(Target::Port { port, protocol })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port { port, protocol: None } => write!(f, "{port}"),
            Self::Port { port, protocol: Some(protocol) } => write!(f, "{port}/{}", protocol.as_str()),
            Self::Name(text) | Self::ErrorText(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Target, TargetError};
    use crate::machine::Protocol;

    #[test]
    fn digits_are_a_port() {
        assert_eq!(Target::parse("1433"), Ok(Target::Port { port: 1433, protocol: None }));
        assert_eq!(Target::parse(" 53/UDP "), Ok(Target::Port { port: 53, protocol: Some(Protocol::Udp) }));
    }

    #[test]
    fn a_malformed_port_is_never_taken_for_a_name() {
        for text in ["0", "70000", "-5", "+80", "1433/sctp", "1433/", "99999999999999999999"] {
            assert!(matches!(Target::parse(text), Err(TargetError::NotAPort(_))), "{text}: {:?}", Target::parse(text));
        }
        for text in ["", "   "] {
            assert_eq!(Target::parse(text), Err(TargetError::Empty));
        }
    }

    #[test]
    fn service_names_are_names() {
        for text in ["nginx", "postgresql@15-main.service", "MSSQL$SQLEXPRESS", "web.socket", r"dev-disk\x2dby.device"] {
            assert_eq!(Target::parse(text), Ok(Target::Name(text.to_owned())));
        }
    }

    #[test]
    fn what_could_be_an_option_or_a_path_is_no_name() {
        for text in ["--now", "-H", "../etc/passwd", "a/b", "nginx;reboot", "a\"b"] {
            assert!(matches!(Target::parse(text), Err(TargetError::NotAName(_))), "{text}");
        }
    }

    #[test]
    fn a_text_with_a_blank_or_colon_is_an_error_text() {
        for text in ["listen tcp :8080: bind: address already in use", "SQL Server", "bind:8080", "2024/03/12 10:41:22 [emerg] x"]
        {
            assert_eq!(Target::parse(text), Ok(Target::ErrorText(text.to_owned())));
        }
    }
}
