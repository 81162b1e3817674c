//! Small pieces of sentences that every room of diagnosis and remedy writes alike.

use crate::machine::{Port, PortRange, Protocol};

/// The port as it stands in a sentence, in which TCP goes without saying: `port 1433`, or `UDP port 53`.
pub(crate) fn port_name(port: Port, protocol: Protocol) -> String {
    match protocol {
        Protocol::Tcp => format!("port {port}"),
        Protocol::Udp => format!("UDP port {port}"),
    }
}

/// `1024–15000`, with the dash of prose.
pub(crate) fn span(range: PortRange) -> String {
    range.to_string().replace('-', "–")
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

/// How long something that was to last so many milliseconds goes on: `1 more second`, `59 more seconds`.
pub(crate) fn more_seconds(milliseconds: u32) -> String {
    match milliseconds.div_ceil(1000) {
        1 => "1 more second".to_owned(),
        seconds => format!("{seconds} more seconds"),
    }
}

/// The text with its first letter in upper case.
pub(crate) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::{capital, list};

    #[test]
    fn the_last_of_several_is_joined_with_and() {
        let said = |items: &[&str]| list(&items.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!([said(&[]), said(&["a"]), said(&["a", "b"]), said(&["a", "b", "c"])], ["", "a", "a and b", "a, b and c"]);
    }

    #[test]
    fn only_the_first_letter_grows() {
        assert_eq!([capital(""), capital("the port of DNS"), capital("ä b")], ["", "The port of DNS", "Ä b"]);
    }
}
