//! The socket table of our network namespace: as much of it as was asked for.

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

use rustix::net::{AddressFamily, SocketAddrV4, SocketFlags, SocketType};

use super::diag::{Query, SockDiag, States};
use super::proc_net;
use super::row::{self, Row};
use crate::machine::{Family, Gap, Port, Protocol, SocketState};

/// Rows of the socket table, and what is missing.
#[derive(Debug, Default)]
pub struct Table {
    /// The rows, without owners.
    pub rows: Vec<Row>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// Every socket.
pub fn all() -> Table {
    let mut reader = Reader::new(None);
    reader.read_tcp(States::ALL);
    reader.read_udp();
    reader.finish(true)
}

/// Every socket on one port.
pub fn all_on(port: Port, protocols: &[Protocol]) -> Table {
    let mut reader = Reader::new(Some(port));
    for protocol in protocols {
        match protocol {
            Protocol::Tcp => reader.read_tcp(States::ALL),
            Protocol::Udp => reader.read_udp(),
        }
    }
    reader.finish(protocols.contains(&Protocol::Tcp))
}

/// The sockets through which programs reach a server. The kernel keeps listeners of TCP in a table of their own, so connections cost nothing.
pub fn listeners() -> Table {
    let mut reader = Reader::new(None);
    reader.read_tcp(States::LISTEN);
    reader.read_udp();
    let mut table = reader.finish(false);
    table.rows.retain(|row| row.state.is_server());
    table
}

/// The sockets on one port, the quickest question first: for TCP listeners, then connections, then bound sockets, up to the first that finds
/// any. UDP has no such order.
pub fn first_on(port: Port, protocols: &[Protocol]) -> Table {
    let mut reader = Reader::new(Some(port));
    let mut looked_for_bound = false;
    for protocol in protocols {
        match protocol {
            Protocol::Udp => reader.read_udp(),
            Protocol::Tcp => {
                for stage in [States::LISTEN, States::CONNECTIONS, States::BOUND] {
                    looked_for_bound |= stage == States::BOUND;
                    let before = reader.table.rows.len();
                    reader.read_tcp(stage);
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

    fn read_udp(&mut self) {
        for family in Family::ALL {
            let query = Query { protocol: Protocol::Udp, family, states: States::ALL, port: self.port };
            self.ask(Protocol::Udp, &[family], States::ALL, |diag, rows| diag.add(query, rows));
        }
    }

    /// Reads both families with one walk through the kernel's table.
    fn read_tcp(&mut self, states: States) {
        let ports = self.port.map(|port| BTreeSet::from([port]));
        self.ask(Protocol::Tcp, &Family::ALL, states, |diag, rows| diag.add_tcp(states, ports.as_ref(), rows));
    }

    /// Puts a question for the sockets of these families; where it is refused, the text is read in place of the answer.
    fn ask(
        &mut self,
        protocol: Protocol,
        families: &[Family],
        states: States,
        question: impl FnOnce(&mut SockDiag, &mut Vec<Row>) -> io::Result<bool>,
    ) {
        let answer = match &mut self.diag {
            Ok(diag) => question(diag, &mut self.table.rows),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        };
        match answer {
            Ok(interrupted) => self.interrupted |= interrupted,
            Err(error) => {
                self.refused = Some(error);
                for family in families {
                    self.read_text(protocol, *family, states);
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
            Ok(rows) => self.table.rows.extend(rows),
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
        row::put_in_order(&mut self.table.rows);
        self.table
    }
}

/// Whether the kernel answers for [`States::BOUND`]: it is asked for a socket of our own, where no row shows it already.
fn bound_sockets_are_listed(diag: &mut io::Result<SockDiag>, rows: &[Row]) -> bool {
    if rows.iter().any(|row| row.state == SocketState::Bound) || kernel_is_at_least(6, 8) {
        return true;
    }
    let mut asked = || -> io::Result<bool> {
        let probe = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        rustix::net::bind(&probe, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
        let bound = rustix::net::getsockname(&probe)?;
        let port = SocketAddrV4::try_from(bound).map_err(io::Error::from)?.port();
        let Ok(diag) = diag else { return Ok(false) };
        let query = Query { protocol: Protocol::Tcp, family: Family::Ipv4, states: States::BOUND, port: Some(port) };
        Ok(!diag.query(query)?.is_empty())
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
