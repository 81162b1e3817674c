//! `ss` with any of its options.

use super::super::{Taken, cell, state};
use super::{end, ends, is_number, row};
use crate::evidence::fact::{Name, Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;
use crate::machine::{Protocol, SocketState};

/// A heading, or a row: state, two queues, two ends, and what is told of processes, which may stand on a line of its own.
pub fn ss(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let line = page.line(at);
    let words: Vec<&str> = line.split_whitespace().take(6).collect();
    if matches!(words[..], ["State" | "Netid", .., "Local", _] | ["State", "Recv-Q", ..] | ["Netid", "State", ..]) {
        return Some(Taken { lines: 1, kind: Kind::Ss });
    }
    let named = words.first().and_then(|word| cell::protocol(word));
    let [state, received, sent, local, remote, ..] = words[usize::from(named.is_some())..] else { return None };
    let (protocol, state) = meaning(state)?;
    if !is_number(received) || !is_number(sent) || !local.contains(':') || !remote.contains(':') {
        return None;
    }
    let below = page.line(at + 1);
    let is_wrapped = !line.contains("users:((") && below.trim_start().starts_with("users:((");
    let lines = 1 + usize::from(is_wrapped);
    let place = page.places(at..at + lines);
    let owner = owner(if is_wrapped { below } else { line }, page);
    if let Some(ends) = ends(end(local, page), end(remote, page), &place, problems) {
        reading.sockets.push(row(named.unwrap_or(protocol), ends, state, owner, place));
    }
    Some(Taken { lines, kind: Kind::Ss })
}

/// The protocol that a word for a state belongs to, and the state.
fn meaning(word: &str) -> Option<(Protocol, Option<SocketState>)> {
    match word {
        "UNCONN" => Some((Protocol::Udp, None)),
        "CLOSED" => Some((Protocol::Tcp, None)),
        word => state::of(word)
            .filter(|_| word.bytes().all(|byte| byte.is_ascii_uppercase() || b"-12".contains(&byte)))
            .map(|state| (Protocol::Tcp, Some(state))),
    }
}

/// The first process of `users:(("nginx",pid=912,fd=6),...)`; old versions print `("nginx",912,6)`.
fn owner(line: &str, page: &Page<'_>) -> Option<(u32, Name)> {
    let (_, users) = line.split_once("users:((\"")?;
    let (name, rest) = users.split_once("\",")?;
    let digits = rest.trim_start_matches("pid=").split([',', ')']).next()?;
    Some((cell::pid(digits)?, page.name(name)))
}
