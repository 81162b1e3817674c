//! Names to addresses and back, by the system's own look-up: hosts file, DNS and whatever else it is set to ask.

use std::net::{IpAddr, SocketAddr};

use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo, getnameinfo};

use super::Patience;
use crate::machine::Gap;
use crate::machine::connect::{NameLookup, NameProblem};

/// The most addresses of one name that are taken: a round robin of more is a matter of its own.
const MOST: usize = 8;

/// The name is an address (RFC 3493). The same number in glibc, musl and Windows (`ws2def.h`).
const AI_NUMERICHOST: i32 = 4;

/// The addresses of a name, in the order in which programs try them.
pub fn lookup(name: &str, patience: &Patience<'_>) -> NameLookup {
    let asked = name.to_owned();
    let found = patience.for_call("name look-up", move || addresses(&asked));
    match found {
        None => NameLookup::failed(name, NameProblem::NoAnswer),
        Some(Ok(addresses)) => addresses,
        Some(Err(error)) => NameLookup::failed(name, problem(error)),
    }
}

fn addresses(name: &str) -> Result<NameLookup, LookupError> {
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let mut found = NameLookup::found(name, Vec::new());
    for info in getaddrinfo(Some(name), None, Some(hints))? {
        // An address of a family that std does not know is none that we could connect to.
        let Ok(info) = info else { continue };
        let address = info.sockaddr.ip();
        if found.addresses.len() >= MOST || found.addresses.contains(&address) {
            continue;
        }
        found.addresses.push(address);
        if let Some(interface) = scope(info.sockaddr).filter(|interface| *interface != 0) {
            found.interfaces.push((address, interface));
        }
    }
    Ok(found)
}

/// The number of the network interface behind an address of IPv6.
const fn scope(address: SocketAddr) -> Option<u32> {
    match address {
        SocketAddr::V4(_) => None,
        SocketAddr::V6(address) => Some(address.scope_id()),
    }
}

/// The number of the network interface that stands behind an address; `None` where this computer has none of that name.
pub fn interface(address: &str) -> Option<u32> {
    // Nobody is asked: what is no address is refused.
    let hints = AddrInfoHints { flags: AI_NUMERICHOST, ..AddrInfoHints::default() };
    let found = getaddrinfo(Some(address), None, Some(hints)).ok()?.flatten().next()?;
    Some(scope(found.sockaddr).unwrap_or(0))
}

fn problem(error: LookupError) -> NameProblem {
    match error.kind() {
        LookupErrorKind::NoName | LookupErrorKind::NoData => NameProblem::Unknown,
        LookupErrorKind::Again => NameProblem::NoAnswer,
        _ => NameProblem::Other(std::io::Error::from(error).to_string()),
    }
}

/// The name of an address; `None` where it has none.
///
/// # Errors
/// Where nobody told within the time.
pub fn lookup_back(address: IpAddr, patience: &Patience<'_>) -> Result<Option<String>, Gap> {
    let not_told = |why: String| Gap::new("the name of the address", why, "the DNS servers of this computer");
    // Without a name the system writes the address itself.
    let asked = move || getnameinfo(&SocketAddr::new(address, 0), 0).map(|(name, _)| name);
    match patience.for_call("address look-up", asked) {
        None => Err(not_told(format!("nobody told it within {} s", patience.limit.as_secs()))),
        Some(Ok(name)) if name.parse::<IpAddr>().is_ok() || name.contains('%') => Ok(None),
        Some(Ok(name)) => Ok(Some(name)),
        Some(Err(error)) => match error.kind() {
            LookupErrorKind::NoName | LookupErrorKind::NoData => Ok(None),
            _ => Err(not_told(std::io::Error::from(error).to_string())),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use super::{Patience, interface, lookup};

    #[test]
    fn an_address_is_its_own_name() {
        let stop = AtomicBool::new(false);
        let patience = Patience { limit: Duration::from_secs(20), stop: &stop };
        let found = lookup("127.0.0.1", &patience);
        assert_eq!((found.addresses.len(), found.problem), (1, None));
        assert!(found.addresses[0].is_loopback());
    }

    #[test]
    fn an_address_that_every_network_has_keeps_its_interface() {
        let stop = AtomicBool::new(false);
        let patience = Patience { limit: Duration::from_secs(20), stop: &stop };
        let found = lookup("fe80::1%1", &patience);
        assert_eq!(found.interface_to(found.addresses[0]), 1, "{found:?}");
        let found = lookup("127.0.0.1", &patience);
        assert_eq!(found.interface_to(found.addresses[0]), 0, "{found:?}");
    }

    #[test]
    fn the_interface_behind_an_address_is_told_by_its_number() {
        assert_eq!(interface("127.0.0.1"), Some(0));
        assert_eq!(interface("fe80::1%1"), Some(1), "the loopback interface is the first one");
        assert_eq!(interface("fe80::1%no-such-interface"), None);
    }
}
