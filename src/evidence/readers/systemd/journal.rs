//! What the entries of a journal tell together: which units failed, and why.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jiff::Timestamp;

use super::{Page, Reading, unit};
use crate::catalog;
use crate::evidence::fact::{Failure, SectionStart};
use crate::evidence::logs::{MessageFailure, failures_of_messages, protocol_of_port};
use crate::evidence::page::number;

/// One entry.
#[derive(Debug, Clone, Default)]
pub struct Entry<'a> {
    /// Its lines in the file, from 0.
    pub lines: Range<usize>,
    /// When, as it is written there.
    pub time: Cow<'a, str>,
    /// The computer.
    pub host: Cow<'a, str>,
    /// Who wrote it.
    pub writer: Cow<'a, str>,
    /// The process that wrote it.
    pub pid: Cow<'a, str>,
    /// The unit that the entry itself names.
    pub unit: Option<Cow<'a, str>>,
    /// Whether systemd wrote it, about a unit.
    pub of_systemd: bool,
    /// Whether a field beside the message says that the unit failed.
    pub failed: bool,
    /// One line of its text.
    pub message: Cow<'a, str>,
}

/// The entries of one journal, one after the other.
#[derive(Debug, Default)]
pub struct Journal<'a> {
    /// The unit that all entries belong to, where the command or the block says so.
    of_unit: Option<String>,
    streams: Vec<Stream<'a>>,
    /// The stream of the last entry.
    last: Option<usize>,
    places: HashMap<Process<'a>, usize>,
    units: HashSet<String>,
    failed: Vec<(String, usize)>,
    /// Units whose process ended badly, before systemd says what it makes of that.
    ended: HashMap<String, usize>,
    hosts: Vec<(String, usize)>,
    known_hosts: HashSet<String>,
}

/// A process that writes, or systemd about one unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Process<'a> {
    unit: Option<Cow<'a, str>>,
    name: Cow<'a, str>,
    pid: Cow<'a, str>,
}

/// What one process wrote, or systemd about one unit.
#[derive(Debug)]
struct Stream<'a> {
    process: Process<'a>,
    of_systemd: bool,
    /// The unit whose process ended behind its last entry.
    ended_as: Option<String>,
    entries: Vec<(Range<usize>, Cow<'a, str>)>,
    messages: Vec<Cow<'a, str>>,
}

impl<'a> Journal<'a> {
    /// A journal of one unit, or with `None` of any.
    pub fn of_unit(of_unit: Option<String>) -> Self {
        Self { of_unit, ..Self::default() }
    }

    /// Takes an entry.
    pub fn add(&mut self, entry: Entry<'a>) {
        if !entry.host.is_empty() && !self.known_hosts.contains(&*entry.host) {
            self.known_hosts.insert(entry.host.to_string());
            self.hosts.push((entry.host.to_string(), entry.lines.start));
        }
        let mut unit = entry.unit.filter(|unit| is_a_service(unit));
        if entry.of_systemd {
            unit = unit.or_else(|| unit::spoken_of(&entry.message).map(|unit| Cow::Owned(unit.to_owned())));
            if let Some(unit) = unit.as_deref() {
                if !self.units.contains(unit) {
                    self.units.insert(unit.to_owned());
                }
                if unit::ended_badly(&entry.message) {
                    self.ended.entry(unit.to_owned()).or_insert(entry.lines.start);
                } else if unit::is_no_failure(&entry.message) {
                    self.ended.remove(unit);
                } else if entry.failed || unit::says_failed(&entry.message) {
                    self.failed.push((unit.to_owned(), entry.lines.start));
                }
            }
            if unit::tells_an_end(&entry.message) {
                let last = self.last.take().and_then(|last| self.streams.get_mut(last));
                if let Some(stream) = last.filter(|_| unit::ended_badly(&entry.message)) {
                    stream.ended_as = unit.map(Cow::into_owned);
                }
                return;
            }
        }
        let process = Process { unit, name: entry.writer, pid: entry.pid };
        let streams = &mut self.streams;
        let place = *self.places.entry(process).or_insert_with_key(|process| {
            let process = process.clone();
            streams.push(Stream {
                process,
                of_systemd: entry.of_systemd,
                ended_as: None,
                entries: Vec::new(),
                messages: Vec::new(),
            });
            streams.len() - 1
        });
        self.last = Some(place);
        if let Some(stream) = self.streams.get_mut(place) {
            stream.ended_as = None;
            stream.entries.push((entry.lines, entry.time));
            stream.messages.push(entry.message);
        }
    }

