//! Closes one connection; the process that has it lives on. Windows can do so for TCP over IPv4 only.

use std::net::{SocketAddr, SocketAddrV4};
use std::thread;
use std::time::{Duration, Instant};

use windows::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_MR_MID_NOT_FOUND, NO_ERROR};

use crate::machine::{Family, Protocol};
use crate::platform::PlatformError;
use crate::platform::windows::ffi::delete_connection;
use crate::platform::windows::sockets::{LiveTables, identity};
use crate::platform::windows_tables::search::{NoTable, Tables};
use crate::platform::windows_tables::sockets::{Row, Table, TcpPart, rows};
use crate::remedy::OperationState;

/// Windows closes it at once; this is for a computer under load.
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
    /// What tells it from a later one between the same ends; `None` for whichever is there.
    pub identity: Option<u64>,
}

impl Connection {
    /// Refuses a connection that Windows has no call to close.
    pub fn check(self) -> Result<(), PlatformError> {
        self.ends().map(drop)
    }

    /// Both ends, where Windows can close what is between them.
    fn ends(self) -> Result<(SocketAddrV4, SocketAddrV4), PlatformError> {
        match (self.protocol, self.local, self.remote) {
            (Protocol::Tcp, SocketAddr::V4(local), SocketAddr::V4(remote)) => Ok((local, remote)),
            _ => Err(PlatformError::Refused(format!(
                "{}: Windows has a call that closes IPv4 connections of TCP, and none for others; end the program that has it instead",
                self.could_not()
            ))),
        }
    }

    /// Whether it is there and a process has it.
    pub fn state(self) -> Result<OperationState, PlatformError> {
        Ok(OperationState::Connection { present: self.find()?.is_some() })
    }

    /// Closes it and waits until it is gone. One that is gone already is no error.
    pub fn close(self) -> Result<(), PlatformError> {
        self.close_by(delete_connection)
    }

