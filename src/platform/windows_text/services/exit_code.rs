//! How a service ended, in words: the error numbers of Windows that services and the service control manager give.
//! <https://learn.microsoft.com/windows/win32/debug/system-error-codes--1000-1299-> and <https://learn.microsoft.com/windows/win32/winsock/windows-sockets-error-codes-2>

use super::record::{OWN_ERROR, Status};
use crate::evidence::port_error;
use crate::machine::FailureKind;

/// What an error number means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// Whether it is about a port.
    pub kind: FailureKind,
    /// The meaning, a sentence without a full stop.
    pub words: String,
}

impl Meaning {
    fn new(kind: FailureKind, words: impl Into<String>) -> Self {
        Self { kind, words: words.into() }
    }
}

/// What the end of a service means. A number of its own may be one of Windows, as with SQL Server; most others only its makers know.
pub fn of_status(status: &Status) -> Meaning {
    if status.exit_code != OWN_ERROR {
        return of_number(status.exit_code);
    }
    of_own_number(status.own_exit_code)
}

/// What a number means that a service has as its own.
pub fn of_own_number(number: u32) -> Meaning {
    match of_port(number) {
        Some(meaning) => meaning,
        None => Meaning::new(FailureKind::Unknown, format!("It ended with an error of its own, number {number}")),
    }
}

/// What a number of Windows means.
pub fn of_number(number: u32) -> Meaning {
    if let Some(meaning) = of_port(number) {
        return meaning;
    }
    let (kind, words) = match number {
        2 | 3 => (FailureKind::NotAPort, "A file or folder that it needs is not there"),
        5 => (FailureKind::NotAPort, "Access to something that it needs was denied"),
        87 => (FailureKind::NotAPort, "It was called with a parameter that is not right"),
        126 | 127 => (FailureKind::NotAPort, "A library that it needs is not there, or is another version"),
        193 | 216 => (FailureKind::NotAPort, "Its program is none that this Windows can run"),
        14 | 8 | 1455 => (FailureKind::NotAPort, "The computer had not enough memory for it"),
        1053 => (FailureKind::Unknown, "It did not answer in time when Windows started it"),
        1058 => (FailureKind::NotAPort, "It is disabled, or no device that it is for is there"),
        1064 => (FailureKind::NotAPort, "It crashed while Windows told it what to do"),
        1067 => (FailureKind::Unknown, "Its process ended unexpectedly"),
        1068 => (FailureKind::NotAPort, "A service that it needs could not be started"),
        1069 => (FailureKind::NotAPort, "Windows refused the account or password that it runs with"),
        1070 => (FailureKind::Unknown, "It hung while it was starting"),
        1075 => (FailureKind::NotAPort, "A service that it needs is not installed"),
        1079 => (FailureKind::NotAPort, "It shares a process with services that run with another account"),
        1297 => (FailureKind::NotAPort, "Its account lacks a right that it needs"),
        _ => return Meaning::new(FailureKind::Unknown, format!("It ended with error {}", shown(number))),
    };
    Meaning::new(kind, words)
}

/// The numbers of Winsock that tell of a port, also as COM and .NET wrap them: `0x80072740`.
fn of_port(number: u32) -> Option<Meaning> {
    let (number, kind) = port_error(number)?;
    let words = match kind {
        FailureKind::InUse => "Somebody else had the port that it asked for",
        FailureKind::Forbidden => "Windows did not let it have the port that it asked for",
        FailureKind::NotLocal => "The address that it asked for is not one of this computer",
        FailureKind::Exhausted => "No port or no room for another connection was left",
        _ => "What it wanted to connect to did not listen",
    };
    Some(Meaning::new(kind, format!("{words} (error {number})")))
}

/// The number that a service ended with, its own where it has one.
pub fn shown_of(status: &Status) -> String {
    shown(if status.exit_code == OWN_ERROR { status.own_exit_code } else { status.exit_code })
}

/// Small numbers are known as they are, large ones in hexadecimal.
fn shown(number: u32) -> String {
    if number > 0xFFFF { format!("{number:#010x}") } else { number.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::windows_text::services::record::testing::ended;

    #[test]
    fn numbers_of_ports_are_known_however_they_are_told() {
        assert_eq!(of_number(10048).kind, FailureKind::InUse);
        assert_eq!(of_number(0x8007_2740).kind, FailureKind::InUse);
        assert_eq!(of_own_number(10013).kind, FailureKind::Forbidden);
        let own = Status { own_exit_code: 10048, ..ended("MSSQLSERVER", OWN_ERROR).status };
        assert_eq!(of_status(&own).kind, FailureKind::InUse);
    }

    #[test]
    fn a_number_of_its_own_is_none_of_windows() {
        let own = Status { own_exit_code: 5, ..ended("A", OWN_ERROR).status };
        assert_eq!(of_status(&own), Meaning::new(FailureKind::Unknown, "It ended with an error of its own, number 5"));
        assert_eq!(of_status(&ended("A", 5).status).kind, FailureKind::NotAPort);
    }

    #[test]
    fn an_unknown_number_is_told_as_it_is() {
        assert_eq!(of_number(4711).words, "It ended with error 4711");
        assert_eq!(of_number(0xC000_0005).words, "It ended with error 0xc0000005");
    }
}
