//! Asks the system for an outgoing connection the way a client does.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::machine::{ConnectResult, ConnectTest};

/// Connects once and closes at once; no byte is sent over the connection.
pub fn ask(to: SocketAddr, patience: Duration) -> ConnectTest {
    match TcpStream::connect_timeout(&to, patience) {
        Ok(stream) => {
            drop(stream);
            ConnectTest { to, result: ConnectResult::Connected, error: None }
        }
        Err(error) => ConnectTest { to, result: meaning(&error), error: Some(in_words(&error)) },
    }
}

/// The numbers of Linux (`errno.h`) and Windows (`winsock2.h`) that mean a lack of ports: what the standard library calls both of them may
/// have other reasons too.
fn meaning(error: &io::Error) -> ConnectResult {
    const EADDRNOTAVAIL: i32 = 99;
    const WSAEADDRINUSE: i32 = 10048;
    const WSAENOBUFS: i32 = 10055;
    match (error.raw_os_error(), error.kind()) {
        (Some(WSAENOBUFS), _) => ConnectResult::NoPortLeft,
        (Some(EADDRNOTAVAIL), _) if cfg!(target_os = "linux") => ConnectResult::NoPortLeft,
        (Some(WSAEADDRINUSE), _) => ConnectResult::PortRests,
        (_, io::ErrorKind::ConnectionRefused) => ConnectResult::Refused,
        (_, io::ErrorKind::TimedOut) => ConnectResult::TimedOut,
        (_, io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => ConnectResult::Unreachable,
        _ => ConnectResult::Other,
    }
}

/// `99 (Cannot assign requested address)`: the number for the search engine, the text for the reader.
fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(number) => format!("{number} ({})", text.strip_suffix(&format!(" (os error {number})")).unwrap_or(&text)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::{ask, meaning};
    use crate::machine::ConnectResult;

    #[test]
    fn a_listener_is_reached_and_a_closed_port_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let open = ask(at, Duration::from_secs(5));
        assert_eq!((open.result, open.error), (ConnectResult::Connected, None));
        // Another test may have copied the listener into a new process that has not begun to run: then it is still there for a moment.
        drop(listener);
        let closed = (0..1000).map(|_| ask(at, Duration::from_secs(5))).find(|test| test.result != ConnectResult::Connected);
        assert_eq!(closed.unwrap().result, ConnectResult::Refused);
    }

    #[test]
    fn the_numbers_of_windows_are_told_apart() {
        assert_eq!(meaning(&io::Error::from_raw_os_error(10055)), ConnectResult::NoPortLeft);
        assert_eq!(meaning(&io::Error::from_raw_os_error(10048)), ConnectResult::PortRests);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_number_of_linux_means_that_no_port_is_left() {
        assert_eq!(meaning(&io::Error::from_raw_os_error(99)), ConnectResult::NoPortLeft);
    }
}
