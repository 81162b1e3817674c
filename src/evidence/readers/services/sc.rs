//! `sc query`, `sc queryex` and `sc qc`. Labels have the language of Windows; the order of the lines, the numbers and the words behind them
//! do not change.

use super::{Page, Problem, Reading, Stopped, Taken};
use crate::evidence::kind::Kind;
use crate::evidence::readers::label;

/// The number of the state of a service that does not run.
const STOPPED: u32 = 1;
/// The largest number of a state.
const MOST: u32 = 7;
/// How many indented lines a service has at most; the dependencies of `sc qc` have one each.
const LINES: usize = 256;

/// The state of services: `NAME: x`, maybe the name for people, then indented the type, the state, what it accepts, and two numbers.
pub fn query(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let (name, type_at) = head(page, at)?;
    let state = number_with_word(page.line(type_at + 1)).filter(|(state, _)| (1..=MOST).contains(state))?.0;
    let accepts = usize::from(is_in_brackets(page.line(type_at + 2)));
    let exit_at = type_at + 2 + accepts;
    // Without the numbers it is cut off, or another kind of list.
    let exit_code = number_twice(page.line(exit_at))?;
    let own_code = number_twice(page.line(exit_at + 1)).unwrap_or_default();
    let end = end(page, type_at);
    if state == STOPPED {
        let message = format!("{}: {}", name, page.line(exit_at).split_whitespace().collect::<Vec<_>>().join(" "));
        Stopped { name, exit_code, own_code }.tell(message, page.places(at..end), reading);
    }
    Some(Taken { lines: end - at, kind: Kind::ScQuery })
}

/// How a service is set up: nothing that tells of a failure, and no log.
pub fn config(page: &Page<'_>, at: usize, _: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let (_, type_at) = head(page, at)?;
    // The start, what happens on an error, and the program.
    let [start, on_error] = [1, 2].map(|below| number_with_word(page.line(type_at + below)));
    let program = page.line(type_at + 3).split_once(':').is_some_and(|(_, program)| program.contains('\\'));
    let is_config = start.is_some_and(|(start, _)| start <= 4) && on_error.is_some_and(|(number, _)| number <= 3) && program;
    is_config.then(|| Taken { lines: end(page, type_at) - at, kind: Kind::ScConfig })
}

/// The name of the service, and the line of its type.
fn head<'a>(page: &Page<'a>, at: usize) -> Option<(&'a str, usize)> {
    let name = flush(page.line(at))?;
    let type_at = if flush(page.line(at + 1)).is_some() { at + 2 } else { at + 1 };
    let (_, kind) = indented(page.line(type_at))?;
    let mut words = kind.split_whitespace();
    let is_type = words.next().is_some_and(|number| u32::from_str_radix(number, 16).is_ok()) && words.next().is_some();
    is_type.then_some((name, type_at))
}

/// `LABEL: value` at the beginning of a line.
fn flush(line: &str) -> Option<&str> {
    label::value(line).filter(|value| !value.is_empty())
}

/// `    LABEL  : value`; more values follow without a label.
fn indented(line: &str) -> Option<(&str, &str)> {
    let (label, value) = label::split(line)?;
    line.starts_with([' ', '\t']).then(|| (label.trim(), value.trim()))
}

/// `STATE  : 1  STOPPED`: the number and the word, which is always English.
fn number_with_word(line: &str) -> Option<(u32, &str)> {
    let mut words = indented(line)?.1.split_whitespace();
    let (number, word) = (words.next()?.parse().ok()?, words.next()?);
    word.starts_with(|c: char| c.is_ascii_uppercase()).then_some((number, word))
}

/// `WIN32_EXIT_CODE  : 10048  (0x2740)`: the number, where both say the same.
fn number_twice(line: &str) -> Option<u32> {
    let (number, hex) = indented(line)?.1.split_once('(')?;
    let hex = u32::from_str_radix(hex.trim_end().strip_suffix(')')?.strip_prefix("0x")?, 16).ok()?;
    // A large number is written with a sign.
    let number = number.trim().parse::<i64>().ok()? & i64::from(u32::MAX);
    (number == i64::from(hex)).then_some(hex)
}

/// `(NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)`.
fn is_in_brackets(line: &str) -> bool {
    let text = line.trim();
    text.starts_with('(') && text.ends_with(')')
}

/// The line behind the last indented one.
fn end(page: &Page<'_>, at: usize) -> usize {
    let is_own = |at: &usize| indented(page.line(*at)).is_some() || is_in_brackets(page.line(*at));
    (at..at + LINES).take_while(is_own).last().map_or(at, |last| last + 1)
}
