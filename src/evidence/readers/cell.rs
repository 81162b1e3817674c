//! Addresses, ports and numbers as the cells of a table hold them.

use std::net::{IpAddr, Ipv6Addr};

use crate::evidence::fact::{Address, Names, Place, SocketRow};
use crate::evidence::page::Page;
use crate::machine::{Port, Protocol};

/// The longest name of a computer.
const LONGEST_NAME: usize = 253;

/// One end of a socket. What is not printed, or only as a name, is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct End {
    /// The address.
    pub address: Option<Address>,
    /// The port.
    pub port: Option<Port>,
}

/// Why a cell is no end of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoEnd {
    /// It does not look like one.
    OtherShape,
    /// It looks like one, but there is no such address.
    NoAddress,
    /// It looks like one, but there is no such port.
    NoPort,
}

impl NoEnd {
    /// Why, for people.
    pub const fn because(self) -> &'static str {
        match self {
            Self::OtherShape => "this row has no address with a port where one belongs",
            Self::NoAddress => "this row has something that looks like an address, but is none",
            Self::NoPort => "this row has a port that is not between 0 and 65535",
        }
    }
}

/// `10.0.0.1:80`, `[fe80::1%12]:1900`, `*:*`, and with names in place of numbers `web01:https`.
pub fn end(text: &str, page: &Page<'_>) -> Result<End, NoEnd> {
    let (host, port) = text.rsplit_once(':').ok_or(NoEnd::OtherShape)?;
    if host.is_empty() || port.is_empty() || !port.chars().all(|c| c.is_alphanumeric() || "*-_.+".contains(c)) {
        return Err(NoEnd::OtherShape);
    }
    Ok(End { address: address(host, page)?, port: self::port(port)? })
}

/// The row of a socket with these ends, of which nothing else is told. A star for every address is no remote end.
pub fn row(protocol: Protocol, (local, remote): (End, End), place: Place) -> SocketRow {
    SocketRow {
        protocol,
        local_addr: local.address,
        local_port: local.port,
        remote_addr: remote.address.filter(|address| *address != Address::Any),
        remote_port: remote.port,
        state: None,
        pid: None,
        process: None,
        services: Names::default(),
        place,
    }
}

/// An address in its own cell; `None` where it is empty or cut off.
pub fn address(text: &str, page: &Page<'_>) -> Result<Option<Address>, NoEnd> {
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    if bare == "*" {
        return Ok(Some(Address::Any));
    }
    if bare.is_empty() || bare.ends_with("...") || bare.ends_with('\u{2026}') {
        return Ok(None);
    }
    let (plain, zone) = bare.split_once('%').map_or((bare, None), |(plain, zone)| (plain, Some(zone)));
    match (plain.parse::<IpAddr>(), zone) {
        (Ok(ip), None | Some("0" | "")) => Ok(Some(Address::Ip(ip))),
        (Ok(ip), Some(zone)) => Ok(Some(Address::Zoned(Box::new((ip, page.name(zone)))))),
        (Err(_), _) if is_host_name(plain) => Ok(Some(Address::Name(page.name(plain)))),
        (Err(_), _) if plain.contains(':') && plain.parse::<Ipv6Addr>().is_err() => Err(NoEnd::NoAddress),
        (Err(_), _) => Err(if plain.contains(['.', ':']) { NoEnd::NoAddress } else { NoEnd::OtherShape }),
    }
}

/// Letters, digits, dots and dashes, and not only digits and dots.
fn is_host_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME
        && text.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
        && text.chars().any(char::is_alphabetic)
}

/// A port in its own cell; `None` where it is a name, `*` or empty.
pub fn port(text: &str) -> Result<Option<Port>, NoEnd> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| NoEnd::NoPort)
}

/// The number of a process.
pub fn pid(text: &str) -> Option<u32> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `TCP`, `udp`, `TCPV6`, `UDPv6`.
pub fn protocol(text: &str) -> Option<Protocol> {
    let text = text.trim();
    let plain = text.strip_suffix('6').map_or(text, |rest| rest.strip_suffix(['v', 'V']).unwrap_or(rest));
    Protocol::ALL.into_iter().find(|protocol| plain.eq_ignore_ascii_case(protocol.as_str()))
}
