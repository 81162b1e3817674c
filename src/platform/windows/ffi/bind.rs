//! Asking for a port by `bind`, without ever listening on it.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use windows::Win32::Networking::WinSock::{
    ADDRESS_FAMILY, AF_INET, AF_INET6, IN_ADDR, IN_ADDR_0, IN6_ADDR, IN6_ADDR_0, INVALID_SOCKET, IPPROTO_IPV6, IPPROTO_TCP,
    IPPROTO_UDP, IPV6_V6ONLY, SO_EXCLUSIVEADDRUSE, SOCK_DGRAM, SOCK_STREAM, SOCKADDR_IN, SOCKADDR_IN6, SOCKET, SOCKET_ERROR,
    SOL_SOCKET, WSA_FLAG_NO_HANDLE_INHERIT, WSADATA, WSAGetLastError, WSASocketW, WSAStartup, bind, closesocket, getsockname,
    setsockopt,
};

use crate::machine::{Port, Protocol};

/// A port that we have; dropping it gives the port back.
#[derive(Debug)]
pub struct BoundPort(OpenSocket);

/// A socket; dropping it closes it.
#[derive(Debug)]
pub struct OpenSocket(SOCKET);

impl Drop for OpenSocket {
    fn drop(&mut self) {
        // SAFETY: the socket is ours and open; nobody uses it afterwards.
        let closed = unsafe { closesocket(self.0) };
        debug_assert_eq!(closed, 0, "a socket of our own can be closed");
    }
}

/// Sockets work in this program from here on, and until its end; else the error.
static READY: LazyLock<i32> = LazyLock::new(|| {
    const VERSION_2_2: u16 = 0x0202;
    let mut data = WSADATA::default();
    // SAFETY: the place for the answer is ours.
    unsafe { WSAStartup(VERSION_2_2, &raw mut data) }
});

/// Asks for a port with exclusive use (`SO_EXCLUSIVEADDRUSE`), so that it is given only where nobody has it; port 0 lets Windows choose.
/// `v6only` says whether an IPv6 socket asks for IPv6 only.
///
/// # Errors
/// The number of the error of Windows.
pub fn bind_exclusively(protocol: Protocol, address: SocketAddr, v6only: bool) -> Result<BoundPort, i32> {
    let family = if address.is_ipv4() { AF_INET } else { AF_INET6 };
    let socket = open(protocol, family)?;
    if address.is_ipv6() {
        socket.set(IPPROTO_IPV6.0, IPV6_V6ONLY, v6only)?;
    }
    socket.set(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, true)?;
    socket.bind(address)?;
    Ok(BoundPort(socket))
}

/// A socket without a port, so that there is one also where no port is left.
///
/// # Errors
/// The number of the error of Windows.
pub fn socket_without_port() -> Result<OpenSocket, i32> {
    open(Protocol::Udp, AF_INET)
}

fn open(protocol: Protocol, family: ADDRESS_FAMILY) -> Result<OpenSocket, i32> {
    if *READY != 0 {
        return Err(*READY);
    }
    let (kind, number) = match protocol {
        Protocol::Tcp => (SOCK_STREAM, IPPROTO_TCP),
        Protocol::Udp => (SOCK_DGRAM, IPPROTO_UDP),
    };
    // SAFETY: no record is given.
    let socket = unsafe { WSASocketW(i32::from(family.0), kind.0, number.0, None, 0, WSA_FLAG_NO_HANDLE_INHERIT) }
        .unwrap_or(INVALID_SOCKET);
    if socket == INVALID_SOCKET { Err(last_error()) } else { Ok(OpenSocket(socket)) }
}

impl BoundPort {
    /// The port that it is.
    ///
    /// # Errors
    /// The number of the error of Windows.
    pub fn port(&self) -> Result<Port, i32> {
        // Large enough for both families, which have the port in the same place.
        let mut name = SOCKADDR_IN6::default();
        let mut length = length_of::<SOCKADDR_IN6>();
        // SAFETY: the socket is open; the place for the answer is ours and as long as told.
        match unsafe { getsockname(self.0.0, (&raw mut name).cast(), &raw mut length) } {
            SOCKET_ERROR => Err(last_error()),
            _ => Ok(u16::from_be(name.sin6_port)),
        }
    }
}

impl OpenSocket {
    /// Its handle: a socket is one.
    pub const fn handle(&self) -> usize {
        self.0.0
    }

    fn set(&self, level: i32, option: i32, on: bool) -> Result<(), i32> {
        // SAFETY: the socket is open, and each of these options is a number of four bytes.
        match unsafe { setsockopt(self.0, level, option, Some(&i32::from(on).to_ne_bytes())) } {
            SOCKET_ERROR => Err(last_error()),
            _ => Ok(()),
        }
    }

    fn bind(&self, address: SocketAddr) -> Result<(), i32> {
        let port = address.port().to_be();
        let answer = match address.ip() {
            IpAddr::V4(ip) => {
                let sin_addr = IN_ADDR { S_un: IN_ADDR_0 { S_addr: u32::from_ne_bytes(ip.octets()) } };
                let name = SOCKADDR_IN { sin_family: AF_INET, sin_port: port, sin_addr, ..SOCKADDR_IN::default() };
                // SAFETY: the socket is open; the name lives until the call is over and is as long as told.
                unsafe { bind(self.0, (&raw const name).cast(), length_of::<SOCKADDR_IN>()) }
            }
            IpAddr::V6(ip) => {
                let sin6_addr = IN6_ADDR { u: IN6_ADDR_0 { Byte: ip.octets() } };
                let mut name = SOCKADDR_IN6 { sin6_family: AF_INET6, sin6_port: port, sin6_addr, ..SOCKADDR_IN6::default() };
                if let SocketAddr::V6(v6) = address {
                    name.Anonymous.sin6_scope_id = v6.scope_id();
                }
                // SAFETY: as above.
                unsafe { bind(self.0, (&raw const name).cast(), length_of::<SOCKADDR_IN6>()) }
            }
        };
        if answer == SOCKET_ERROR { Err(last_error()) } else { Ok(()) }
    }
}

fn length_of<T>() -> i32 {
    i32::try_from(size_of::<T>()).unwrap_or(0)
}

fn last_error() -> i32 {
    // SAFETY: this call has no conditions.
    unsafe { WSAGetLastError() }.0
}
