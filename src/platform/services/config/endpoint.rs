//! `address:port` as configuration files write it.

use std::net::{IpAddr, Ipv4Addr};

use crate::machine::Port;

/// The most ports of one range that are named.
const MOST: u16 = 64;

/// Reads `80`, `*:80`, `:80`, `0.0.0.0:80`, `[::]:80`, `:::80`, `localhost:80`, `tcp://host:80/`, and ranges like `*:8000-8010`.
///
/// `None` as address stands for every address, and for a name that only a resolver knows.
pub fn endpoints(text: &str) -> Vec<(Port, Option<IpAddr>)> {
    let text = text.trim_matches(['"', '\'']);
    let text = text.split_once("://").map_or(text, |(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
    let (host, ports) = text.rsplit_once(':').unwrap_or(("", text));
    if host.contains(['/', '=', ' ']) {
        return Vec::new();
    }
    let address = address(host);
    range(ports).into_iter().flat_map(|(first, last)| first..=last).take(usize::from(MOST)).map(|port| (port, address)).collect()
}

/// The address that a host part names.
pub fn address(host: &str) -> Option<IpAddr> {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if host == "localhost" { Some(IpAddr::V4(Ipv4Addr::LOCALHOST)) } else { host.parse().ok() }
}

/// `80` or `8000-8010`.
fn range(text: &str) -> Option<(Port, Port)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    port(first).zip(port(last)).filter(|(first, last)| first <= last)
}

/// A port in digits; zero is none.
pub fn port(text: &str) -> Option<Port> {
    text.parse().ok().filter(|port| *port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::endpoints;

    #[test]
    fn reads_every_way_to_write_it() {
        for (text, port, address) in [
            ("80", 80, None),
            ("*:80", 80, None),
            (":80", 80, None),
            ("0.0.0.0:80", 80, Some("0.0.0.0")),
            ("[::1]:80", 80, Some("::1")),
            (":::80", 80, Some("::")),
            ("localhost:80", 80, Some("127.0.0.1")),
            ("http://10.0.0.1:2379", 2379, Some("10.0.0.1")),
            ("PLAINTEXT://:9092", 9092, None),
            ("\"8080\"", 8080, None),
        ] {
            assert_eq!(endpoints(text), [(port, address.map(|a: &str| a.parse().unwrap()))], "{text}");
        }
    }

    #[test]
    fn reads_a_range_up_to_a_limit() {
        assert_eq!(endpoints("*:8000-8002").iter().map(|(port, _)| *port).collect::<Vec<_>>(), [8000, 8001, 8002]);
        assert_eq!(endpoints("1-65535").len(), 64);
    }

    #[test]
    fn other_text_has_no_port() {
        for text in ["", "0", "70000", "unix:/run/a.sock", "/run/a:80", "a b:80", "+80", "8010-8000", "name"] {
            assert!(endpoints(text).is_empty(), "{text}");
        }
    }
}
