//! What went wrong, from the logs of programs: the lines that no reader of tables took.
//!
//! `diagnosis/error_text` knows what a line says; here it is found which lines are a program's and not a person's, whose they are, and where
//! their message begins and ends.

mod netsh;
mod people;
mod source;
mod sql_errorlog;

use std::collections::HashSet;

use self::source::{Head, Source};
use super::fact::{Failure, Reading};
use super::kind::Kind;
use super::page::{Page, number};
use crate::diagnosis::{ToldFailure, read_failures, stamp_of};
use crate::machine::{FailureKind, Port, Protocol};

pub use netsh::refusal;
pub use source::protocol_of_port;

/// What one message says went wrong. Lines are counted from 0 within the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageFailure {
    /// The product it comes from, as its short id in the catalogue.
    pub product: Option<String>,
    /// The port.
    pub port: Option<Port>,
    /// The protocol.
    pub protocol: Option<Protocol>,
    /// The number or name of the error that says it best.
    pub code: Option<String>,
    /// What went wrong.
    pub cause: FailureKind,
    /// The first line that tells it.
    pub first: usize,
    /// The last line that tells it.
    pub last: usize,
    /// The line that names the port.
    pub port_at: Option<usize>,
}

/// What the text of an event or of a journal entry says went wrong, whose lines are given: the first failure that it tells.
///
/// `None` where it tells of none. This is the door for readers whose rows carry the message of a program.
pub fn failure_of_message<S: AsRef<str>>(message: &[S]) -> Option<MessageFailure> {
    failures_of_messages(message).into_iter().next()
}

/// Every failure that the messages of one program tell, in their order; rows of a stack trace are passed over.
pub fn failures_of_messages<S: AsRef<str>>(messages: &[S]) -> Vec<MessageFailure> {
    let kept: Vec<usize> = (0..messages.len()).filter(|at| !people::is_frame(messages[*at].as_ref().trim_start())).collect();
    let lines: Vec<&str> = kept.iter().map(|at| messages[*at].as_ref()).collect();
    let place = |at: usize| kept.get(at).copied().unwrap_or_default();
    let own = |told: ToldFailure| {
        let source = Source::of(&told, (told.first..=told.last).filter_map(|at| lines.get(at).copied()));
        let failure = MessageFailure::new(told, source);
        MessageFailure { first: place(failure.first), last: place(failure.last), port_at: failure.port_at.map(place), ..failure }
    };
    read_failures(&lines).into_iter().map(own).collect()
}

impl MessageFailure {
    fn new(told: ToldFailure, source: Option<Source>) -> Self {
        Self {
            protocol: told.protocol.or_else(|| protocol_of_port(told.port, source.as_ref().map(|source| &*source.id))),
            product: source.map(|source| source.id),
            port: told.port,
            code: told.code,
            cause: told.kind,
            first: told.first,
            last: told.last,
            port_at: told.port_at,
        }
    }
}

/// Reads the failures of the lines `free` of a page, which are in their order; what kind of log they are, where they are one.
pub fn read(page: &Page<'_>, free: &[usize], reading: &mut Reading) -> Option<Kind> {
    let is_own = |at: &usize| {
        let line = page.line(*at);
        line.trim().is_empty() || (!page.is_quoted(*at) && people::is_from_a_program(line))
    };
    let told_by_programs: Vec<usize> = free.iter().copied().filter(is_own).collect();
    let lines: Vec<&str> = told_by_programs.iter().map(|at| page.line(*at)).collect();
    let mut head = None;
    let mut found = false;
    let all = read_failures(&lines);
    let line = |at: usize| told_by_programs.get(at).copied().unwrap_or_default();
    let failing: HashSet<usize> = all.iter().flat_map(|told| line(told.first)..=line(told.last)).collect();
    for told in all {
        let own = || (told.first..=told.last).filter_map(|at| lines.get(at).copied());
        if !is_told_as_error(&told, own()) {
            continue;
        }
        found = true;
        let source = Source::of(&told, own()).or_else(|| {
            let head = head.get_or_insert_with(|| Head::of(page, &failing)).source(lines.get(told.first)?);
            head.filter(|_| told.kind != FailureKind::Exhausted)
        });
        let (first, last) = (line(told.first), line(told.last));
        let failure = MessageFailure::new(told, source);
        let port_line = failure.port_at.map(line).filter(|at| *at != first).map(number);
        reading.add_failure(Failure {
            product: failure.product,
            service: None,
            port: failure.port,
            protocol: failure.protocol,
            code: failure.code,
            cause: failure.cause,
            message: page.line(first).trim().to_owned(),
            time: stamp_of(page.line(first)).map(str::to_owned),
            place: page.places(first..last + 1),
            port_line,
        });
    }
    kind(page, free, found)
}

/// Whether a failure without a port is more than words: a program tells when, or that it is an error.
fn is_told_as_error<'a>(told: &ToldFailure, mut own: impl Iterator<Item = &'a str>) -> bool {
    told.port.is_some() || own.any(|line| stamp_of(line).is_some() || people::tells_an_error(line))
}

/// How many lines are looked at to know the kind of a log.
const LOOKED_AT: usize = 200;

fn kind(page: &Page<'_>, free: &[usize], found: bool) -> Option<Kind> {
    let lines = || free.iter().map(|at| page.line(*at)).filter(|line| !line.trim().is_empty()).take(LOOKED_AT);
    if lines().any(sql_errorlog::is_line) {
        return Some(Kind::SqlErrorLog);
    }
    let (all, dated) = (lines().count(), lines().filter(|line| stamp_of(line).is_some()).count());
    (found || (dated > 1 && dated * 2 >= all)).then_some(Kind::AppLog)
}
