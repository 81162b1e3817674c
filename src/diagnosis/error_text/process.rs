//! The process that wrote a line of syslog.

use super::stamp::stamp_of;

/// How far into a line its process may end.
const REACH: usize = 192;

/// The program and its number: `app` and `51` in `Feb 11 02:58:14 web7 app[51]: message`.
pub fn process_of(line: &str) -> Option<(&str, &str)> {
    let (head, _) = line.split_once("]: ")?;
    let (before, number) = head.rsplit_once('[').filter(|_| head.len() <= REACH)?;
    let (_, program) = before.rsplit_once(' ')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_program = !program.is_empty() && program.chars().all(|c| c.is_alphanumeric() || "-_./@+".contains(c));
    (is_number && is_program && stamp_of(line).is_some()).then_some((program, number))
}

#[cfg(test)]
mod tests {
    use super::process_of;

    #[test]
    fn the_process_stands_in_front_of_the_message() {
        for line in ["Feb 11 02:58:14 web7 app[51]: no port", "2026-02-11T02:58:14+01:00 web7 app[51]: x [7]: y"] {
            assert_eq!(process_of(line), Some(("app", "51")), "{line}");
        }
        for line in
            ["", "app[51]: x", "Feb 11 02:58:14 web7 app: x", "2026-02-11 02:58:14 [51] a[b]: x", "Feb 11 02:58:14 [51]: x"]
        {
            assert_eq!(process_of(line), None, "{line}");
        }
    }
}
