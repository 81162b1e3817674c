//! What an error text or log line says about a port, read by its numbers, addresses and error names.

mod code;
mod endpoint;
mod failures;
mod line;
mod other_cause;
mod process;
mod sign;
mod sql_server;
mod stamp;
mod winsock;
mod wording;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use self::failures::{ToldFailure, read_failures};
pub use self::process::process_of;
pub use self::stamp::stamp_of;

use self::code::Code;
use self::endpoint::Endpoint;
use self::line::Line;
use self::sign::{Found, Sign};
use crate::catalog::{self, Product};
use crate::machine::{FailureKind, Port, Protocol};

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorText {
    /// What went wrong.
    pub kind: FailureKind,
    /// The port it names.
    pub port: Option<Port>,
    /// The protocol it names.
    pub protocol: Option<Protocol>,
    /// The address it names.
    pub address: Option<IpAddr>,
    /// The product it comes from, where its form tells.
    pub product: Option<String>,
}

/// How many lines after an error, and before it, may still belong to its message.
const AFTER: usize = 6;
const BEFORE: usize = 4;

/// Reads a pasted text, of one line or several. `None` where it tells of nothing that went wrong.
pub fn read_error_text(text: &str) -> Option<ErrorText> {
    let lines: Vec<&str> = text.lines().collect();
    read_error_lines(&lines).map(|(_, error)| error)
}

/// Reads the lines of one run of a program, in their order: which of them says best what went wrong, and what it says.
///
/// Where that line names no port, the lines of the same message beside it may.
pub fn read_error_lines<S: AsRef<str>>(lines: &[S]) -> Option<(usize, ErrorText)> {
    let lines: Vec<Line> = lines.iter().map(|line| Line::new(line.as_ref())).collect();
    let readings = (0..lines.len())
        .filter_map(|index| Some((index, Reading::of(&lines, index)?)))
        .filter(|(_, reading)| reading.sign != Sign::Follows);
    let (best, reading) = readings.min_by_key(|(index, reading)| {
        // Of several reasons beside ports the last one ended the program; of several ports the first one was tried first.
        let order = if reading.sign == Sign::NotAPort { lines.len() - index } else { *index };
        // The text that SQL Server writes below a number tells more than the number.
        let is_number = sql_server::number(&lines[*index]).is_some() && reading.port_at != Some(*index);
        (reading.rank(), is_number, order)
    })?;
    let product = std::iter::once(&lines[best])
        .chain(around(&lines, best).map(|(_, line)| line))
        .find_map(|line| catalog::product_of_line(&line.text));
    Some((best, reading.into_error(&lines[best], product)))
}

/// What one line says, before it is known whether its neighbours tell the port.
#[derive(Debug)]
struct Reading {
    sign: Sign,
    windows: bool,
    /// The number or name of the error.
    code: Option<Code>,
    /// Whether a connection, not a listener, is spoken of.
    connects: bool,
    endpoint: Option<Endpoint>,
    /// The line that names the endpoint.
    port_at: Option<usize>,
    /// An address without a port.
    address: Option<IpAddr>,
}

impl Reading {
    fn of(lines: &[Line], index: usize) -> Option<Self> {
        let line = &lines[index];
        let endpoint = endpoint::find(line);
        let found = sign::find(line, endpoint.is_some())?;
        let Found { mut sign, windows, certain } = found;
        // A program's trace has the call that failed on the lines before its error.
        let asks = line.asks_for_port()
            || endpoint::names_an_address(line)
            || line.has("socketexception")
            || lines[index.saturating_sub(BEFORE)..index].iter().any(|line| line.has("bind(") || line.has("listen("));
        match sign {
            Sign::Denied if endpoint.is_none() && !windows => {
                if other_cause::is_about_a_file(line) {
                    sign = Sign::NotAPort;
                } else if !asks {
                    return None;
                }
            }
            Sign::InUse if endpoint.is_none() && other_cause::is_about_a_socket_file(line) => {
                sign = Sign::NotAPort;
            }
            _ if !certain && endpoint.is_none() && !asks && !line.connects() => return None,
            _ => {}
        }
        let connects = line.connects() && !line.asks_for_port();
        let port_at = if endpoint.is_some() { Some(index) } else { None };
        let beside = if endpoint.is_some() || sign == Sign::NotAPort { None } else { beside(lines, index, sign) };
        let (port_at, endpoint) = beside.map_or((port_at, endpoint), |(at, endpoint)| (Some(at), Some(endpoint)));
        Some(Self {
            sign,
            windows,
            code: code::of(line, found),
            connects,
            endpoint,
            port_at,
            address: endpoint::lone_address(line),
        })
    }

    /// The lower, the more it tells about a port that a service wants.
    const fn rank(&self) -> u8 {
        match (self.sign, self.endpoint.is_some()) {
            (Sign::InUse | Sign::Denied | Sign::NotAvailable, true) => 0,
            (Sign::InUse | Sign::Denied | Sign::NotAvailable, false) => 1,
            (Sign::NoRoom, _) => 2,
            (Sign::Refused, _) => 3,
            (Sign::NotAPort, _) => 4,
            (Sign::Unclear | Sign::Hint | Sign::Follows, _) => 5,
        }
    }

