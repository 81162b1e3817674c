//! `lsof -i`.

use super::super::cell::{self, End};
use super::super::{Taken, state};
use super::{end, ends, is_number, row};
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;

/// A heading, or a row: name and number of the process, and behind the protocol `local->remote (STATE)`.
pub fn lsof(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let words: Vec<&str> = page.line(at).split_whitespace().take(13).collect();
    let taken = Some(Taken { lines: 1, kind: Kind::Lsof });
    if words.starts_with(&["COMMAND", "PID"]) {
        return taken;
    }
    let kind = words.iter().position(|word| matches!(*word, "IPv4" | "IPv6")).filter(|at| *at >= 3)?;
    let node = kind + 1 + words[kind + 1..].iter().position(|word| matches!(*word, "TCP" | "UDP"))?;
    let (protocol, name) = (cell::protocol(words[node])?, words.get(node + 1)?);
    let pid = words.get(1).filter(|word| is_number(word)).and_then(|word| cell::pid(word));
    let state = words.get(node + 2).and_then(|word| state::of(word.trim_start_matches('(').trim_end_matches(')')));
    let (local, remote) = name.split_once("->").map_or((*name, None), |(local, remote)| (local, Some(remote)));
    let place = page.place(at);
    let far = remote.map_or(Ok(End::default()), |remote| end(remote, page));
    if let Some(ends) = ends(end(local, page), far, &place, problems) {
        let owner = pid.map(|pid| (pid, page.name(words[0].replace("\\x20", " ").trim_end())));
        reading.sockets.push(row(protocol, ends, state, owner, place));
    }
    taken
}