    /// [`Self::close`] with the call that closes it.
    fn close_by(self, delete: impl Fn(SocketAddrV4, SocketAddrV4) -> u32) -> Result<(), PlatformError> {
        let (local, remote) = self.ends()?;
        if self.find()?.is_none() {
            return Ok(());
        }
        match delete(local, remote) {
            code if code == NO_ERROR.0 => {}
            // Windows has answered "message not found" to those who lack the right since Vista.
            code if code == ERROR_ACCESS_DENIED.0 || code == ERROR_MR_MID_NOT_FOUND.0 => {
                return Err(PlatformError::NotPermitted { what: self.could_not(), why: format!("error {code}") });
            }
            // It may have ended by itself.
            _ if self.find()?.is_none() => return Ok(()),
            code => return Err(self.failed(format!("Windows refused it (error {code})"))),
        }
        let begin = Instant::now();
        while self.find()?.is_some() {
            if begin.elapsed() >= GONE_WITHIN {
                return Err(self.failed(
                    "Windows said that it is done, and the connection is still there; end the program that has it instead"
                        .to_owned(),
                ));
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// The connection in the table, while a process has it: one that rests is nobody's.
    fn find(self) -> Result<Option<Row>, PlatformError> {
        let table = Table::Tcp(Family::of(self.local.ip()), TcpPart::Connections);
        let unread = |why: String| PlatformError::Failed { what: "could not read the socket table".to_owned(), why };
        let bytes = LiveTables.read(table).map_err(|error| match error {
            NoTable::Missing => unread("this Windows does not have it".to_owned()),
            NoTable::Refused(code) => unread(format!("error {code}")),
        })?;
        let rows = rows(table, &bytes, Some(self.local.port())).ok_or_else(|| unread("it is not whole".to_owned()))?;
        Ok(rows.into_iter().find(|row| self.is_meant(row)))
    }

    fn is_meant(self, row: &Row) -> bool {
        row.local == self.local
            && row.remote == Some(self.remote)
            && row.pid.is_some()
            && (self.identity.is_none() || identity(row) == self.identity)
    }

    fn could_not(self) -> String {
        format!("could not close the {} connection from {} to {}", self.protocol, self.local, self.remote)
    }

    fn failed(self, why: String) -> PlatformError {
        PlatformError::Failed { what: self.could_not(), why }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::net::{Shutdown, TcpListener, TcpStream};

    use super::{Connection, ERROR_ACCESS_DENIED, ERROR_MR_MID_NOT_FOUND};
    use crate::machine::Protocol;
    use crate::platform::PlatformError;
    use crate::remedy::OperationState;

    /// A connection of this computer with itself: the client's end, the server's and what names the first.
    fn pair(address: &str) -> (TcpStream, TcpStream, Connection) {
        let listener = TcpListener::bind(address).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        let (local, remote) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        (client, server, Connection { protocol: Protocol::Tcp, local, remote, identity: None })
    }

    fn present(connection: Connection) -> bool {
        connection.state().unwrap() == OperationState::Connection { present: true }
    }

    #[test]
    fn a_connection_is_found_by_both_ends_and_its_identity() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let (client, server, connection) = pair(address);
            assert!(present(connection));
            assert!(!present(Connection { remote: connection.local, ..connection }));
            let own = super::identity(&connection.find().unwrap().unwrap());
            assert!(present(Connection { identity: own, ..connection }));
            let other = Connection { identity: own.map(|own| own + 1), ..connection };
            assert!(!present(other));
            drop((client, server));
        }
    }

    #[test]
    fn ipv6_and_udp_are_refused_before_anything_is_done() {
        let (_client, _server, v6) = pair("[::1]:0");
        let (_other, _end, v4) = pair("127.0.0.1:0");
        for connection in [v6, Connection { protocol: Protocol::Udp, ..v4 }] {
            let error = connection.close_by(|_, _| unreachable!("it is refused")).unwrap_err();
            assert!(matches!(&error, PlatformError::Refused(text) if text.contains("IPv4")), "{error}");
        }
    }

    #[test]
    fn a_yes_of_windows_without_an_effect_is_told() {
        // What Wine answers, and what some filters in a real Windows make of it.
        let (_client, _server, connection) = pair("127.0.0.1:0");
        let error = connection.close_by(|_, _| 0).unwrap_err();
        assert!(error.to_string().contains("still there"), "{error}");
        assert!(present(connection));
    }

    #[test]
    fn the_real_call_closes_it_or_tells_that_it_did_not() {
        let (_client, _server, connection) = pair("127.0.0.1:0");
        match connection.close() {
            Ok(()) => assert!(!present(connection)),
            Err(error) => assert!(present(connection) && error.to_string().starts_with("could not close"), "{error}"),
        }
    }

    #[test]
    fn a_connection_that_goes_is_closed_whatever_the_call_said() {
        for code in [0, 87] {
            let (client, server, connection) = pair("127.0.0.1:0");
            let ends = Cell::new(Some((client, server)));
            let gone = connection.close_by(|_, _| {
                let (client, server) = ends.take().unwrap();
                server.shutdown(Shutdown::Both).unwrap();
                drop((server, client));
                code
            });
            assert!(gone.is_ok(), "{gone:?}");
        }
    }

    #[test]
    fn a_right_that_is_missing_is_told_as_such() {
        let (_client, _server, connection) = pair("127.0.0.1:0");
        for code in [ERROR_ACCESS_DENIED.0, ERROR_MR_MID_NOT_FOUND.0] {
            let error = connection.close_by(|_, _| code).unwrap_err();
            assert!(matches!(error, PlatformError::NotPermitted { .. }), "{error}");
        }
    }

    #[test]
    fn one_that_is_gone_is_no_error_and_another_between_the_same_ends_is_not_touched() {
        let (_client, _server, connection) = pair("127.0.0.1:0");
        let other = Connection { identity: Some(1), ..connection };
        other.close_by(|_, _| unreachable!("there is nothing to close")).unwrap();
        assert!(present(connection));
    }
}
