//! The kernel of the room, asked and set without PortMedic: what a test rests on must not come from what it tests.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};

/// The sysctl of the ports that clients do not get.
pub const RESERVED: &str = "ip_local_reserved_ports";
/// The sysctl of the ports that clients get.
pub const RANGE: &str = "ip_local_port_range";

/// Sets the loopback interface up, as `ip link set lo up` does.
pub fn bring_loopback_up() {
    const RTM_NEWLINK: u16 = 16;
    const REQUEST_AND_ACKNOWLEDGE: u16 = 0x1 | 0x4;
    const LOOPBACK: i32 = 1;
    const UP: u32 = 1;
    let mut message = Vec::new();
    message.extend(32_u32.to_ne_bytes()); // struct nlmsghdr: length, type, flags, sequence, sender
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(REQUEST_AND_ACKNOWLEDGE.to_ne_bytes());
    message.extend([0; 8]);
    message.extend([0; 4]); // struct ifinfomsg: family and type, index, flags, which flags to change
    message.extend(LOOPBACK.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    let socket = net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)
        .expect("a route socket, which is the protocol 0");
    net::send(&socket, &message, SendFlags::empty()).expect("the request");
    let mut reply = [0; 256];
    let (length, _) = net::recv(&socket, &mut reply[..], RecvFlags::empty()).expect("the acknowledgement");
    assert!(length >= 20, "a short acknowledgement");
    let error = i32::from_ne_bytes([reply[16], reply[17], reply[18], reply[19]]);
    assert_eq!(error, 0, "the loopback interface could not be set up");
}

/// Reads a network setting, without the line's end: in one call, since the kernel answers no second one.
pub fn setting(name: &str) -> String {
    let path = format!("/proc/sys/net/ipv4/{name}");
    let mut bytes = vec![0; 1 << 20];
    let length = File::open(&path).and_then(|mut file| file.read(&mut bytes)).unwrap_or_else(|error| panic!("{path}: {error}"));
    String::from_utf8_lossy(&bytes[..length]).trim_end().to_owned()
}

/// Writes a network setting, in as many writes as the kernel wants.
pub fn set(name: &str, value: &str) {
    let path = format!("/proc/sys/net/ipv4/{name}");
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    file.write_all(value.as_bytes()).unwrap_or_else(|error| panic!("{path} = {value}: {error}"));
}

/// Whether a server that does not share its port gets this address now, and the kernel's answer where it does not.
pub fn bind(at: &str, reuse_address: bool) -> Result<OwnedFd, Errno> {
    let at: SocketAddr = at.parse().expect("an address");
    let family = if at.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = net::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_reuseaddr(&socket, reuse_address)?;
    net::bind(&socket, &at)?;
    net::listen(&socket, 16)?;
    Ok(socket)
}

/// The states of the TCP sockets over IPv4 whose local port is `port`, in the kernel's own numbers.
pub fn states(port: u16) -> Vec<u8> {
    table().into_iter().filter_map(|(own, state)| (own == port).then_some(state)).collect()
}

/// The local port and the state of every TCP socket over IPv4.
pub fn table() -> Vec<(u16, u8)> {
    let row = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let (_, port) = fields.next()?.split_once(':')?;
        Some((u16::from_str_radix(port, 16).ok()?, u8::from_str_radix(fields.nth(1)?, 16).ok()?))
    };
    let text = fs::read_to_string("/proc/net/tcp").expect("the socket table");
    text.lines().skip(1).map(|line| row(line).unwrap_or_else(|| panic!("a row of the socket table: {line}"))).collect()
}

/// TCP states as `/proc/net/tcp` numbers them.
pub const FIN_WAIT_2: u8 = 5;
/// See [`FIN_WAIT_2`].
pub const TIME_WAIT: u8 = 6;
/// See [`FIN_WAIT_2`].
pub const CLOSE_WAIT: u8 = 8;

/// Waits until `condition` holds.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        thread::yield_now();
    }
}
