//! `netstat` of Linux, macOS and FreeBSD.

use super::super::cell::{self, End, NoEnd};
use super::super::{Taken, state};
use super::{end, ends, is_number, row};
use crate::evidence::fact::{Name, Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;

/// A heading, or a row: protocol, two queues, two ends, a state, and number and name of the process.
pub fn netstat(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let line = page.line(at);
    let words: Vec<&str> = line.split_whitespace().take(10).collect();
    let taken = Some(Taken { lines: 1, kind: Kind::NetstatLinux });
    if words.starts_with(&["Proto", "Recv-Q", "Send-Q"]) {
        return taken;
    }
    let [name, received, sent, local, remote, rest @ ..] = &words[..] else { return None };
    let protocol = cell::protocol(name.trim_end_matches(['4', '6']))?;
    if !is_number(received) || !is_number(sent) {
        return None;
    }
    let place = page.place(at);
    let state = rest.first().and_then(|word| state::of(word));
    if let Some(ends) = ends(any_end(local, page), any_end(remote, page), &place, problems) {
        reading.sockets.push(row(protocol, ends, state, owner(line, rest, page), place));
    }
    taken
}

/// `10.0.0.1:80`, and `10.0.0.1.80` as BSD writes it.
fn any_end(text: &str, page: &Page<'_>) -> Result<End, NoEnd> {
    match text.rsplit_once('.') {
        Some((host, port)) if is_number(port) || port == "*" => {
            let is_bsd = host == "*" || host.parse::<std::net::IpAddr>().is_ok() || host.contains('%');
            if is_bsd { Ok(End { address: cell::address(host, page)?, port: cell::port(port)? }) } else { end(text, page) }
        }
        _ => end(text, page),
    }
}

/// `912/nginx: master`: the name ends at a colon, behind which the program writes what it likes.
fn owner(line: &str, rest: &[&str], page: &Page<'_>) -> Option<(u32, Name)> {
    let word = rest.iter().find(|word| word.split_once('/').is_some_and(|(pid, name)| is_number(pid) && !name.is_empty()))?;
    let (_, behind) = line.split_once(word)?;
    let (pid, name) = word.split_once('/')?;
    let is_cut = name.ends_with(':') || behind.trim().is_empty();
    let name = if is_cut { name.trim_end_matches(':') } else { name };
    Some((cell::pid(pid)?, page.name(name)))
}
