//! Numbers out of a record of Windows. All its systems write the lowest byte first.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::machine::Port;

pub(super) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array_at(bytes, at).map(u16::from_le_bytes)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array_at(bytes, at).map(u32::from_le_bytes)
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array_at(bytes, at).map(u64::from_le_bytes)
}

/// A pointer, or a number as wide as one.
pub(super) fn usize_at(bytes: &[u8], at: usize) -> Option<usize> {
    array_at(bytes, at).map(usize::from_le_bytes)
}

pub(super) fn ipv4_at(bytes: &[u8], at: usize) -> Option<Ipv4Addr> {
    array_at::<4>(bytes, at).map(Ipv4Addr::from)
}

pub(super) fn ipv6_at(bytes: &[u8], at: usize) -> Option<Ipv6Addr> {
    array_at::<16>(bytes, at).map(Ipv6Addr::from)
}

/// A port: the first two bytes of a `DWORD`, in the order of the network.
pub(super) fn port_at(bytes: &[u8], at: usize) -> Option<Port> {
    array_at(bytes, at).map(u16::from_be_bytes)
}

/// The number of an interface. Windows is documented to write it in the order of the network and is known to write it in its own;
/// interfaces are few, so the smaller reading is the one that is meant.
pub(super) fn scope_at(bytes: &[u8], at: usize) -> Option<u32> {
    u32_at(bytes, at).map(|scope| scope.min(scope.swap_bytes()))
}
