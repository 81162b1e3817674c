//! `netsh interface ipv4 show dynamicport tcp` and `show excludedportrange`, by rules of dashes and numbers: the words are of any language.

use super::Taken;
use crate::evidence::fact::{ExcludedRange, Problem, Reading, StatedRange};
use crate::evidence::kind::Kind;
use crate::evidence::page::{Page, number};
use crate::machine::{Family, Port, PortRange, Protocol};

/// Under a rule of dashes two lines that end with a number: the first port, and how many.
pub fn dynamic_port(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    if columns_of_rule(page.line(at)) != 1 {
        return None;
    }
    let first = page.skip_blank(at + 1);
    let (start, count) = (number_behind_colon(page.line(first))?, number_behind_colon(page.line(first + 1))?);
    let place = page.places(first..first + 2);
    match range_of(start, count) {
        Some(range) => {
            reading.dynamic_ranges.push(StatedRange { range, protocol: protocol(page, at), family: family(page), place });
        }
        None => problems.push(Problem {
            line: Some(place.line),
            because: format!("{start} and {count} are no first port and number of ports between 1 and 65535"),
        }),
    }
    Some(Taken { lines: first + 2 - at, kind: Kind::NetshDynamicPort })
}

/// Under two rules of dashes a row for each block: first port, last port and a star where an administrator excluded it.
pub fn excluded_ports(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    if columns_of_rule(page.line(at)) != 2 {
        return None;
    }
    Some(Taken { lines: rows(page, at, at + 1, reading, problems) - at, kind: Kind::NetshExcludedPortRange })
}

/// Rows without their heading, which `find` and `findstr` leave out: below the command that is filtered, or several in netsh's columns.
pub fn excluded_rows(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let is_filtered = |text: &str| text.contains("excludedportrange") && text.contains('|');
    let is_below = page.command.is_some_and(|command| at <= command.at + 3 && is_filtered(command.text));
    let are_in_columns = || [at, at + 1].into_iter().all(|at| is_in_columns(page.line(at)));
    if !is_below && !are_in_columns() {
        return None;
    }
    let next = rows(page, at, at, reading, problems);
    (next > at).then(|| Taken { lines: next - at, kind: Kind::NetshExcludedPortRange })
}

/// Reads the rows from `next` on, whose heading ends at `at`; the line behind them and their footnote.
fn rows(page: &Page<'_>, at: usize, mut next: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> usize {
    let (protocol, family) = (protocol(page, at), family(page));
    while let Some([start, end, rest @ ..]) = Some(words(page.line(next)).as_slice())
        && let (Some(start), Some(end)) = (digits(start), digits(end))
    {
        let range = port(start).zip(port(end)).and_then(|(start, end)| PortRange::new(start, end).ok());
        match (range, rest) {
            (Some(range), [] | ["*"]) => {
                let administered = Some(!rest.is_empty());
                reading.excluded_ranges.push(ExcludedRange { range, protocol, family, administered, place: page.place(next) });
            }
            _ => problems
                .push(Problem { line: Some(number(next)), because: "this row is no range of ports from 1 to 65535".to_owned() }),
        }
        next += 1;
    }
    // The footnote explains the star, with a star.
    let footnote = page.skip_blank(next);
    if footnote <= next + 2 && page.line(footnote).trim_start().starts_with('*') {
        next = footnote + 1;
    }
    next
}

/// Whether a line is a block of ports where netsh prints one: the numbers end at the 10th and the 22nd letter, a star is the 28th.
fn is_in_columns(line: &str) -> bool {
    let line = line.trim_end();
    let number = |from, to| line.get(from..to).and_then(|text| port(digits(text.trim_start())?));
    let is_range = number(0, 10).zip(number(10, 22)).is_some_and(|(first, last)| first <= last);
    is_range && matches!(line.get(22..), Some("" | "     *"))
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().take(4).collect()
}

/// How many words of dashes a line has and nothing else; 0 where it has anything else.
fn columns_of_rule(line: &str) -> usize {
    let is_rule = |word: &str| word.len() >= 3 && word.bytes().all(|byte| byte == b'-');
    if line.split_whitespace().all(is_rule) { line.split_whitespace().count() } else { 0 }
}

fn digits(word: &str) -> Option<u64> {
    word.bytes().all(|byte| byte.is_ascii_digit()).then(|| word.parse().ok()).flatten()
}

fn port(number: u64) -> Option<Port> {
    Port::try_from(number).ok().filter(|port| *port > 0)
}

fn number_behind_colon(line: &str) -> Option<u64> {
    let (_, value) = line.rsplit_once([':', '\u{ff1a}'])?;
    let value = value.trim();
    if value.is_empty() { None } else { digits(value) }
}

fn range_of(start: u64, count: u64) -> Option<PortRange> {
    PortRange::new(port(start)?, port(start.checked_add(count)?.checked_sub(1)?)?).ok()
}

/// The family that the command names: the output itself never does.
fn family(page: &Page<'_>) -> Option<Family> {
    // Inside of netsh the prompt holds a part of the command: `netsh interface ipv4>show dynamicport tcp`.
    page.command?.text.split(|c: char| c.is_whitespace() || c == '>').find_map(|word| match word.to_ascii_lowercase().as_str() {
        "ipv4" | "ip" => Some(Family::Ipv4),
        "ipv6" => Some(Family::Ipv6),
        _ => None,
    })
}

/// The protocol that the heading above the rule names, else the command.
fn protocol(page: &Page<'_>, rule: usize) -> Option<Protocol> {
    let above = (rule.saturating_sub(5)..rule).rev().map(|at| page.line(at));
    let heading = above.take_while(|line| !line.contains("netsh")).find_map(protocol_in);
    heading.or_else(|| protocol_in(page.command?.text))
}

fn protocol_in(line: &str) -> Option<Protocol> {
    line.split(|c: char| !c.is_ascii_alphanumeric()).find_map(|word| match word.to_ascii_lowercase().as_str() {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        _ => None,
    })
}
