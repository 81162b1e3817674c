//! Every failure that the lines of a log tell; lines about the same failure are read together.

use super::endpoint;
use super::line::Line;
use super::sign::Sign;
use super::{AFTER, BEFORE, Reading, around, sql_server};
use crate::catalog::{self, Product};
use crate::machine::{FailureKind, Port, Protocol};

/// A failure that lines of a log tell. Lines are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldFailure {
    /// What went wrong.
    pub kind: FailureKind,
    /// The port.
    pub port: Option<Port>,
    /// The protocol.
    pub protocol: Option<Protocol>,
    /// The number or name of the error that says it best: `98`, `EADDRINUSE`.
    pub code: Option<String>,
    /// The product it comes from, where its form tells.
    pub product: Option<&'static Product>,
    /// The first line that tells it.
    pub first: usize,
    /// The last line that tells it.
    pub last: usize,
    /// The line that names the port.
    pub port_at: Option<usize>,
}

/// Reads every failure of a log, in the order of the lines. A failure that is told again further below is told again here.
pub fn read_failures<S: AsRef<str>>(lines: &[S]) -> Vec<ToldFailure> {
    let mut places = Vec::new();
    let mut written: Vec<Line> = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.as_ref().trim().is_empty()) {
        let apart = places.last().is_some_and(|above| above + 1 < at);
        written.push(Line::of_log(line.as_ref(), apart));
        places.push(at);
    }
    let place = |at: usize| places.get(at).copied().unwrap_or_default();
    let failures = read_written(&written).into_iter().map(|told| ToldFailure {
        first: place(told.first),
        last: place(told.last),
        port_at: told.port_at.map(place),
        ..told
    });
    failures.collect()
}

/// The same for lines without blank ones, by which the lines of the failures are counted here.
fn read_written(lines: &[Line]) -> Vec<ToldFailure> {
    let mut told = Vec::new();
    let mut open: Option<Open> = None;
    for index in 0..lines.len() {
        match Reading::of(lines, index) {
            None => {
                if let Some(open) = &mut open {
                    open.go_on(lines, index);
                }
            }
            Some(reading) => {
                if let Some(open) = open.as_mut().filter(|open| open.has(&reading, lines, index)) {
                    open.add(reading, lines, index);
                } else {
                    told.extend(open.take().and_then(|open| open.close(lines)));
                    open = Open::of(reading, lines, index);
                }
            }
        }
    }
    told.extend(open.and_then(|open| open.close(lines)));
    told
}

/// A failure whose lines are still being read.
struct Open {
    reading: Reading,
    protocol: Option<Protocol>,
    product: Option<&'static Product>,
    first: usize,
    last: usize,
}

impl Open {
    fn of(reading: Reading, lines: &[Line], index: usize) -> Option<Self> {
        if reading.sign == Sign::NotAPort {
            return None;
        }
        let product = catalog::product_of_line(&lines[index].text);
        let protocol = reading.protocol(&lines[index], product);
        let first = beginning(&reading, lines, index);
        Some(Self { first, last: end(lines, index), product, protocol, reading })
    }

    /// Whether another line is about this failure, too.
    fn has(&self, other: &Reading, lines: &[Line], index: usize) -> bool {
        let same_sign = self.reading.sign == other.sign || is_weak(self.reading.sign) || is_weak(other.sign);
        let same_port = match (self.port(), other.endpoint) {
            (Some(port), Some(endpoint)) => port == endpoint.port,
            // What has a port is not about a failure that had none, unless it goes on with the same message.
            (None, Some(_)) => index <= self.last + 2 && !lines[index].apart && !lines[index].begins_an_end(),
            (_, None) => true,
        };
        let protocol = other.endpoint.and_then(|_| other.protocol(&lines[index], None));
        let same_protocol = self.protocol.zip(protocol).is_none_or(|(one, other)| one == other);
        let same_process = lines[self.first].may_be_of_process(&lines[index]);
        let same = same_sign && same_port && same_protocol && same_process;
        index <= self.last + AFTER && other.sign != Sign::NotAPort && same
    }

