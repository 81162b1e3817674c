//! Words of a command line as a user would type them.

use crate::machine::System;

/// `text` as one word of a POSIX shell, quoted where it needs to be.
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// `text` as one word of the shell that the system has.
pub fn word(system: System, text: &str) -> String {
    match system {
        System::Linux => quote(text),
        System::Windows => powershell(text),
    }
}

/// `text` as one argument of a PowerShell command, quoted where it needs to be.
///
/// PowerShell takes the curly quotes of typography for quotes too, so each of them is doubled.
pub fn powershell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:*%".contains(c);
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for character in text.chars() {
        quoted.push(character);
        if matches!(character, '\'' | '\u{2018}'..='\u{201B}') {
            quoted.push(character);
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{powershell, quote};

    #[test]
    fn quotes_what_powershell_would_change() {
        for (text, quoted) in [
            ("MSSQLSERVER", "MSSQLSERVER"),
            ("MSSQL$PROD", "'MSSQL$PROD'"),
            ("a'; calc; '", "'a''; calc; '''"),
            ("a\u{2019}; calc", "'a\u{2019}\u{2019}; calc'"),
            ("-Force", "'-Force'"),
            ("$(calc)", "'$(calc)'"),
            ("", "''"),
        ] {
            assert_eq!(powershell(text), quoted);
        }
    }

    #[test]
    fn quotes_what_the_shell_would_change() {
        assert_eq!(quote("nginx@8080.service"), "nginx@8080.service");
        assert_eq!(quote("dev-disk-by\\x2did.service"), "'dev-disk-by\\x2did.service'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("[::1]"), "'[::1]'");
        assert_eq!(quote(""), "''");
    }
}
