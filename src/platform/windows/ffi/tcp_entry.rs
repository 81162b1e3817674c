//! Closing one connection of TCP over IPv4. Windows has no such call for IPv6 or UDP.

use std::net::{Ipv4Addr, SocketAddrV4};

use windows::Win32::NetworkManagement::IpHelper::{MIB_TCP_STATE_DELETE_TCB, MIB_TCPROW_LH, MIB_TCPROW_LH_0, SetTcpEntry};

/// Asks Windows to forget the connection; the number of its error, 0 for none.
pub fn delete_connection(local: SocketAddrV4, remote: SocketAddrV4) -> u32 {
    let row = MIB_TCPROW_LH {
        Anonymous: MIB_TCPROW_LH_0 { State: MIB_TCP_STATE_DELETE_TCB },
        dwLocalAddr: address(*local.ip()),
        dwLocalPort: port(local.port()),
        dwRemoteAddr: address(*remote.ip()),
        dwRemotePort: port(remote.port()),
    };
    // SAFETY: the row lives until the call is over.
    unsafe { SetTcpEntry(&raw const row) }
}

/// The bytes in the order of the network.
fn address(ip: Ipv4Addr) -> u32 {
    u32::from_ne_bytes(ip.octets())
}

/// Likewise, in the first two of four bytes.
fn port(port: u16) -> u32 {
    u32::from(port.to_be())
}
