//! One attempt to connect, with the ICMP message that ended it: so a refusal of the computer is told from that of a firewall (ip(7), `IP_RECVERR`).

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::socket::{
    self, AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, SockaddrStorage, setsockopt, sockopt,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::machine::connect::{Opening, Probe, ProbeResult};
use crate::platform::network::Patience;
use crate::platform::network::greeting::greet;

/// Connects once, and hears how the other side begins to speak.
pub fn probe(to: SocketAddr, opening: Option<Opening>, patience: &Patience<'_>) -> Probe {
    let begin = Instant::now();
    let attempt = connect(to, patience);
    let took_ms = u32::try_from(begin.elapsed().as_millis()).unwrap_or(u32::MAX);
    let mut probe = Probe { to, result: ProbeResult::Accepted, told_by: None, error: None, took_ms, greeting: None };
    match attempt {
        Attempt::Made(socket) => {
            let stream = TcpStream::from(socket);
            // Where the socket cannot be waited on, nothing is heard.
            if let Some(opening) = opening
                && stream.set_nonblocking(false).is_ok()
            {
                probe.greeting = Some(greet(stream, opening, patience));
            }
        }
        Attempt::Refused { error, message } => {
            probe.result = result(error, message.as_ref());
            probe.told_by = message.and_then(|message| message.sender);
            probe.error = Some(io::Error::from(error).to_string());
        }
        Attempt::Silent => {
            probe.result = ProbeResult::TimedOut;
            probe.error = Some(format!("no answer within {:.1} s", patience.limit.as_secs_f32()));
        }
    }
    probe
}

/// What became of the connection.
enum Attempt {
    Made(OwnedFd),
    Refused { error: Errno, message: Option<Message> },
    Silent,
}

/// An ICMP message about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Message {
    /// Its type and code, as its family numbers them.
    kind: (u8, u8),
    is_v6: bool,
    sender: Option<IpAddr>,
}

fn connect(to: SocketAddr, patience: &Patience<'_>) -> Attempt {
    let refused = |error| Attempt::Refused { error, message: None };
    let socket = match open(to) {
        Ok(socket) => socket,
        Err(error) => return refused(error),
    };
    match socket::connect(socket.as_raw_fd(), &SockaddrStorage::from(to)) {
        Ok(()) => return Attempt::Made(socket),
        Err(Errno::EINPROGRESS) => {}
        Err(error) => return Attempt::Refused { error, message: message(&socket, to) },
    }
    let ready = patience.in_slices(|slice| {
        let slice = Timespec { tv_sec: 0, tv_nsec: i64::from(slice.subsec_nanos()) };
        match poll(&mut [PollFd::new(&socket, PollFlags::OUT)], Some(&slice)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => None,
            Ok(_) => Some(socket::getsockopt(&socket, sockopt::SocketError).map(Errno::from_raw)),
            Err(error) => Some(Ok(Errno::from_raw(error.raw_os_error()))),
        }
    });
    match ready {
        None => Attempt::Silent,
        // No error has the number 0.
        Some(Ok(Errno::UnknownErrno)) => Attempt::Made(socket),
        Some(Ok(error) | Err(error)) => Attempt::Refused { error, message: message(&socket, to) },
    }
}

fn open(to: SocketAddr) -> nix::Result<OwnedFd> {
    let family = if to.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let socket = socket::socket(family, SockType::Stream, flags, None)?;
    if to.is_ipv4() {
        setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
    } else {
        setsockopt(&socket, sockopt::Ipv6RecvErr, &true)?;
    }
    Ok(socket)
}

