//! The ports that were typed: one, a range, or several of both.

use crate::diagnosis::wording::capital;
use crate::machine::{PortRange, PortSet, Protocol};
use crate::remedy::MAX_STEPS;

/// Reads `1433, 5000-5010` or `53/udp`: the ports, and the protocol where one is named. The empty text is no port and no mistake.
///
/// # Errors
/// What is wrong with it, as a sentence without its full stop.
pub fn read(text: &str) -> Result<(PortSet, Option<Protocol>), String> {
    let text = text.replace(['\u{2013}', '\u{2212}'], "-");
    let mut ranges = Vec::new();
    let mut protocol = None;
    for part in parts(&text) {
        let (range, own) = PortRange::parse_with_protocol(&part).map_err(|error| capital(&error.to_string()))?;
        if own.is_some() && protocol.is_some() && own != protocol {
            return Err("Ports of TCP and of UDP are looked at one after the other; name one protocol".to_owned());
        }
        protocol = own.or(protocol);
        ranges.push(range);
    }
    let ports: PortSet = ranges.into_iter().collect();
    let blocks = ports.ranges().len();
    if blocks > MAX_STEPS {
        return Err(format!("These are {blocks} blocks of ports; {MAX_STEPS} are the most at once"));
    }
    Ok((ports, protocol))
}

/// What stands between commas, semicolons and blanks. A blank beside a dash does not divide.
fn parts(text: &str) -> Vec<String> {
    text.split([',', ';']).flat_map(words).collect()
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(last) if last.ends_with('-') || word.starts_with('-') => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::machine::Protocol;

    fn ports(text: &str) -> String {
        read(text).map_or_else(|why| why, |(ports, _)| ports.to_string())
    }

    #[test]
    fn several_ports_and_blocks_are_read_however_they_are_divided() {
        for text in ["1433, 5000-5010", "1433,5000-5010,", "5000 - 5010 1433", "1433; 5000\u{2013}5010", " 1433  5000 -5010 "] {
            assert_eq!(ports(text), "1433,5000-5010", "{text:?}");
        }
        assert_eq!(ports("80, 81"), "80-81", "neighbours are one block");
        assert_eq!(ports("  "), "");
    }

    #[test]
    fn one_protocol_may_be_named() {
        assert_eq!(read("53/udp").unwrap().1, Some(Protocol::Udp));
        assert_eq!(read("53/UDP, 5353").unwrap().1, Some(Protocol::Udp));
        assert!(ports("53/udp, 80/tcp").contains("one after the other"));
    }

    #[test]
    fn the_part_that_is_wrong_is_named() {
        assert!(ports("1433, 70000").contains("this is \"70000\""));
        assert!(ports("1433, -5").contains("this is \"-5\""));
        assert!(ports("9-8").contains("ends before it starts"));
        assert!(ports("1433, nginx").contains("\"nginx\""));
        assert!(ports("53/sctp").contains("names no protocol"));
    }

    #[test]
    fn no_more_blocks_than_a_plan_has_steps() {
        let many: Vec<String> = (1..=49).map(|port: u16| (port * 2).to_string()).collect();
        assert!(ports(&many.join(",")).contains("49 blocks"));
        assert_eq!(read(&many[..48].join(" ")).unwrap().0.count(), 48);
    }
}
