//! Events about ports that are known by their provider and number, as Microsoft documents them. Their texts have any language; a URL or an
//! address in them tells the port.

use crate::evidence::windows_event::Event;
use crate::machine::{FailureKind, Port, Protocol};

/// What an event tells about a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub product: Option<String>,
    pub port: Option<Port>,
    pub protocol: Option<Protocol>,
    /// The number that says it best.
    pub code: String,
    pub cause: FailureKind,
}

/// A known event.
struct Known {
    /// Names of its provider in small letters.
    providers: &'static [&'static str],
    id: u32,
    product: &'static str,
    protocol: Option<Protocol>,
    /// What it means where it has no error number.
    cause: FailureKind,
}

const TCPIP: &[&str] = &["tcpip", "tcpip6", "microsoft-windows-tcpip"];
const HTTP: &[&str] = &["microsoft-windows-httpevent", "httpevent", "http"];
const W3SVC: &[&str] = &["microsoft-windows-iis-w3svc", "w3svc"];
const DNS: &[&str] = &["microsoft-windows-dns-server-service", "dns"];
const WINRM: &[&str] = &["microsoft-windows-winrm", "winrm"];
const TCP: Option<Protocol> = Some(Protocol::Tcp);
const UDP: Option<Protocol> = Some(Protocol::Udp);

const KNOWN: [Known; 11] = [
    Known { providers: TCPIP, id: 4227, product: "tcpip", protocol: TCP, cause: FailureKind::Exhausted },
    Known { providers: TCPIP, id: 4231, product: "tcpip", protocol: TCP, cause: FailureKind::Exhausted },
    Known { providers: TCPIP, id: 4266, product: "tcpip", protocol: UDP, cause: FailureKind::Exhausted },
    Known { providers: HTTP, id: 15005, product: "http.sys", protocol: TCP, cause: FailureKind::Unknown },
    Known { providers: W3SVC, id: 1004, product: "iis", protocol: TCP, cause: FailureKind::Unknown },
    Known { providers: W3SVC, id: 1007, product: "iis", protocol: TCP, cause: FailureKind::InUse },
    Known { providers: DNS, id: 404, product: "dns-server", protocol: TCP, cause: FailureKind::Unknown },
    Known { providers: DNS, id: 407, product: "dns-server", protocol: UDP, cause: FailureKind::Unknown },
    Known { providers: DNS, id: 408, product: "dns-server", protocol: None, cause: FailureKind::Unknown },
    Known { providers: WINRM, id: 10128, product: "winrm", protocol: TCP, cause: FailureKind::Unknown },
    Known { providers: WINRM, id: 10129, product: "winrm", protocol: TCP, cause: FailureKind::Unknown },
];

/// What a known event tells.
pub fn read(event: &Event) -> Option<Told> {
    let provider = event.provider.to_lowercase();
    let known = KNOWN.iter().find(|known| known.id == event.id && known.providers.contains(&provider.as_str()))?;
    let texts = || event.data.iter().chain(&event.message);
    Some(Told {
        product: Some(known.product.to_owned()),
        port: texts().find_map(|text| port_in(text)),
        protocol: known.protocol,
        code: event.id.to_string(),
        cause: cause_in(&event.binary).unwrap_or(known.cause),
    })
}

/// The port of the first URL or address in a text: `http://*:80/`, `127.0.0.1:10000`, `[::]:443`.
fn port_in(text: &str) -> Option<Port> {
    text.split(|c: char| c.is_whitespace() || "()'\"<>,;\u{3002}".contains(c)).find_map(|word| {
        let (is_url, host) = match word.split_once("://") {
            Some((_, rest)) => (true, rest.split('/').next().unwrap_or_default()),
            None => (false, word),
        };
        let (address, port) = host.trim_end_matches(['.', ':']).rsplit_once(':')?;
        let is_address =
            is_url || address.parse::<std::net::IpAddr>().is_ok() || address.starts_with('[') && address.ends_with(']');
        port.parse().ok().filter(|port| is_address && *port > 0)
    })
}

/// The cause that the error number in the raw data means: the last one of Windows, Winsock or the kernel.
fn cause_in(binary: &[u8]) -> Option<FailureKind> {
    let number = |word: &[u8]| word.iter().rev().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    binary.chunks_exact(4).rev().map(number).find_map(|number| match number {
        // A sharing violation, an object that is there already, an address that is.
        32 | 183 | 0xC000_0043 | 0xC000_0035 | 0xC000_020A => Some(FailureKind::InUse),
        5 | 0xC000_0022 => Some(FailureKind::Forbidden),
        number => crate::evidence::port_error(number).map(|(_, kind)| kind),
    })
}

#[cfg(test)]
mod tests {
    use super::{cause_in, port_in};
    use crate::machine::FailureKind;

    #[test]
    fn the_port_is_that_of_a_url_or_an_address() {
        assert_eq!(port_in("for 127.0.0.1:10000. The IP"), Some(10000));
        assert_eq!(port_in("the URL (http://+:5985/wsman/) in"), Some(5985));
        assert_eq!(port_in("[::]:443"), Some(443));
        for none in ["at 10:41:22", "http://x/", "a:70000", "0.0.0.0:0", "Error: 5"] {
            assert_eq!(port_in(none), None, "{none}");
        }
    }

    #[test]
    fn the_raw_data_tells_the_cause() {
        assert_eq!(cause_in(&[0x20, 0, 0, 0]), Some(FailureKind::InUse));
        assert_eq!(cause_in(&[0, 0, 4, 0, 0x40, 0x27, 0, 0]), Some(FailureKind::InUse));
        assert_eq!(cause_in(&[0x22, 0, 0, 0xC0]), Some(FailureKind::Forbidden));
        assert_eq!(cause_in(&[1, 2, 3]), None);
    }
}
