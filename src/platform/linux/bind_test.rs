//! Asks the kernel for a port the way a service does.
//!
//! Only `bind` is asked for, never `listen`: the kernel decides a conflict at `bind` (`listen` repeats the same check), and a listening
//! socket could take a client's connection away from the service. For the same reason `SO_REUSEPORT` is never set.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use crate::machine::{BindResult, BindTest, Port, Protocol, Snapshot};
use crate::platform::{BindQuestion, PlatformError, Scope};

/// Makes the bind tests that `scope` asks for: each protocol and address, first plain and, where that finds the port in use, once more the
/// way most servers ask (`SO_REUSEADDR`).
pub fn look(scope: &Scope, snapshot: &mut Snapshot) {
    for question in scope.bind_questions() {
        let plain = ask(&question);
        let in_use = plain.result == BindResult::InUse;
        snapshot.bind_tests.push(plain);
        if in_use && question.protocol == Protocol::Tcp {
            snapshot.bind_tests.push(ask(&BindQuestion { reuse_address: true, ..question }));
        }
    }
}

/// Asks one question. With UDP `SO_REUSEADDR` is left out, and the answer says so: two such sockets share a port, and for a moment ours
/// would get the service's packets.
pub fn ask(question: &BindQuestion) -> BindTest {
    let reuse_address = question.reuse_address && question.protocol == Protocol::Tcp;
    let answer = bind(question.protocol, SocketAddr::new(question.address, question.port), question.v6only, reuse_address);
    let refusal = answer.err();
    BindTest {
        protocol: question.protocol,
        address: question.address,
        port: question.port,
        v6only: question.v6only,
        reuse_address,
        result: refusal.map_or(BindResult::Free, meaning),
        error: refusal.map(in_words),
    }
}

/// Lets the kernel choose a port `count` times. Each is held until all are chosen, so that no port comes twice.
pub fn sample(protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
    let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
    let chosen = || -> rustix::io::Result<Vec<(OwnedFd, Port)>> {
        (0..count)
            .map(|_| {
                let socket = bind(protocol, any, false, false)?;
                let port = SocketAddr::try_from(rustix::net::getsockname(&socket)?)?.port();
                Ok((socket, port))
            })
            .collect()
    };
    let held = chosen().map_err(|errno| {
        let what = format!("the system could not choose {count} {protocol} ports");
        if errno == Errno::ADDRINUSE {
            PlatformError::NoPortLeft(what)
        } else {
            PlatformError::Failed { what, why: in_words(errno) }
        }
    })?;
    Ok(held.into_iter().map(|(_socket, port)| port).collect())
}

/// Binds a new socket; dropping it gives the port back.
fn bind(protocol: Protocol, address: SocketAddr, v6only: bool, reuse_address: bool) -> rustix::io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let kind = match protocol {
        Protocol::Tcp => SocketType::STREAM,
        Protocol::Udp => SocketType::DGRAM,
    };
    let socket = rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, v6only)?;
    }
    sockopt::set_socket_reuseaddr(&socket, reuse_address)?;
    rustix::net::bind(&socket, &address)?;
    Ok(socket)
}

/// What an error number of `socket` or `bind` means.
fn meaning(errno: Errno) -> BindResult {
    match errno {
        Errno::ADDRINUSE => BindResult::InUse,
        Errno::ACCESS | Errno::PERM => BindResult::Denied,
        Errno::ADDRNOTAVAIL => BindResult::NotLocal,
        Errno::NOBUFS | Errno::NOMEM | Errno::MFILE | Errno::NFILE => BindResult::Exhausted,
        Errno::AFNOSUPPORT => BindResult::Unsupported,
        _ => BindResult::Other,
    }
}

