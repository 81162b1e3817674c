//! Asks Windows for a port the way a service does, with exclusive use: only so a port is refused that another program shares.
//!
//! Only `bind` is asked for, never `listen`: a listening socket could take a client's connection away from the service. `SO_REUSEADDR` is
//! never set, because on Windows it takes ports from those who have them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use windows::Win32::Networking::WinSock::{
    WSAEACCES, WSAEADDRINUSE, WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT, WSAEMFILE, WSAENOBUFS, WSAEPROTONOSUPPORT,
};

use super::ffi::{BoundPort, bind_exclusively};
use crate::machine::{BindResult, BindTest, Port, Protocol, Snapshot};
use crate::platform::{BindQuestion, PlatformError, Scope};

/// Makes the bind tests that `scope` asks for.
pub fn look(scope: &Scope, snapshot: &mut Snapshot) {
    snapshot.bind_tests.extend(scope.bind_questions().iter().map(ask));
}

/// Asks one question, and gives the port back at once.
pub fn ask(question: &BindQuestion) -> BindTest {
    let address = SocketAddr::new(question.address, question.port);
    let refusal = bind_exclusively(question.protocol, address, question.v6only).err();
    BindTest {
        protocol: question.protocol,
        address: question.address,
        port: question.port,
        v6only: question.v6only,
        reuse_address: false,
        result: refusal.map_or(BindResult::Free, meaning),
        error: refusal.map(in_words),
    }
}

/// Lets Windows choose a port `count` times. Each is held until all are chosen, so that no port comes twice.
pub fn sample(protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
    let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
    let held: Result<Vec<_>, i32> = (0..count).map(|_| bind_exclusively(protocol, any, false)).collect();
    let ports = held.and_then(|held| held.iter().map(BoundPort::port).collect());
    ports.map_err(|error| {
        let what = format!("the system could not choose {count} {protocol} ports");
        match meaning(error) {
            BindResult::InUse | BindResult::Exhausted => PlatformError::NoPortLeft(what),
            _ => PlatformError::Failed { what, why: in_words(error) },
        }
    })
}

/// What an error number of `socket` or `bind` means.
fn meaning(error: i32) -> BindResult {
    match error {
        _ if error == WSAEADDRINUSE.0 => BindResult::InUse,
        _ if error == WSAEACCES.0 => BindResult::Denied,
        _ if error == WSAEADDRNOTAVAIL.0 => BindResult::NotLocal,
        _ if error == WSAENOBUFS.0 || error == WSAEMFILE.0 => BindResult::Exhausted,
        _ if error == WSAEAFNOSUPPORT.0 || error == WSAEPROTONOSUPPORT.0 => BindResult::Unsupported,
        _ => BindResult::Other,
    }
}

/// `10048 (Only one usage …)`: the number for the search engine, the text for the reader. The usual ones are in English whatever the
/// language of Windows, as the logs and pages have them that one compares with.
fn in_words(error: i32) -> String {
    let text = match meaning(error) {
        BindResult::InUse => {
            "Only one usage of each socket address (protocol/network address/port) is normally permitted.".to_owned()
        }
        BindResult::Denied => "An attempt was made to access a socket in a way forbidden by its access permissions.".to_owned(),
        BindResult::NotLocal => "The requested address is not valid in its context.".to_owned(),
        _ if error == WSAENOBUFS.0 => "The system lacked sufficient buffer space or a queue was full.".to_owned(),
        _ if error == WSAEAFNOSUPPORT.0 => "An address incompatible with the requested protocol was used.".to_owned(),
        _ => {
            let text = io::Error::from_raw_os_error(error).to_string();
            text.strip_suffix(&format!(" (os error {error})")).unwrap_or(&text).to_owned()
        }
    };
    format!("{error} ({text})")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::{TcpListener, UdpSocket};

    use super::{ask, in_words, meaning, sample};
    use crate::machine::{BindResult, Protocol};
    use crate::platform::{BindQuestion, Scope, SocketScope};

    fn question(protocol: Protocol, address: &str, port: u16) -> BindQuestion {
        BindQuestion { protocol, address: address.parse().unwrap(), port, v6only: false, reuse_address: false }
    }

    #[test]
    fn a_held_port_is_in_use_and_free_again_afterwards() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = holder.local_addr().unwrap().port();
        for address in ["127.0.0.1", "0.0.0.0"] {
            let held = ask(&question(Protocol::Tcp, address, port));
            assert_eq!(held.result, BindResult::InUse, "{held:?}");
            assert!(held.error.unwrap().starts_with("10048 (Only one usage"));
        }
        drop(holder);
        assert_eq!(ask(&question(Protocol::Tcp, "127.0.0.1", port)).result, BindResult::Free);
    }

    #[test]
    fn a_test_gives_the_port_back_in_both_families() {
        for (protocol, address) in [(Protocol::Tcp, "::1"), (Protocol::Udp, "::1"), (Protocol::Udp, "127.0.0.1")] {
            let port = sample(protocol, 1).unwrap()[0];
            let test = question(protocol, address, port);
            assert_eq!((ask(&test).result, ask(&test).result), (BindResult::Free, BindResult::Free), "{test:?}");
        }
    }

    #[test]
    fn the_same_questions_are_asked_as_elsewhere() {
        let holder = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = holder.local_addr().unwrap().port();
        let scope = Scope {
            sockets: SocketScope::Port { port, protocol: Some(Protocol::Udp) },
            bind_address: Some("192.0.2.1".parse().unwrap()),
            ..Scope::default()
        };
        let answers: Vec<BindResult> = scope.bind_questions().iter().map(|question| ask(question).result).collect();
        assert_eq!(answers.len(), 5);
        assert_eq!((answers[1], answers[4]), (BindResult::InUse, BindResult::NotLocal), "{answers:?}");
    }

    #[test]
    fn error_numbers_are_told_apart_and_have_words() {
        let expected = [
            (10048, BindResult::InUse),
            (10013, BindResult::Denied),
            (10049, BindResult::NotLocal),
            (10055, BindResult::Exhausted),
            (10024, BindResult::Exhausted),
            (10047, BindResult::Unsupported),
            (10022, BindResult::Other),
        ];
        for (error, result) in expected {
            assert_eq!(meaning(error), result, "{error}");
            let words = in_words(error);
            assert!(words.starts_with(&format!("{error} (")) && words.len() > 20, "{words}");
        }
    }

    #[test]
    fn sampled_ports_are_all_different_and_given_back() {
        for protocol in Protocol::ALL {
            let ports = sample(protocol, 20).unwrap();
            assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), 20);
            assert!(!ports.contains(&0));
            assert_eq!(ask(&question(protocol, "0.0.0.0", ports[0])).result, BindResult::Free);
        }
    }
}
