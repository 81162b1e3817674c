//! The addresses of our network namespace, asked over rtnetlink(7).

use std::io;
use std::net::IpAddr;

use crate::platform::linux::netlink::{Netlink, array_at, attributes, u8_at};

const RTM_GETADDR: u16 = 22;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
/// `struct ifaddrmsg`; attributes follow it.
const ROW: usize = 8;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

/// Every address of this computer, in the order of its interfaces.
///
/// # Errors
/// Where the system refuses netlink.
pub fn addresses() -> io::Result<Vec<IpAddr>> {
    // Family 0 asks for both.
    Netlink::open(None)?.dump(RTM_GETADDR, &[0; ROW], parse)
}

/// Reads one `struct ifaddrmsg`. On a point-to-point link `IFA_ADDRESS` is the far end, and `IFA_LOCAL` ours.
fn parse(bytes: &[u8]) -> Option<IpAddr> {
    let family = u8_at(bytes, 0)?;
    let mut ours = None;
    for (kind, payload) in attributes(bytes.get(ROW..)?) {
        let address = match family {
            AF_INET => IpAddr::from(array_at::<4>(payload, 0).unwrap_or_default()),
            AF_INET6 => IpAddr::from(array_at::<16>(payload, 0).unwrap_or_default()),
            _ => return None,
        };
        match kind {
            IFA_LOCAL => return Some(address),
            IFA_ADDRESS => ours = Some(address),
            _ => {}
        }
    }
    ours
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{AF_INET, IFA_ADDRESS, IFA_LOCAL, addresses, parse};

    #[test]
    fn our_end_of_a_point_to_point_link_is_ours() {
        let mut bytes = vec![AF_INET, 32, 0, 0, 1, 0, 0, 0];
        for (kind, address) in [(IFA_ADDRESS, [10, 0, 0, 2]), (IFA_LOCAL, [10, 0, 0, 1])] {
            bytes.extend(8_u16.to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(address);
        }
        assert_eq!(parse(&bytes), Some(IpAddr::from([10, 0, 0, 1])));
        assert_eq!(parse(&bytes[..16]), Some(IpAddr::from([10, 0, 0, 2])));
    }

    #[test]
    fn every_ipv4_address_that_is_found_can_be_bound() {
        for address in addresses().unwrap().into_iter().filter(IpAddr::is_ipv4) {
            std::net::UdpSocket::bind((address, 0)).unwrap();
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_parser(bytes: Vec<u8>) {
            let _address = parse(&bytes);
        }
    }
}