    /// Hands on what the entries tell.
    pub fn tell(mut self, page: &Page<'_>, reading: &mut Reading) {
        if self.hosts.len() > 1 {
            let begins = |(name, at): &(String, usize)| SectionStart { place: page.place(*at), name: name.clone() };
            reading.machines.extend(self.hosts.iter().map(begins));
        }
        self.failed.extend(self.ended.drain());
        self.failed.sort_by_key(|(_, at)| *at);
        for (unit, at) in &self.failed {
            reading.add_failed_service(unit, page.place(*at));
        }
        let writers = Writers::of(&self);
        let mut told: Vec<Failure> = Vec::new();
        for stream in &self.streams {
            let failures = failures_of_messages(&stream.messages);
            told.extend(failures.into_iter().map(|failure| stream.failure(failure, &writers, page)));
        }
        told.sort_by_key(|failure| failure.place.line);
        for failure in told {
            reading.add_failure(failure);
        }
    }
}

impl Stream<'_> {
    fn failure(&self, told: MessageFailure, writers: &Writers<'_>, page: &Page<'_>) -> Failure {
        let unit = self.process.unit.as_deref().map(str::to_owned).or_else(|| writers.unit(self));
        let lines = |at: usize| self.entries.get(at).map_or(0..0, |(lines, _)| lines.clone());
        let first = lines(told.first);
        let product = told.product.or_else(|| {
            let of_unit = unit.as_deref().and_then(catalog::product_of_unit);
            of_unit.or_else(|| product_of_writer(&self.process.name)).map(|product| product.id.clone())
        });
        Failure {
            protocol: told.protocol.or_else(|| protocol_of_port(told.port, product.as_deref())),
            product,
            service: unit,
            port: told.port,
            code: told.code,
            cause: told.cause,
            message: self
                .messages
                .get(told.first)
                .map(|text| crate::machine::without_colours(text).trim().to_owned())
                .unwrap_or_default(),
            time: self.entries.get(told.first).and_then(|(_, time)| written(time)),
            place: page.places(first.start..lines(told.last).end.max(first.end)),
            port_line: told.port_at.map(|at| lines(at).start).filter(|at| *at != first.start).map(number),
        }
    }
}

/// Which unit a process belongs to that only gives its own name.
struct Writers<'j> {
    journal: &'j Journal<'j>,
    by_product: HashMap<&'j str, Option<&'j str>>,
    only: Option<&'j str>,
}

impl<'j> Writers<'j> {
    fn of(journal: &'j Journal<'j>) -> Self {
        let services = || journal.units.iter().map(String::as_str).filter(|unit| unit.ends_with(".service"));
        let mut by_product = HashMap::new();
        for unit in services() {
            if let Some(product) = catalog::product_of_unit(unit) {
                by_product.entry(product.id.as_str()).and_modify(|known| *known = None).or_insert(Some(unit));
            }
        }
        let mut all = services();
        let only = all.next().filter(|unit| all.next().is_none() && journal.failed.iter().any(|(failed, _)| failed == unit));
        Self { journal, by_product, only }
    }

    /// By its name, by its product, by the end that follows it, and where systemd speaks of one unit only and that one failed, it is that
    /// one. A product that has units of its own belongs to no other.
    fn unit(&self, stream: &Stream<'_>) -> Option<String> {
        if self.journal.of_unit.is_some() {
            return self.journal.of_unit.clone();
        }
        if stream.of_systemd {
            return None;
        }
        let writer = &*stream.process.name;
        if unit::is_unit(writer) {
            return Some(writer.to_owned());
        }
        let own = format!("{}.service", writer.trim_matches(['(', ')']));
        if self.journal.units.contains(&own) {
            return Some(own);
        }
        let product = product_of_writer(writer);
        if let Some(unit) = product.and_then(|product| *self.by_product.get(product.id.as_str())?) {
            return Some(unit.to_owned());
        }
        let followed = stream.ended_as.as_deref().or(self.only);
        followed.filter(|_| product.is_none_or(|product| product.units.is_empty())).map(str::to_owned)
    }
}

fn product_of_writer(writer: &str) -> Option<&'static catalog::Product> {
    let name = writer.split('/').next().unwrap_or(writer);
    catalog::product_of_unit(name).or_else(|| catalog::product_called(name))
}

/// Sessions and systemd itself are units too, but nobody starts them for a port.
fn is_a_service(unit: &str) -> bool {
    ![".scope", ".slice"].iter().any(|kind| unit.ends_with(kind))
}

/// The time as it is written; the journal as JSON counts microseconds since 1970.
fn written(time: &str) -> Option<String> {
    if time.len() >= 15 && time.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Timestamp::from_microsecond(time.parse().ok()?).ok()?.to_string());
    }
    (!time.is_empty()).then(|| time.to_owned())
}
