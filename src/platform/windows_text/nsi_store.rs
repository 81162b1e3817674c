//! The list of exclusions for the next start, as the registry keeps it under `Control\Nsi`: the name of a value is the block, in hexadecimal.
//! Windows does not document it (<https://bigfix.me/fixlet/details/27007>), so it is only read, and only where netsh does not tell.

use super::excluded_ports::Row;
use crate::machine::{PortRange, Protocol};

/// The key with the list of `protocol`, below `HKEY_LOCAL_MACHINE`. IPv4 and IPv6 share it.
pub const fn key(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => r"SYSTEM\CurrentControlSet\Control\Nsi\{eb004a03-9b1a-11d4-9123-0050047759bc}\29",
        Protocol::Udp => r"SYSTEM\CurrentControlSet\Control\Nsi\{eb004a02-9b1a-11d4-9123-0050047759bc}\5",
    }
}

/// What netsh writes for an exclusion of an administrator.
const ADMINISTERED: [u8; 4] = [0x12, 0x00, 0xff, 0xff];

/// The row of a value: `cc570100` is one port, 52311. `None` where the name is no block.
pub fn row(name: &str, data: &[u8]) -> Option<Row> {
    if name.len() != 8 {
        return None;
    }
    // The first port has its high byte first, the number of ports its low byte.
    let start = u16::from_str_radix(name.get(..4)?, 16).ok().filter(|port| *port > 0)?;
    let count = u16::from_str_radix(name.get(4..)?, 16).ok()?.swap_bytes();
    let end = start.checked_add(count.checked_sub(1)?)?;
    Some(Row { range: PortRange::new(start, end).ok()?, administered: data == ADMINISTERED })
}

#[cfg(test)]
mod tests {
    use super::row;

    fn ports(name: &str) -> Option<String> {
        row(name, &[0x12, 0, 0xff, 0xff]).map(|row| row.range.to_string())
    }

    #[test]
    fn the_name_of_a_value_is_a_block() {
        assert_eq!(ports("cc570100").as_deref(), Some("52311"));
        assert_eq!(ports("C3503C00").as_deref(), Some("50000-50059"));
        assert_eq!(ports("04000001").as_deref(), Some("1024-1279"));
    }

    #[test]
    fn other_names_are_no_blocks() {
        for name in ["", "(Default)", "cc57", "cc570000", "00000100", "ffff0200", "cc5701000", "zz570100", "é5701000"] {
            assert_eq!(ports(name), None, "{name}");
        }
    }

    #[test]
    fn only_what_netsh_wrote_is_administered() {
        assert!(row("cc570100", &[0x12, 0, 0xff, 0xff]).unwrap().administered);
        assert!(!row("cc570100", &[0x10, 0, 0xff, 0xff]).unwrap().administered);
    }
}
