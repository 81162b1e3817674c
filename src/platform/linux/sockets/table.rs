//! The socket table of our network namespace: as much of it as was asked for.

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

use rustix::net::{AddressFamily, SocketAddrV4, SocketFlags, SocketType};

use super::diag::{Query, Row, SockDiag, States};
use super::proc_net;
use crate::machine::{Family, Gap, Port, Protocol, SocketState};

/// Rows of the socket table, and what is missing.
#[derive(Debug, Default)]
pub struct Table {
    /// The rows, without owners.
    pub rows: Vec<Row>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// Every socket, or every socket on one port.
pub fn all(port: Option<Port>, protocols: &[Protocol]) -> Table {
    let mut reader = Reader::new(port);
    for protocol in protocols {
        reader.read(*protocol, States::ALL);
    }
    reader.finish(protocols.contains(&Protocol::Tcp))
}

/// The sockets through which programs reach a server. The kernel keeps listeners of TCP in a table of their own, so connections cost nothing.
pub fn listeners() -> Table {
    let mut reader = Reader::new(None);
    reader.read(Protocol::Tcp, States::LISTEN);
    reader.read(Protocol::Udp, States::ALL);
    let mut table = reader.finish(false);
    table.rows.retain(|row| row.socket.is_listener());
    table
}

/// The sockets on one port, the quickest question first: for TCP listeners, then connections, then bound sockets, up to the first that finds
/// any. UDP has no such order.
pub fn first_on(port: Port, protocols: &[Protocol]) -> Table {
    let mut reader = Reader::new(Some(port));
    let mut looked_for_bound = false;
    for protocol in protocols {
        match protocol {
            Protocol::Udp => reader.read(Protocol::Udp, States::ALL),
            Protocol::Tcp => {
                for stage in [States::LISTEN, States::CONNECTIONS, States::BOUND] {
                    looked_for_bound |= stage == States::BOUND;
                    let before = reader.table.rows.len();
                    reader.read(Protocol::Tcp, stage);
                    if reader.table.rows.len() > before {
                        break;
                    }
                }
            }
        }
    }
    reader.finish(looked_for_bound)
}

/// Asks `sock_diag`, and where that is refused reads the text in `/proc`.
struct Reader {
    diag: io::Result<SockDiag>,
    port: Option<Port>,
    interrupted: bool,
    refused: Option<io::Error>,
    table: Table,
}

impl Reader {
    fn new(port: Option<Port>) -> Self {
        Self { diag: SockDiag::open(), port, interrupted: false, refused: None, table: Table::default() }
    }

    fn read(&mut self, protocol: Protocol, states: States) {
        for family in [Family::Ipv4, Family::Ipv6] {
            let query = Query { protocol, family, states, port: self.port };
            let answer = match &mut self.diag {
                Ok(diag) => diag.query(query),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            };
            match answer {
                Ok(dump) => {
                    self.interrupted |= dump.interrupted;
                    self.table.rows.extend(dump.rows);
                }
                Err(error) => {
                    self.refused = Some(error);
                    self.read_text(protocol, family, states);
                }
            }
        }
    }

    fn read_text(&mut self, protocol: Protocol, family: Family, states: States) {
        // The text has all states at once and no bound sockets: one stage reads it.
        if protocol == Protocol::Tcp && (states == States::CONNECTIONS || states == States::BOUND) {
            return;
        }
        match proc_net::read(Path::new("/proc/self/net"), protocol, family, self.port) {
            Ok(sockets) => {
                let rows = sockets.into_iter().map(|socket| Row { socket, cgroup_id: None, interface: 0 });
                self.table.rows.extend(rows);
            }
            Err(error) => self.table.gaps.push(Gap::new(
                format!("{protocol} sockets over {family}"),
                format!("neither the kernel's socket list nor /proc/self/net could be read ({error})"),
                "PortMedic outside of the sandbox it runs in",
            )),
        }
    }

    fn finish(mut self, bound_matters: bool) -> Table {
        let gaps = &mut self.table.gaps;
        if let Some(error) = &self.refused {
            gaps.push(Gap::new(
                "sockets that are bound without listening, and the control group of each socket",
                format!("the kernel's socket list (sock_diag) is refused here ({error}); /proc/self/net was read instead"),
                "PortMedic outside of the sandbox it runs in",
            ));
        } else if bound_matters && !bound_sockets_are_listed(&mut self.diag, &self.table.rows) {
            gaps.push(Gap::new(
                "TCP sockets that are bound without listening",
                "this kernel does not list them (Linux 6.8 was the first that does)",
                "the bind test, which finds that such a port is in use, or a newer kernel",
            ));
        }
        if self.interrupted {
            gaps.push(Gap::new("some rows of the socket table", "it changed each time it was read", "another look"));
        }
        mark_shared_listeners(&mut self.table.rows);
        self.table
    }
}

/// Whether the kernel answers for [`States::BOUND`]: it is asked for a socket of our own, where no row shows it already.
fn bound_sockets_are_listed(diag: &mut io::Result<SockDiag>, rows: &[Row]) -> bool {
    if rows.iter().any(|row| row.socket.state == SocketState::Bound) || kernel_is_at_least(6, 8) {
        return true;
    }
    let mut asked = || -> io::Result<bool> {
        let probe = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        rustix::net::bind(&probe, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
        let bound = rustix::net::getsockname(&probe)?;
        let port = SocketAddrV4::try_from(bound).map_err(io::Error::from)?.port();
        let Ok(diag) = diag else { return Ok(false) };
        let query = Query { protocol: Protocol::Tcp, family: Family::Ipv4, states: States::BOUND, port: Some(port) };
        Ok(!diag.query(query)?.rows.is_empty())
    };
    asked().unwrap_or(false)
}

/// Whether the kernel calls itself this version or a later one.
fn kernel_is_at_least(major: u32, minor: u32) -> bool {
    let name = rustix::system::uname();
    let release = name.release().to_string_lossy();
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map_while(|number| number.parse::<u32>().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (major, minor)
}

/// Two TCP listeners on one address and interface are only possible where each set `SO_REUSEPORT`. The kernel tells it in no other way.
fn mark_shared_listeners(rows: &mut [Row]) {
    let key = |row: &Row| (row.socket.protocol, row.socket.state, row.socket.local, row.interface);
    rows.sort_by_key(key);
    for group in rows.chunk_by_mut(|one, next| key(one) == key(next)) {
        let listener =
            group.first().is_some_and(|row| row.socket.protocol == Protocol::Tcp && row.socket.state == SocketState::Listen);
        if listener && group.len() > 1 {
            for row in group {
                row.socket.reuse_port = Some(true);
            }
        }
    }
}
