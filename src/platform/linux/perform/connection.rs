//! Closes one connection; the process that has it lives on.

use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use crate::machine::{Family, Protocol};
use crate::platform::PlatformError;
use crate::platform::linux::ranges::kernel::error_of;
use crate::platform::linux::sockets::diag::{Query, SockDiag, States};
use crate::remedy::OperationState;

/// The kernel closes it at once; this is for a machine under load.
const GONE_WITHIN: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(20);

/// One connection.
#[derive(Debug, Clone, Copy)]
pub struct Connection {
    /// The protocol.
    pub protocol: Protocol,
    /// The end on this computer.
    pub local: SocketAddr,
    /// The far end.
    pub remote: SocketAddr,
    /// The kernel's identity of the socket; `None` for whichever is there.
    pub cookie: Option<u64>,
}

impl Connection {
    /// Whether it is there.
    pub fn state(self) -> Result<OperationState, PlatformError> {
        let present = self.find().map_err(|error| error_of(format!("could not look for {}", self.shown()), &error))?.is_some();
        Ok(OperationState::Connection { present })
    }

    /// Closes it and waits until it is gone. One that is gone already is no error.
    pub fn close(self) -> Result<(), PlatformError> {
        let what = || format!("could not close {}", self.shown());
        let could_not = |error: io::Error| error_of(what(), &error);
        let Some(cookie) = self.find().map_err(could_not)? else { return Ok(()) };
        let answer = SockDiag::open().and_then(|mut kernel| kernel.destroy(self.protocol, self.local, self.remote, cookie));
        match answer.map_err(|error| (Errno::from_io_error(&error), error)) {
            Ok(()) | Err((Some(Errno::NOENT), _)) => {}
            Err((Some(Errno::PERM), error)) => return Err(PlatformError::NotPermitted { what: what(), why: error.to_string() }),
            Err((Some(Errno::OPNOTSUPP | Errno::INVAL), _)) => {
                return Err(PlatformError::Refused(format!(
                    "{}: this kernel was built without the call for it (INET_DIAG_DESTROY); end the process that has it instead",
                    what()
                )));
            }
            Err((_, error)) => return Err(could_not(error)),
        }
        let begin = Instant::now();
        while self.find().map_err(could_not)?.is_some() {
            if begin.elapsed() >= GONE_WITHIN {
                return Err(PlatformError::Failed { what: what(), why: "the kernel agreed, but it is still there".to_owned() });
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Its cookie, where it is there. Both families are asked: IPv4 may live in an IPv6 socket.
    fn find(self) -> io::Result<Option<u64>> {
        let mut kernel = SockDiag::open()?;
        let states = match self.protocol {
            Protocol::Tcp => States::CONNECTIONS,
            Protocol::Udp => States::ALL,
        };
        for family in Family::ALL {
            let rows = kernel.query(Query { protocol: self.protocol, family, states, port: Some(self.local.port()) })?;
            let found = rows.into_iter().find(|row| {
                row.local() == self.local
                    && row.remote() == Some(self.remote)
                    && (self.cookie.is_none() || row.cookie == self.cookie)
            });
            if let Some(row) = found {
                return Ok(row.cookie);
            }
        }
        Ok(None)
    }

    fn shown(self) -> String {
        format!("the {} connection from {} to {}", self.protocol, self.local, self.remote)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};

    use super::{Connection, Protocol};
    use crate::platform::PlatformError;
    use crate::remedy::OperationState;

    fn present(connection: Connection) -> bool {
        connection.state().unwrap() == OperationState::Connection { present: true }
    }

    fn pair(address: &str) -> (TcpStream, TcpStream, Connection) {
        let listener = TcpListener::bind(address).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        let (local, remote) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        (client, server, Connection { protocol: Protocol::Tcp, local, remote, cookie: None })
    }

    #[test]
    fn a_connection_is_found_by_both_ends() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let (client, server, connection) = pair(address);
            assert!(present(connection));
            assert!(!present(Connection { remote: connection.local, ..connection }));
            drop((client, server));
        }
    }

    #[test]
    fn another_connection_between_the_same_ends_is_not_meant() {
        let (_client, _server, connection) = pair("127.0.0.1:0");
        let cookie = connection.find().unwrap().unwrap();
        assert!(present(Connection { cookie: Some(cookie), ..connection }));
        let other = Connection { cookie: Some(cookie + 1), ..connection };
        assert!(!present(other));
        other.close().unwrap();
        assert!(present(connection), "closing the other one did not touch it");
    }

    #[test]
    fn udp_with_a_peer_is_a_connection_too() {
        let (one, two) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        one.connect(two.local_addr().unwrap()).unwrap();
        let (local, remote) = (one.local_addr().unwrap(), two.local_addr().unwrap());
        assert!(present(Connection { protocol: Protocol::Udp, local, remote, cookie: None }));
    }

    #[test]
    fn without_the_right_it_is_told_and_with_it_the_connection_is_gone() {
        let (_client, _server, connection) = pair("127.0.0.1:0");
        match connection.close() {
            Ok(()) => assert!(!present(connection)),
            Err(error) => {
                assert!(matches!(error, PlatformError::NotPermitted { .. } | PlatformError::Refused(_)), "{error}");
                assert!(present(connection));
            }
        }
    }
}
