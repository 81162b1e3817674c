//! IP and MAC addresses in a text.

use std::net::IpAddr;

use super::super::json::number_of_stand_in;
use super::{Kind, Place};

/// The address that begins at `at`, where no letter or digit stands before.
pub fn at(text: &str, at: usize) -> Option<Place> {
    // Part of a longer number with dots, as in 1.2.10.0.0.5, or of a name in a program, as in std::fs.
    if text[..at].ends_with(['.', ':'])
        && text[..at].chars().rev().nth(1).is_some_and(char::is_alphanumeric)
        && !is_after_label(text, at)
    {
        return None;
    }
    let rest = &text[at..];
    v4(rest).or_else(|| dashed(rest)).or_else(|| colons(rest)).map(|(key, length)| Place::new(Kind::Address, key, length))
}

/// Whether the colon before is that of a label, as in `src:10.0.0.5` or `tcp:10.0.0.5`, and not one within an IPv6 address.
fn is_after_label(text: &str, at: usize) -> bool {
    let head = &text[..at];
    head.ends_with(':') && !head.ends_with("::") && v4(&text[at..]).is_some()
}

/// Word and bytes of an address that is to be hidden.
fn private(ip: IpAddr, length: usize) -> Option<(String, usize)> {
    let ip = ip.to_canonical();
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast() || ip.octets()[0] == 255);
    (!ip.is_loopback() && !ip.is_unspecified() && !ip.is_multicast() && !broadcast).then(|| (ip.to_string(), length))
}

fn v4(text: &str) -> Option<(String, usize)> {
    let length = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    if text[length..].starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let number = text[..length].trim_end_matches('.');
    private(IpAddr::V4(number.parse().ok()?), number.len())
}

/// As clouds write it into names: `ip-10-0-0-5`.
fn dashed(text: &str) -> Option<(String, usize)> {
    let rest = text.strip_prefix("ip-")?;
    let length = rest.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(rest.len());
    let number = rest[..length].trim_end_matches('-');
    private(IpAddr::V4(number.replace('-', ".").parse().ok()?), 3 + number.len())
}

/// IPv6, or a MAC address.
fn colons(text: &str) -> Option<(String, usize)> {
    let length = text.find(|c: char| !(c.is_ascii_hexdigit() || matches!(c, ':' | '.'))).unwrap_or(text.len());
    if text[length..].starts_with(char::is_alphanumeric) {
        return mac(text);
    }
    let mut candidate = &text[..length];
    // A colon or full stop of the sentence; an address ends with a digit or with "::".
    while candidate.matches(':').count() >= 2 {
        if let Ok(ip) = candidate.parse() {
            return private(IpAddr::V6(ip), candidate.len());
        }
        let Some(shorter) = candidate.strip_suffix([':', '.']) else { break };
        candidate = shorter;
    }
    mac(text)
}

/// `00:1a:2b:3c:4d:5e`, also with hyphens.
fn mac(text: &str) -> Option<(String, usize)> {
    const LENGTH: usize = 17;
    let mac = text.get(..LENGTH)?;
    let sign = mac.chars().nth(2).filter(|sign| matches!(sign, ':' | '-'))?;
    let pairs: Vec<&str> = mac.split(sign).collect();
    let pair = |pair: &&str| pair.len() == 2 && pair.chars().all(|c| c.is_ascii_hexdigit());
    let ends = text[LENGTH..].chars().next().is_none_or(|next| !next.is_alphanumeric() && next != sign);
    let tells_nothing = pairs.iter().all(|pair| *pair == "00") || pairs.iter().all(|pair| pair.eq_ignore_ascii_case("ff"));
    (pairs.len() == 6 && pairs.iter().all(pair) && ends && !tells_nothing).then(|| (mac.to_lowercase().replace('-', ":"), LENGTH))
}

/// The word for which an address stands that an earlier redaction put here.
pub fn word_of_stand_in(text: &str) -> Option<String> {
    let ip = text.parse::<std::net::SocketAddr>().map(|end| end.ip()).or_else(|_| text.parse::<IpAddr>()).ok()?;
    number_of_stand_in(ip).map(|number| format!("address-{number}"))
}

#[cfg(test)]
mod tests {
    use super::super::super::boundary;
    use super::*;

    fn all(text: &str) -> Vec<&str> {
        let starts = text.char_indices().map(|(start, _)| start);
        let mut found: Vec<&str> = Vec::new();
        let mut end = 0;
        for start in starts {
            if start >= end
                && boundary::before(text, start)
                && let Some(place) = at(text, start)
            {
                end = start + place.length;
                found.push(&text[start..end]);
            }
        }
        found
    }

    #[test]
    fn addresses_are_found_in_every_form() {
        let cases = [
            ("10.20.0.15:5432 to [fe80::1%eth0]:53.", vec!["10.20.0.15", "fe80::1"]),
            ("ip-10-0-0-5.internal, 2001:db8::5: gone", vec!["ip-10-0-0-5", "2001:db8::5"]),
            ("::ffff:10.0.0.5 src:10.0.0.6", vec!["::ffff:10.0.0.5", "10.0.0.6"]),
            ("mac 00:1A:2b:3c:4d:5e, 00-1a-2b-3c-4d-5e", vec!["00:1A:2b:3c:4d:5e", "00-1a-2b-3c-4d-5e"]),
            ("addr=192.168.1.7/24.", vec!["192.168.1.7"]),
        ];
        for (text, wanted) in cases {
            assert_eq!(all(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_of_this_network_stays() {
        for text in [
            "127.0.0.1:80 0.0.0.0:80 [::1]:53 [::]:53 255.255.255.255 224.0.0.251",
            "09:47:59 and 2026-11-20T03:14:10Z",
            "std::fs::read, version 5.4.5",
            "ports 1024-15000, 300.1.2.3, 1.2.3.4.5",
        ] {
            assert_eq!(all(text), Vec::<&str>::new(), "{text}");
        }
    }
}
