//! The time at the start of a log line, in the ways in which programs write it.

/// How far into a line its time may begin and end.
const REACH: usize = 48;

/// The date and time that a line begins with, as it is written there: `2024/03/12 10:41:22`, `Mar 12 10:41:22`, `[12/Mar/2024:10:41:22 +0100]`.
pub fn stamp_of(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(|c: char| "[<({\"'".contains(c) || c.is_whitespace());
    let line = ["time=", "ts=", "t=", "\"", "'"].iter().fold(line, |line, key| line.strip_prefix(key).unwrap_or(line));
    let line = behind_process(line);
    let bytes = line.as_bytes();
    let clock = (0..bytes.len().min(REACH)).find(|at| is_clock(&bytes[*at..]))?;
    if !is_date(line.get(..clock)?) {
        return None;
    }
    let rest = line.get(clock..)?;
    let mut end = clock + rest.bytes().take_while(|byte| byte.is_ascii_digit() || b":.,+Z".contains(byte)).count();
    if let Some(half) = line.get(end..end + 3).filter(|half| [" AM", " PM", " am", " pm"].contains(half)) {
        end += half.len();
    }
    line.get(..end).map(|stamp| stamp.trim_end_matches([',', '.', ':'])).filter(|stamp| !stamp.is_empty())
}

/// Redis and its like write the process first: `4461:M 12 Mar 2024 10:41:22.310`.
fn behind_process(line: &str) -> &str {
    let Some((word, rest)) = line.split_once(' ') else { return line };
    let is_process = word.strip_suffix(']').unwrap_or(word).split_once(':').map_or_else(
        || word.ends_with(']') && word.trim_end_matches(']').bytes().all(|byte| byte.is_ascii_digit()),
        |(number, role)| {
            !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
                && role.len() == 1
                && !role.bytes().all(|b| b.is_ascii_digit())
        },
    );
    if is_process { rest } else { line }
}

/// `10:41:22` and `9:52:52`, at the beginning of the text.
fn is_clock(text: &[u8]) -> bool {
    let hour = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let part = |from: usize| {
        text.get(from) == Some(&b':') && text.get(from + 1..from + 3).is_some_and(|two| two.iter().all(u8::is_ascii_digit))
    };
    (1..=2).contains(&hour) && part(hour) && part(hour + 3)
}

/// Whether the text in front of a clock is a date or nothing: digits and at most two words.
fn is_date(text: &str) -> bool {
    let mut words = 0;
    let plain = text.split(|c: char| c.is_ascii_digit() || " -/.,T:".contains(c)).filter(|word| !word.is_empty()).all(|word| {
        words += 1;
        word.chars().all(char::is_alphabetic) && word.chars().count() <= 9
    });
    plain && words <= 2 && (text.is_empty() || text.bytes().any(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::stamp_of;

    #[test]
    fn finds_the_time_in_front_of_a_line() {
        for (line, stamp) in [
            ("2026/02/11 02:58:14 [emerg] 98#98: bind()", "2026/02/11 02:58:14"),
            ("2026-02-11 02:58:14.838 UTC [98] LOG:  x", "2026-02-11 02:58:14.838"),
            ("2026-02-11T02:58:14.838Z error", "2026-02-11T02:58:14.838Z"),
            ("[2026-02-11T02:58:14,838][ERROR][o.e.b.Bootstrap]", "2026-02-11T02:58:14,838"),
            ("Feb 11 02:58:14 web01 nginx[5]: x", "Feb 11 02:58:14"),
            ("Sep 08, 2025 9:52:52 AM org.apache.catalina", "Sep 08, 2025 9:52:52 AM"),
            ("30-Dec-2025 11:44:31.277 SEVERE [main]", "30-Dec-2025 11:44:31.277"),
            ("[Wed Feb 11 02:58:14.123456 2026] [core:error]", "Wed Feb 11 02:58:14.123456"),
            ("4461:M 12 Mar 2025 10:41:22.310 # Could not", "12 Mar 2025 10:41:22.310"),
            ("time=\"2026-02-11T02:58:14+01:00\" level=fatal", "2026-02-11T02:58:14+01:00"),
            ("10:41:22 [main] ERROR", "10:41:22"),
        ] {
            assert_eq!(stamp_of(line), Some(stamp), "{line}");
        }
    }

    #[test]
    fn what_only_has_a_time_in_it_has_no_stamp() {
        for line in [
            "",
            "the meeting is at 14:00:00",
            "Error: listen EADDRINUSE :::3000",
            "node:net:1886:21",
            "é 1:2",
            "00:1A:2B:3C:4D:5E",
        ] {
            assert_eq!(stamp_of(line), None, "{line}");
        }
    }
}
