//! Words that depend on the computer or the time: what the system is called, when something was.

use jiff::Timestamp;

use crate::app::AppState;
use crate::diagnosis::wording;
use crate::machine::{System, visible};

/// What the system does things as, at the begin of a sentence: "Linux", "Windows".
pub fn system(state: &AppState) -> &'static str {
    match state.host().map(|host| host.system) {
        Some(System::Windows) => "Windows",
        Some(System::Linux) => "Linux",
        None => "The system",
    }
}

/// What asks for an administrator.
pub fn prompt(state: &AppState) -> &'static str {
    match state.host().map(|host| host.system) {
        Some(System::Windows) => "Windows prompt",
        Some(System::Linux) | None => "system prompt",
    }
}

/// A name from the system, without characters that hide.
pub fn shown(text: &str) -> String {
    visible(text)
}

/// A line of a log in running text: its columns are no longer apart.
pub fn log_line(text: &str) -> String {
    let shown: Vec<String> = text.split_whitespace().map(visible).collect();
    shown.join(" ")
}

/// The time of day.
pub fn clock(state: &AppState, time: Timestamp) -> String {
    time.to_zoned(state.zone.clone()).strftime("%H:%M:%S").to_string()
}

/// The day where it is not today.
pub fn day(state: &AppState, time: Timestamp) -> Option<String> {
    let then = time.to_zoned(state.zone.clone()).date();
    let today = state.now.to_zoned(state.zone.clone()).date();
    if then == today {
        None
    } else if today.yesterday().is_ok_and(|yesterday| yesterday == then) {
        Some("Yesterday".to_owned())
    } else {
        Some(then.strftime("%-d %b %Y").to_string())
    }
}

/// The time of day, with the day where that is not today.
pub fn moment(state: &AppState, time: Timestamp) -> String {
    match day(state, time) {
        None => clock(state, time),
        Some(day) => format!("{day} {}", time.to_zoned(state.zone.clone()).strftime("%H:%M")),
    }
}

/// Milliseconds below a tenth of a second, seconds with one decimal below ten, whole ones above, minutes from two on.
pub fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..100 => format!("{milliseconds}\u{a0}ms"),
        100..10_000 => format!("{}.{}\u{a0}s", milliseconds / 1000, milliseconds % 1000 / 100),
        10_000..120_000 => format!("{}\u{a0}s", milliseconds / 1000),
        _ => format!("{}\u{a0}min", milliseconds / 60_000),
    }
}

/// A time that still runs: seconds, minutes from two on.
pub fn running(milliseconds: u64) -> String {
    if milliseconds < 120_000 { format!("{}\u{a0}s", milliseconds / 1000) } else { duration(milliseconds) }
}

/// A text of another room with a capital letter.
pub fn capital(text: &str) -> String {
    wording::capital(&visible(text.trim()))
}

/// A sentence of another room: with a capital letter and a full stop.
pub fn sentence(text: &str) -> String {
    let text = capital(text);
    let end = if text.ends_with(['.', '!', '?']) || text.is_empty() { "" } else { "." };
    format!("{text}{end}")
}

/// The time since `then`, in milliseconds.
pub fn since(state: &AppState, then: Timestamp) -> u64 {
    u64::try_from(state.now.duration_since(then).as_millis()).unwrap_or(0)
}

/// One or several: "1 step", "3 steps".
pub fn plural(count: usize, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {several}", super::text::count(count)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_begins_with_a_capital_and_ends_with_a_full_stop() {
        assert_eq!(sentence("the kernel refused"), "The kernel refused.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn a_log_line_loses_its_columns_and_keeps_its_words() {
        assert_eq!(log_line("02:58:14.20 Server      Server TCP\tprovider "), "02:58:14.20 Server Server TCP provider");
    }

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(duration(120), "0.1\u{a0}s");
        assert_eq!(duration(7_400), "7.4\u{a0}s");
        assert_eq!(duration(42_000), "42\u{a0}s");
        assert_eq!(duration(180_000), "3\u{a0}min");
    }
}
