//! The socket table as text: `/proc/PID/net/{tcp,tcp6,udp,udp6}` (proc_pid_net(5)).
//!
//! It is slower than `sock_diag` and lacks bound sockets, control groups and cookies. It answers where `sock_diag` cannot: under a seccomp
//! filter, and for the network namespace of another process.

use std::io;
use std::net::IpAddr;
use std::path::Path;

use super::diag::state;
use super::row::Row;
use crate::machine::{Family, Port, Protocol};
use crate::platform::linux::proc_file;

/// Reads the sockets of one protocol and family from a process's `net` directory; those on `port`, where one is named.
///
/// # Errors
/// Where the file cannot be read. A family that the kernel does not speak has no file; it has no sockets either.
pub fn read(net: &Path, protocol: Protocol, family: Family, port: Option<Port>) -> io::Result<Vec<Row>> {
    let file = match (protocol, family) {
        (Protocol::Tcp, Family::Ipv4) => "tcp",
        (Protocol::Tcp, Family::Ipv6) => "tcp6",
        (Protocol::Udp, Family::Ipv4) => "udp",
        (Protocol::Udp, Family::Ipv6) => "udp6",
    };
    match proc_file::read(net.join(file)) {
        Ok(bytes) => {
            let rows = String::from_utf8_lossy(&bytes);
            let rows = rows.lines().skip(1).filter_map(|line| parse(line, protocol));
            Ok(rows.filter(|row| port.is_none_or(|port| row.local_port == port)).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && family == Family::Ipv6 => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn parse(line: &str, protocol: Protocol) -> Option<Row> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let local = address(fields.next()?)?;
    let remote = address(fields.next()?)?;
    let state = state(u8::from_str_radix(fields.next()?, 16).ok()?, protocol)?;
    let (timer, ticks) = fields.nth(1)?.split_once(':')?;
    let uid = fields.nth(1)?.parse().ok()?;
    Some(Row {
        protocol,
        state,
        local: local.0,
        remote: remote.0,
        local_port: local.1,
        remote_port: remote.1,
        v6only: None,
        is_shared: false,
        interface: 0,
        uid,
        inode: fields.nth(1)?.parse().ok()?,
        // The text counts in hundredths of a second on every machine.
        expires_ms: (timer == "03").then(|| u32::from_str_radix(ticks, 16).ok()?.checked_mul(10)).flatten(),
        backlog: None,
        cookie: None,
        cgroup_id: 0,
    })
}

/// `0100007F:0599`: the address as words in this machine's order, the port as a number.
fn address(text: &str) -> Option<(IpAddr, Port)> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |index: usize| Some(u32::from_str_radix(ip.get(index * 8..index * 8 + 8)?, 16).ok()?.to_ne_bytes());
    let ip = match ip.len() {
        8 => IpAddr::from(word(0)?),
        32 => {
            let mut bytes = [0; 16];
            for (index, four) in bytes.chunks_exact_mut(4).enumerate() {
                four.copy_from_slice(&word(index)?);
            }
            IpAddr::from(bytes)
        }
        _ => return None,
    };
    Some((ip.to_canonical(), port))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};
    use std::path::Path;
    use std::sync::Arc;

    use super::{Row, parse, read};
    use crate::machine::{Family, Protocol, SocketState};

    #[test]
    #[cfg(target_endian = "little")]
    fn rows_are_read_field_by_field() {
        let listener =
            "  0: 0100007F:0599 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000 100 0 0 10 0";
        let socket = parse(listener, Protocol::Tcp).unwrap().socket(None, Arc::default());
        assert_eq!((socket.local, socket.remote), ("127.0.0.1:1433".parse().unwrap(), None));
        assert_eq!((socket.state, socket.uid, socket.inode), (SocketState::Listen, Some(1000), Some(31_337)));

        let resting = " 12: 0100007F:0599 0100007F:2328 06 00000000:00000000 03:00000ABE 00000000     0        0 0 3 0000";
        let socket = parse(resting, Protocol::Tcp).unwrap().socket(None, Arc::default());
        assert_eq!(
            (socket.state, socket.expires_ms, socket.uid, socket.inode),
            (SocketState::TimeWait, Some(27_500), None, None)
        );

        let udp6 = "  3: 000080FE00000000FF00A8C0AA00FEFF:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 \
                    00000000   101        0 900 2 0000 0";
        let socket = parse(udp6, Protocol::Udp).unwrap().socket(None, Arc::default());
        assert_eq!((socket.local, socket.state), ("[fe80::c0a8:ff:fffe:aa]:53".parse().unwrap(), SocketState::Unconnected));
    }

    #[test]
    fn our_own_sockets_are_found_by_their_port() {
        let net = Path::new("/proc/self/net");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        for (protocol, local) in [(Protocol::Tcp, listener.local_addr().unwrap()), (Protocol::Udp, udp.local_addr().unwrap())] {
            let rows = read(net, protocol, Family::Ipv4, Some(local.port())).unwrap();
            assert_eq!(rows.iter().map(Row::local).collect::<Vec<_>>(), [local]);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_breaks_the_parser(line: String) {
            for protocol in Protocol::ALL {
                let _socket = parse(&line, protocol);
            }
        }
    }
}
