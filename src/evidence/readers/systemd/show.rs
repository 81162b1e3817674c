//! `systemctl show`: a property a line, and a blank line between units.

use super::{Page, Problem, Reading, Taken, unit};
use crate::evidence::kind::Kind;

/// Reads the properties of one unit.
pub fn show(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    // A block is looked at from its first line only, so that each line is looked at once.
    if property(page.line(at)).is_none() || at > 0 && property(page.line(at - 1)).is_some() {
        return None;
    }
    let (mut name, mut active, mut result, mut next) = (None, None, None, at);
    while let Some((key, value)) = property(page.line(next)) {
        match key {
            "Id" => name = Some(value),
            "Names" if name.is_none() => name = value.split(' ').next(),
            "ActiveState" => active = Some((value, next)),
            "Result" => result = Some(value),
            _ => {}
        }
        next += 1;
    }
    let (state, place) = active?;
    let name = name.map(str::to_owned).or_else(|| asked_for(page)).filter(|name| unit::is_unit(name))?;
    let has_bad_result = result.is_some_and(|result| result != "success");
    if state == "failed" || state == "activating" && has_bad_result {
        reading.add_failed_service(&name, page.place(place));
    }
    Some(Taken { lines: next - at, kind: Kind::SystemctlShow })
}

/// `ActiveState=failed`.
fn property(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let is_key =
        key.starts_with(|c: char| c.is_ascii_uppercase()) && key.len() <= 60 && key.bytes().all(|b| b.is_ascii_alphanumeric());
    is_key.then(|| (key, value.trim()))
}

/// The one unit of `systemctl show nginx -p ActiveState`.
fn asked_for(page: &Page<'_>) -> Option<String> {
    let mut words = page.command?.text.split_whitespace().skip_while(|word| *word != "show").skip(1);
    words.next().filter(|word| !word.starts_with('-')).map(unit::full_name)
}
