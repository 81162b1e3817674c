//! A service's own log files, for what it does not tell the journal. Only the end of each is read.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::config::Files as _;
use super::files::LiveFiles;

/// How much of the end of a file is read.
const TAIL: u64 = 64 << 10;
/// The most files of one service that are looked at.
const MOST_FILES: usize = 32;
/// Clocks in logs are cut to seconds.
const SLACK: Duration = Duration::from_secs(2);

/// The lines of one log file since a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Its path.
    pub path: String,
    /// The lines with their times, the oldest first. A line without a time has that of the line before it.
    pub lines: Vec<(Option<Timestamp>, String)>,
}

/// The log file that was written last of those that fit `patterns`, if anything was written into it since `start`.
pub fn since(patterns: &[String], start: Timestamp, files: &LiveFiles) -> Option<LogFile> {
    let start = start.checked_sub(SLACK).ok()?;
    let paths = patterns.iter().flat_map(|pattern| files.matching(pattern)).take(MOST_FILES);
    let tails = paths.filter_map(|path| files.tail(&path, TAIL).map(|(text, written)| (written, path, text)));
    let recent = tails.filter(|(written, ..)| Timestamp::try_from(*written).is_ok_and(|written| written >= start));
    let (_, path, text) = recent.max_by_key(|(written, ..)| *written)?;
    let lines = lines_since(&text, start);
    (!lines.is_empty()).then_some(LogFile { path, lines })
}

/// The lines written since `start`. Where no line has a time, all of them count: the file itself was written since.
fn lines_since(text: &str, start: Timestamp) -> Vec<(Option<Timestamp>, String)> {
    let mut now = None;
    let timed = text.lines().map(|line| {
        now = time(line).or(now);
        (now, line.to_owned())
    });
    let lines: Vec<_> = timed.filter(|(_, line)| !line.trim().is_empty()).collect();
    if lines.iter().all(|(time, _)| time.is_none()) {
        return lines;
    }
    lines.into_iter().filter(|(time, _)| time.is_some_and(|time| time >= start)).collect()
}

/// The time at the start of a line, as nginx, PostgreSQL, MySQL, Apache and Redis write it. Without a zone it is the computer's.
fn time(line: &str) -> Option<Timestamp> {
    year_first(line).or_else(|| month_by_name(line))
}

/// `2024/03/12 10:41:22`, `2024-03-12 21:47:58.838 UTC`, `2024-03-12T10:41:24.000000Z`.
fn year_first(line: &str) -> Option<Timestamp> {
    let line = line.trim_start_matches(['[', ' ']);
    let (stamp, rest) = line.split_at_checked(19)?;
    let day = stamp.get(..10)?.replace('/', "-");
    let time: DateTime = format!("{day}T{}", stamp.get(11..)?).parse().ok()?;
    let zone = rest.trim_start_matches(|c: char| c == '.' || c == ',' || c.is_ascii_digit());
    let utc = zone.starts_with('Z') || zone.starts_with(" UTC") || zone.starts_with(" GMT") || zone.starts_with("+00:00");
    let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
    time.to_zoned(zone).ok().map(|time| time.timestamp())
}

/// `[Tue Mar 12 10:41:24.123456 2024]`, `1234:M 12 Mar 2024 10:41:24.123`.
fn month_by_name(line: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = line.split([' ', '[', ']']).filter(|word| !word.is_empty()).take(6).collect();
    let at = words.iter().position(|word| MONTHS.contains(word))?;
    let month = MONTHS.iter().position(|month| *month == words[at])? + 1;
    let before = at.checked_sub(1).and_then(|at| words.get(at)).and_then(|word| word.parse::<u8>().ok());
    let (day, year, clock) = match before {
        Some(day) => (day, words.get(at + 1)?, words.get(at + 2)?),
        None => (words.get(at + 1)?.parse().ok()?, words.get(at + 3)?, words.get(at + 2)?),
    };
    let clock = clock.get(..8)?;
    let time: DateTime = format!("{year}-{month:02}-{day:02}T{clock}").parse().ok()?;
    time.to_zoned(TimeZone::system()).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::{lines_since, time};

    #[test]
    fn reads_the_times_of_common_logs() {
        let local = |text: &str| {
            let time: jiff::civil::DateTime = text.parse().unwrap();
            time.to_zoned(TimeZone::system()).unwrap().timestamp()
        };
        assert_eq!(time("2024/03/12 10:41:22 [emerg] 1#1: x"), Some(local("2024-03-12T10:41:22")));
        assert_eq!(time("[Tue Mar 12 10:41:24.123456 2024] [core:error] x"), Some(local("2024-03-12T10:41:24")));
        assert_eq!(time("1234:M 12 Mar 2024 10:41:24.123 # x"), Some(local("2024-03-12T10:41:24")));
        assert_eq!(time("2024-03-12 21:47:58.838 UTC [4510] LOG: x").unwrap().to_string(), "2024-03-12T21:47:58Z");
        assert_eq!(time("2024-03-12T10:41:24.000000Z 0 [ERROR] x").unwrap().to_string(), "2024-03-12T10:41:24Z");
        for line in ["", "\tat java.base", "bind() to 0.0.0.0:80 failed", "äöüäöüäöüäöüäöüäöü", "Mar 12 10:41:24 host x"]
        {
            assert_eq!(time(line), None, "{line}");
        }
    }

    #[test]
    fn leaves_out_what_was_written_before() {
        let text = "2024-03-12 21:00:00 UTC old\n still old\n2024-03-12 21:10:00 UTC new\n\n and more\n";
        let lines = lines_since(text, "2024-03-12T21:05:00Z".parse().unwrap());
        assert_eq!(lines.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(), ["2024-03-12 21:10:00 UTC new", " and more"]);
        assert_eq!(lines_since("a\nb\n", "2024-03-12T21:05:00Z".parse().unwrap()).len(), 2);
    }
}