    fn into_error(self, line: &Line, product: Option<&Product>) -> ErrorText {
        let port = self.endpoint.map(|endpoint| endpoint.port);
        ErrorText {
            kind: self.kind(port),
            port,
            protocol: if self.sign == Sign::NotAPort { None } else { self.protocol(line, product) },
            address: self.address.or_else(|| self.endpoint.and_then(|endpoint| endpoint.address)),
            product: product.map(|product| product.name.clone()),
        }
    }

    fn kind(&self, port: Option<Port>) -> FailureKind {
        match self.sign {
            Sign::InUse | Sign::Hint => FailureKind::InUse,
            Sign::Denied if !self.windows && port.is_some_and(|port| port < 1024) => FailureKind::Privileged,
            Sign::Denied => FailureKind::Forbidden,
            Sign::NotAvailable if self.connects => FailureKind::Exhausted,
            Sign::NotAvailable => FailureKind::NotLocal,
            Sign::Refused => FailureKind::Refused,
            Sign::NoRoom => FailureKind::Exhausted,
            Sign::NotAPort => FailureKind::NotAPort,
            Sign::Unclear | Sign::Follows => FailureKind::Unknown,
        }
    }

    fn protocol(&self, line: &Line, product: Option<&Product>) -> Option<Protocol> {
        let written = self.endpoint.and_then(|endpoint| endpoint.protocol);
        let has = |words: &[&str]| words.iter().any(|word| line.has_word(word));
        written.or_else(|| of_node(line)).or_else(|| {
            match (has(&["tcp", "tcp4", "tcp6"]), has(&["udp", "udp4", "udp6", "datagram", "dgram"])) {
                (true, false) => Some(Protocol::Tcp),
                (false, true) => Some(Protocol::Udp),
                (true, true) => None,
                // Only TCP has the call listen() and refuses a connection; else the product may know one protocol only.
                (false, false)
                    if (has(&["listen", "serverconnector"]) && !line.has("listen on")) || self.sign == Sign::Refused =>
                {
                    Some(Protocol::Tcp)
                }
                (false, false) => product.and_then(Product::only_protocol),
            }
        })
    }
}

/// What Node.js binds itself is a socket for datagrams, `bind EADDRINUSE 0.0.0.0:5353`; a server listens, and only the worker of a cluster
/// binds one, without its address: `bind EADDRINUSE null:3000`.
fn of_node(line: &Line) -> Option<Protocol> {
    let (_, name) = line.text.split_once("bind E").filter(|(_, name)| name.starts_with(|c: char| c.is_ascii_uppercase()))?;
    Some(if name.contains(" null:") { Protocol::Tcp } else { Protocol::Udp })
}

/// The lines that may belong to the same message, the nearest first, with their indices. Another process writes another message.
fn around(lines: &[Line], index: usize) -> impl Iterator<Item = (usize, &Line)> {
    let own = &lines[index];
    // A line that goes on with a message has nothing to do with other messages.
    let begins_message = |at: &usize| (!own.dated && lines[*at].dated) || lines[*at].begins_an_end();
    let begins = (index.saturating_sub(BEFORE)..index).rev().find(begins_message).unwrap_or(0);
    let ends = (index + 1..lines.len().min(index + AFTER + 1)).find(begins_message).unwrap_or(lines.len());
    (1..=AFTER.max(BEFORE)).flat_map(move |distance| {
        let after = Some(index + distance).filter(|at| distance <= AFTER && *at < ends);
        let before = index.checked_sub(distance).filter(|at| distance <= BEFORE && *at >= begins);
        let beside = after.into_iter().chain(before).filter_map(|at| Some((at, lines.get(at)?)));
        beside.filter(move |(_, line)| line.may_be_of_process(own))
    })
}

/// The endpoint from a line of the same message. A line with an error of its own keeps its endpoint to itself.
fn beside(lines: &[Line], index: usize, sign: Sign) -> Option<(usize, Endpoint)> {
    // SQL Server writes the number of an error and its text on two lines.
    if sql_server::number(&lines[index]).is_some()
        && let Some(endpoint) = lines.get(index + 1).and_then(endpoint::find)
    {
        return Some((index + 1, endpoint));
    }
    if sign == Sign::Refused {
        return around(lines, index).find_map(|(at, line)| {
            let asked = || endpoint::find(line).filter(|_| line.has("?"));
            endpoint::in_connection_string(line).or_else(asked).map(|endpoint| (at, endpoint))
        });
    }
    for (at, line) in around(lines, index) {
        let own = sign::find(line, true).map(|found| found.sign);
        // The same error with its port: this line goes on with that message.
        if own == Some(sign) && endpoint::find(line).is_some() {
            return None;
        }
        // SQL Server lists the ports that it has in the same form as those that it could not have.
        let of_sql_server = line.has_any(&["<ipv4>", "<ipv6>"]);
        let is_listed = of_sql_server && at.checked_sub(1).is_none_or(|above| sql_server::number(&lines[above]).is_none());
        let endpoint = if at < index { endpoint::find_above(line) } else { endpoint::find_below(line) };
        let endpoint = endpoint.filter(|_| !is_listed && matches!(own, None | Some(Sign::Hint | Sign::Unclear)));
        if let Some(endpoint) = endpoint {
            return Some((at, endpoint));
        }
    }
    None
}

#[cfg(test)]
mod tests;
