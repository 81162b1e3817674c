//! Command lines as programs of Windows read them, and the program in them.

/// The words of a command line: blanks part them, quotes keep them together, and a backslash escapes a quote.
/// <https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments>
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let mut count = 1;
                while characters.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let before_quote = characters.peek() == Some(&'"');
                let own = word.get_or_insert_default();
                own.push_str(&"\\".repeat(if before_quote { count / 2 } else { count }));
                if before_quote && count % 2 == 1 {
                    own.extend(characters.next());
                }
            }
            '"' if quoted && characters.next_if_eq(&'"').is_some() => word.get_or_insert_default().push('"'),
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' if !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// The words of a service's command line. Its program may have blanks in its path and no quotes around it: then it goes up to `.exe`.
pub fn of_service(line: &str) -> Vec<String> {
    let line = line.trim();
    let lower = line.to_ascii_lowercase();
    let end = lower.match_indices(".exe").map(|(at, end)| at + end.len()).find(|end| {
        let rest = &line[*end..];
        rest.is_empty() || rest.starts_with([' ', '\t'])
    });
    match end.filter(|_| !line.starts_with('"')) {
        Some(end) => std::iter::once(line[..end].to_owned()).chain(words(&line[end..])).collect(),
        None => words(line),
    }
}

/// The name of a program's file.
pub fn file_name(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or_default()
}

/// The folder of a file, with slashes.
pub fn folder(path: &str) -> String {
    path.replace('\\', "/").rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{file_name, folder, of_service, words};

    #[test]
    fn words_are_split_as_programs_do() {
        assert_eq!(words(r#"a "b c" d\e "f\\" "g\"h" "" "i""j""#), ["a", "b c", r"d\e", r"f\", "g\"h", "", "i\"j"]);
        assert!(words("  \t").is_empty());
    }

    #[test]
    fn a_path_with_blanks_and_without_quotes_is_one_word() {
        let line = r"C:\Program Files\Own Server\server.exe --port 8080 -c C:\x.exe.conf";
        assert_eq!(of_service(line), [r"C:\Program Files\Own Server\server.exe", "--port", "8080", "-c", r"C:\x.exe.conf"]);
        let line = r#""C:\Program Files\PostgreSQL\16\bin\pg_ctl.exe" runservice -N "postgresql-x64-16" -D "D:\pg data" -w"#;
        assert_eq!(of_service(line)[0], r"C:\Program Files\PostgreSQL\16\bin\pg_ctl.exe");
        assert_eq!(of_service(line)[4..], ["-D", r"D:\pg data", "-w"]);
        assert_eq!(of_service(r"C:\Windows\system32\svchost.exe -k netsvcs -p")[1..], ["-k", "netsvcs", "-p"]);
    }

    #[test]
    fn a_path_has_a_folder_and_a_name() {
        assert_eq!(file_name(r"C:\a b\c.exe"), "c.exe");
        assert_eq!(folder(r"C:\a b\c.exe"), "C:/a b");
        assert_eq!(folder("c.exe"), "");
    }
}