/// `98 (Address already in use)`: the number for the search engine, the text for the reader.
fn in_words(errno: Errno) -> String {
    let number = errno.raw_os_error();
    let text = io::Error::from(errno).to_string();
    let text = text.strip_suffix(&format!(" (os error {number})")).unwrap_or(&text);
    format!("{number} ({text})")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::time::{Duration, Instant};

    use rustix::io::Errno;

    use super::{ask, in_words, meaning, sample};
    use crate::machine::{BindResult, Protocol};
    use crate::platform::BindQuestion;

    fn question(protocol: Protocol, address: &str, port: u16) -> BindQuestion {
        BindQuestion { protocol, address: address.parse().unwrap(), port, v6only: false, reuse_address: false }
    }

    /// Awaits that the port is given. Another test may start a program at this moment, which has a copy of every socket until it really runs.
    fn becomes_free(question: &BindQuestion) {
        let end = Instant::now() + Duration::from_secs(10);
        while ask(question).result != BindResult::Free {
            assert!(Instant::now() < end, "{question:?} is not free: {:?}", ask(question));
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_held_port_is_in_use_and_free_again_afterwards() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = holder.local_addr().unwrap().port();
        let held = ask(&question(Protocol::Tcp, "0.0.0.0", port));
        assert_eq!((held.result, held.error.as_deref()), (BindResult::InUse, Some("98 (Address already in use)")));
        assert_eq!(
            ask(&BindQuestion { reuse_address: true, ..question(Protocol::Tcp, "127.0.0.1", port) }).result,
            BindResult::InUse
        );
        drop(holder);
        becomes_free(&question(Protocol::Tcp, "127.0.0.1", port));
    }

    #[test]
    fn a_test_gives_the_port_back() {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let test = question(Protocol::Udp, "127.0.0.1", port);
        becomes_free(&test);
        becomes_free(&test);
    }

    #[test]
    fn a_connection_that_outlives_its_listener_blocks_only_those_who_do_not_reuse_the_address() {
        // The standard library sets SO_REUSEADDR on listeners, and accepted connections inherit it.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let _client = TcpStream::connect(address).unwrap();
        let _accepted = listener.accept().unwrap();
        drop(listener);
        let plain = question(Protocol::Tcp, "127.0.0.1", address.port());
        assert_eq!(ask(&plain).result, BindResult::InUse);
        becomes_free(&BindQuestion { reuse_address: true, ..plain });
    }

    #[test]
    fn a_udp_test_never_shares_the_port_of_a_live_service() {
        let service = UdpSocket::bind("127.0.0.1:0").unwrap();
        rustix::net::sockopt::set_socket_reuseaddr(&service, true).unwrap();
        let port = service.local_addr().unwrap().port();
        let test = ask(&BindQuestion { reuse_address: true, ..question(Protocol::Udp, "127.0.0.1", port) });
        assert_eq!((test.result, test.reuse_address), (BindResult::InUse, false));
    }

    #[test]
    fn an_address_of_another_computer_is_not_local() {
        // 192.0.2.0/24 is for documents only (RFC 5737), so no computer has it.
        assert_eq!(ask(&question(Protocol::Tcp, "192.0.2.1", 1433)).result, BindResult::NotLocal);
    }

    #[test]
    fn error_numbers_are_told_apart() {
        let expected = [
            (Errno::ACCESS, BindResult::Denied),
            (Errno::PERM, BindResult::Denied),
            (Errno::ADDRNOTAVAIL, BindResult::NotLocal),
            (Errno::MFILE, BindResult::Exhausted),
            (Errno::AFNOSUPPORT, BindResult::Unsupported),
            (Errno::INVAL, BindResult::Other),
        ];
        for (errno, result) in expected {
            assert_eq!(meaning(errno), result, "{}", in_words(errno));
        }
    }

    #[test]
    fn sampled_ports_are_all_different_and_given_back() {
        for protocol in Protocol::ALL {
            let ports = sample(protocol, 20).unwrap();
            assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), 20);
            assert!(!ports.contains(&0));
            becomes_free(&question(protocol, "0.0.0.0", ports[0]));
        }
    }
}
