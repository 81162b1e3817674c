//! The layout of SQL Server's ERRORLOG, which is the same in all languages.

use crate::diagnosis::stamp_of;

/// Whether the line is one of an ERRORLOG: `2025-03-12 22:41:20.58 spid23s     Error: ...`.
pub fn is_line(line: &str) -> bool {
    let Some(stamp) = stamp_of(line).filter(|stamp| stamp.len() == "2025-03-12 22:41:20.58".len()) else { return false };
    let Some(rest) = line.strip_prefix(stamp).and_then(|rest| rest.strip_prefix(' ')) else { return false };
    let source = rest.split_whitespace().next().unwrap_or_default();
    let numbered = source.strip_prefix("spid").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    // The source is a column of twelve signs.
    (numbered || ["Server", "Logon", "Backup"].contains(&source))
        && rest.get(source.len()..).is_some_and(|rest| rest.starts_with("  "))
}