/// The ICMP message that the kernel keeps for the socket; `None` where the error came otherwise.
fn message(socket: &OwnedFd, to: SocketAddr) -> Option<Message> {
    /// `SO_EE_ORIGIN_ICMP` and `SO_EE_ORIGIN_ICMP6`.
    const BY_ICMP: [u8; 2] = [2, 3];
    let mut data = [0; 64];
    let mut parts = [IoSliceMut::new(&mut data)];
    let mut space = nix::cmsg_space!([u8; 256]);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let received = socket::recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut space), flags).ok()?;
    received.cmsgs().ok()?.find_map(|control| {
        let (error, sender): (_, Option<IpAddr>) = match control {
            ControlMessageOwned::Ipv4RecvErr(error, sender) => {
                (error, sender.map(|own| Ipv4Addr::from(u32::from_be(own.sin_addr.s_addr)).into()))
            }
            ControlMessageOwned::Ipv6RecvErr(error, sender) => {
                (error, sender.map(|own| Ipv6Addr::from(own.sin6_addr.s6_addr).into()))
            }
            _ => return None,
        };
        let sender = sender.map(|own| own.to_canonical()).filter(|own| !own.is_unspecified());
        let kind = (error.ee_type, error.ee_code);
        BY_ICMP.contains(&error.ee_origin).then_some(Message { kind, is_v6: to.is_ipv6(), sender })
    })
}

/// What the error means, and the message behind it where there is one.
fn result(error: Errno, message: Option<&Message>) -> ProbeResult {
    if let Some(message) = message {
        // Of "destination unreachable": port, or forbidden by an administrator (RFC 1812, 5.2.7.1; RFC 4443, 3.1).
        let by_firewall = match (message.is_v6, message.kind) {
            (false, (3, code)) => matches!(code, 2 | 3 | 9 | 10 | 13),
            (true, (1, code)) => matches!(code, 1 | 4 | 5 | 6),
            _ => false,
        };
        if by_firewall {
            return ProbeResult::Rejected;
        }
    }
    match error {
        Errno::ECONNREFUSED => ProbeResult::Refused,
        Errno::ETIMEDOUT => ProbeResult::TimedOut,
        Errno::EHOSTUNREACH | Errno::EHOSTDOWN => ProbeResult::HostUnreachable,
        Errno::ENETUNREACH | Errno::ENETDOWN => ProbeResult::NetworkUnreachable,
        Errno::ECONNRESET | Errno::ECONNABORTED => ProbeResult::Reset,
        Errno::EACCES | Errno::EPERM => ProbeResult::Forbidden,
        Errno::EADDRNOTAVAIL => ProbeResult::NoLocalPort,
        _ => ProbeResult::Other,
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use nix::errno::Errno;

    use super::{Message, Opening, Patience, ProbeResult, probe, result};

    #[test]
    fn a_listener_takes_the_connection_and_a_closed_port_refuses_it() {
        let stop = AtomicBool::new(false);
        let patience = Patience { limit: Duration::from_secs(10), stop: &stop };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let taken = probe(at, None, &patience);
        assert_eq!((taken.result, taken.greeting), (ProbeResult::Accepted, None));
        drop(listener);
        let refused = probe(at, Some(Opening::Nothing), &patience);
        assert_eq!((refused.result, refused.told_by), (ProbeResult::Refused, None));
        assert!(refused.error.is_some_and(|error| error.contains("refused")));
    }

    #[test]
    fn a_message_of_a_firewall_is_no_refusal_of_the_computer() {
        let message = |is_v6, kind| Message { kind, is_v6, sender: None };
        for (error, kind, expected) in [
            (Errno::ECONNREFUSED, None, ProbeResult::Refused),
            (Errno::ECONNREFUSED, Some(message(false, (3, 3))), ProbeResult::Rejected),
            (Errno::EHOSTUNREACH, Some(message(false, (3, 13))), ProbeResult::Rejected),
            (Errno::EHOSTUNREACH, Some(message(false, (3, 1))), ProbeResult::HostUnreachable),
            (Errno::EACCES, Some(message(true, (1, 1))), ProbeResult::Rejected),
            (Errno::EACCES, None, ProbeResult::Forbidden),
            (Errno::EHOSTUNREACH, Some(message(true, (1, 3))), ProbeResult::HostUnreachable),
            (Errno::EADDRNOTAVAIL, None, ProbeResult::NoLocalPort),
        ] {
            assert_eq!(result(error, kind.as_ref()), expected, "{error} {kind:?}");
        }
    }
}
