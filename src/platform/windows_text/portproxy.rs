//! The rules of `netsh interface portproxy`, as the registry keeps them: a value `address/port` that says `address/port`.

use crate::machine::{Family, Port, PortproxyRule};

/// The families of a kind of rule, listening and connecting.
pub type Kind = (Family, Family);

/// The kinds of rules.
pub const KINDS: [Kind; 4] =
    [(Family::Ipv4, Family::Ipv4), (Family::Ipv4, Family::Ipv6), (Family::Ipv6, Family::Ipv4), (Family::Ipv6, Family::Ipv6)];

/// The key with the rules of a kind, below `HKEY_LOCAL_MACHINE`.
pub const fn key(kind: Kind) -> &'static str {
    match kind {
        (Family::Ipv4, Family::Ipv4) => r"SYSTEM\CurrentControlSet\Services\PortProxy\v4tov4\tcp",
        (Family::Ipv4, Family::Ipv6) => r"SYSTEM\CurrentControlSet\Services\PortProxy\v4tov6\tcp",
        (Family::Ipv6, Family::Ipv4) => r"SYSTEM\CurrentControlSet\Services\PortProxy\v6tov4\tcp",
        (Family::Ipv6, Family::Ipv6) => r"SYSTEM\CurrentControlSet\Services\PortProxy\v6tov6\tcp",
    }
}

/// The rule of a value; `None` where it is none.
pub fn rule((listen_family, connect_family): Kind, name: &str, data: &str) -> Option<PortproxyRule> {
    let (listen_address, listen_port) = end(name)?;
    let (connect_address, connect_port) = end(data)?;
    Some(PortproxyRule { listen_family, listen_address, listen_port, connect_family, connect_address, connect_port })
}

fn end(text: &str) -> Option<(String, Port)> {
    let (address, port) = text.trim().rsplit_once('/')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    (!address.is_empty()).then(|| (address.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::machine::Family;

    #[test]
    fn a_value_of_the_registry_is_a_rule() {
        let kind = (Family::Ipv4, Family::Ipv6);
        let found = rule(kind, "*/8080", "fd00::5/80").unwrap();
        assert_eq!((found.listen_address.as_str(), found.listen_port), ("*", 8080));
        assert_eq!((found.connect_address.as_str(), found.connect_port), ("fd00::5", 80));
        assert_eq!(found.kind(), "v4tov6");
        assert_eq!(rule(kind, "10.0.0.5/80", "srv1/443").unwrap().connect_address, "srv1");
    }

    #[test]
    fn other_values_are_none() {
        let kind = (Family::Ipv4, Family::Ipv4);
        for (name, data) in [("", ""), ("*/0", "a/1"), ("*/80", "a"), ("/80", "a/1"), ("*/80", "/1"), ("*/70000", "a/1")] {
            assert_eq!(rule(kind, name, data), None, "{name} {data}");
        }
    }
}
