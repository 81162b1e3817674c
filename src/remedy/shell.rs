//! Words of a command line as a user would type them.

/// `text` as one word of a POSIX shell, quoted where it needs to be.
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn quotes_what_the_shell_would_change() {
        assert_eq!(quote("nginx@8080.service"), "nginx@8080.service");
        assert_eq!(quote("dev-disk-by\\x2did.service"), "'dev-disk-by\\x2did.service'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("[::1]"), "'[::1]'");
        assert_eq!(quote(""), "''");
    }
}