    fn add(&mut self, other: Reading, lines: &[Line], index: usize) {
        self.last = end(lines, index);
        if self.product.is_none() {
            self.product = catalog::product_of_line(&lines[index].text);
        }
        if self.protocol.is_none() || self.reading.endpoint.is_none() {
            self.protocol = other.protocol(&lines[index], self.product).or(self.protocol);
        }
        let reading = &mut self.reading;
        let code = [reading.code.take(), other.code].into_iter().flatten().min_by_key(|code| code.rank);
        reading.code = code;
        if is_weak(reading.sign) && !is_weak(other.sign) {
            reading.sign = other.sign;
            reading.connects = other.connects;
        }
        reading.windows |= other.windows;
        if reading.endpoint.is_none() {
            (reading.endpoint, reading.port_at) = (other.endpoint, other.port_at);
        }
    }

    /// Takes a line without an error, where it goes on with the message: the fields of an object, or the rest of a sentence.
    fn go_on(&mut self, lines: &[Line], index: usize) {
        let line = &lines[index];
        if line.dated || index > self.last + AFTER {
            return;
        }
        if line.has("errno: -40") {
            // libuv's numbers on Windows are -4096 and above, those of Linux are the system's own.
            self.reading.windows = true;
            self.last = index;
        }
        let own = endpoint::find(line).map(|endpoint| endpoint.port);
        let wrapped = index == self.last + 1
            && !line.apart
            && own.is_none()
            && line.text.starts_with(char::is_lowercase)
            && lines[self.last].is_cut_short();
        let field = line.continues() && own.is_some() && own == self.port();
        if wrapped || field {
            self.last = index;
        }
    }

    fn port(&self) -> Option<Port> {
        self.reading.endpoint.map(|endpoint| endpoint.port)
    }

    /// `None` where it only follows from an error that is not there.
    fn close(self, lines: &[Line]) -> Option<ToldFailure> {
        let port = self.port();
        let sign = self.reading.sign;
        if matches!(sign, Sign::Hint | Sign::Follows) || (sign == Sign::Unclear && port.is_none()) {
            return None;
        }
        let port_at = self.reading.port_at;
        let named = port_at.into_iter().chain(self.first..=self.last).find_map(|at| catalog::product_of_line(&lines[at].text));
        let product = self.product.or(named).or_else(|| {
            let quiet = |at: usize| Reading::of(lines, at).is_none();
            around(lines, self.first).find_map(|(at, line)| catalog::product_of_line(&line.text).filter(|_| quiet(at)))
        });
        let last = self.last.max(port_at.filter(|at| *at <= self.last + AFTER).unwrap_or(0));
        Some(ToldFailure {
            kind: self.reading.kind(port),
            port,
            protocol: self.protocol.or_else(|| product.and_then(Product::only_protocol)),
            code: self.reading.code.map(|code| code.text),
            product,
            first: self.first,
            last,
            port_at,
        })
    }
}

/// A sign that takes its meaning from another line.
const fn is_weak(sign: Sign) -> bool {
    matches!(sign, Sign::Hint | Sign::Follows | Sign::Unclear)
}

/// The first line of the message that names the same port, where the line goes on with that message.
fn beginning(reading: &Reading, lines: &[Line], index: usize) -> usize {
    // Rust says where it gave up on a line of its own.
    let panics = |line: &Line| line.has("' panicked at ") && line.text.trim_end().ends_with(':');
    if let Some(above) = index.checked_sub(1).filter(|above| panics(&lines[*above])) {
        return above;
    }
    let Some(wanted) = reading.endpoint.filter(|_| lines[index].continues()) else { return index };
    let mut first = index;
    for at in (index.saturating_sub(BEFORE)..index).rev() {
        if endpoint::find(&lines[at]).is_some_and(|endpoint| endpoint.port == wanted.port) {
            first = at;
        }
        if lines[at].dated {
            break;
        }
    }
    first
}

/// The last line of an error: SQL Server tells what the number means on the line below.
fn end(lines: &[Line], index: usize) -> usize {
    let explains = sql_server::number(&lines[index]).is_some() && lines.get(index + 1).is_some_and(|line| line.dated);
    index + usize::from(explains)
}
