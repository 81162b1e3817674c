//! A line of the journal as text: `Mar 12 10:41:23 host nginx[4462]: message`, with any of the times that `journalctl -o` knows.

use crate::diagnosis::stamp_of;

/// How many words may stand between the time and the message: a zone, the host, who wrote it.
const HEAD: usize = 3;

/// A line, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The time, as it is written there.
    pub time: &'a str,
    /// The computer.
    pub host: &'a str,
    /// Who wrote it: an identifier, or with `-o with-unit` the unit.
    pub writer: &'a str,
    /// The process that wrote it.
    pub pid: &'a str,
    /// What it says.
    pub message: &'a str,
}

impl<'a> Line<'a> {
    /// Takes a line apart; `None` where it is none of the journal or of syslog.
    pub fn of(line: &'a str) -> Option<Self> {
        let (time, rest) = time_of(line)?;
        let mut words = Vec::with_capacity(HEAD);
        let mut rest = rest.trim_start();
        while words.len() < HEAD {
            let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
            rest = behind;
            words.push(word);
            if word.ends_with(':') {
                break;
            }
        }
        let writer = words.pop()?.strip_suffix(':')?;
        let host = words.pop()?;
        if words.pop().is_some_and(|zone| !is_zone(zone)) || host.is_empty() || !host.chars().all(is_of_name) || is_level(host) {
            return None;
        }
        let (writer, pid) = match writer.strip_suffix(']') {
            Some(inner) => inner.rsplit_once('[')?,
            None => (writer, ""),
        };
        let is_writer =
            !writer.is_empty() && !is_level(writer) && writer.chars().all(|c| is_of_name(c) || "/()@\\:+".contains(c));
        (is_writer && pid.bytes().all(|byte| byte.is_ascii_digit())).then_some(Self { time, host, writer, pid, message: rest })
    }

    /// Whether systemd wrote it.
    pub fn is_of_systemd(&self) -> bool {
        self.writer == "systemd"
    }
}

/// The time in front of a line, and what stands behind it.
fn time_of(line: &str) -> Option<(&str, &str)> {
    // Since the start of the computer: `[   12.345678] host`; since 1970: `1710236482.310000 host`.
    if let Some((seconds, rest)) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
        return is_seconds(seconds.trim()).then_some((seconds.trim(), rest));
    }
    let (first, rest) = line.split_once(' ')?;
    if is_seconds(first) {
        return Some((first, rest));
    }
    let stamp = stamp_of(line)?;
    // A line of the journal begins with its time, and the zone may follow without a blank.
    let rest = line.strip_prefix(stamp)?;
    let (zone, rest) = rest.split_once(' ')?;
    zone.chars().all(|c| c.is_ascii_digit() || "+-:".contains(c)).then_some((stamp, rest))
}

fn is_seconds(word: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    word.split_once('.').is_some_and(|(whole, part)| digits(whole) && digits(part) && part.len() == 6)
}

fn is_zone(word: &str) -> bool {
    word.len() <= 6 && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "+-:".contains(c))
}

/// Other logs have in the same place how bad it is.
fn is_level(word: &str) -> bool {
    const LEVELS: [&str; 14] = [
        "trace",
        "debug",
        "info",
        "information",
        "notice",
        "warn",
        "warning",
        "error",
        "err",
        "severe",
        "critical",
        "crit",
        "fatal",
        "emerg",
    ];
    LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || "-_.".contains(c)
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn every_form_of_journalctl_is_taken_apart() {
        for (line, time) in [
            ("Feb 11 02:58:14 web7 httpd[51]: no port", "Feb 11 02:58:14"),
            ("Feb 11 02:58:14.123456 web7 httpd[51]: no port", "Feb 11 02:58:14.123456"),
            ("févr. 11 02:58:14 web7 httpd[51]: no port", "févr. 11 02:58:14"),
            ("2026-02-11T02:58:14+0100 web7 httpd[51]: no port", "2026-02-11T02:58:14+0100"),
            ("2026-02-11T02:58:14-05:00 web7 httpd[51]: no port", "2026-02-11T02:58:14"),
            ("Wed 2026-02-11 02:58:14 CET web7 httpd[51]: no port", "Wed 2026-02-11 02:58:14"),
            ("[   14.123456] web7 httpd[51]: no port", "14.123456"),
            ("1770775094.123456 web7 httpd[51]: no port", "1770775094.123456"),
        ] {
            let expected = Line { time, host: "web7", writer: "httpd", pid: "51", message: "no port" };
            assert_eq!(Line::of(line), Some(expected), "{line}");
        }
        assert_eq!(Line::of("Feb 11 02:58:14 web7 kernel: x").map(|line| (line.writer, line.pid)), Some(("kernel", "")));
        assert_eq!(Line::of("Feb 11 02:58:14 web7 a@b.service[5]:").map(|line| line.message), Some(""));
    }

    #[test]
    fn other_lines_are_none() {
        for line in [
            "",
            "[",
            "[] ",
            "2026-02-11 02:58:14 [emerg] 98#98: bind()",
            "x y z:",
            "Feb 11 02:58:14",
            "Feb 11 02:58:14 web7",
            "2026-02-11 02:58:14 INFO main: no port",
            "2026-02-11 02:58:14 web7 WARN: no port",
        ] {
            assert_eq!(Line::of(line), None, "{line}");
        }
    }
}
