//! The variables that systemd puts into the command line of a unit.

use std::collections::BTreeMap;

use super::unit::Unit;
use crate::platform::services::config::Files;

/// The variables of the unit: those of `Environment=`, then those of its files, which win.
pub fn variables(unit: &Unit, files: &dyn Files) -> BTreeMap<String, String> {
    let mut variables: BTreeMap<String, String> =
        unit.properties.all("Environment").flat_map(words).filter_map(|word| assignment(&word)).collect();
    for entry in unit.properties.all("EnvironmentFiles") {
        let pattern = entry.rsplit_once(" (ignore_errors").map_or(entry, |(path, _)| path);
        for path in files.matching(pattern) {
            let text = files.read(&path).unwrap_or_default();
            let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
            variables.extend(lines.filter_map(|line| {
                let (name, value) = line.split_once('=')?;
                Some((name.trim().to_owned(), words(value).join(" ")))
            }));
        }
    }
    variables
}

/// The command line with its variables filled in: `$NAME` alone may be several words, `${NAME}` is always one (systemd.service(5)).
pub fn expand(command: &[String], variables: &BTreeMap<String, String>) -> Vec<String> {
    command
        .iter()
        .flat_map(|word| match word.strip_prefix('$').filter(|name| is_name(name)) {
            Some(name) => variables.get(name).map(|value| words(value)).unwrap_or_default(),
            None => vec![fill(word, variables)],
        })
        .collect()
}

/// Replaces every `${NAME}`.
fn fill(word: &str, variables: &BTreeMap<String, String>) -> String {
    let mut filled = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        filled.push_str(before);
        filled.push_str(variables.get(name).map_or("", String::as_str));
        rest = tail;
    }
    filled + rest
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn assignment(word: &str) -> Option<(String, String)> {
    word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// Splits as a shell does: blanks part words unless quoted.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(characters.next()),
            ('"' | '\'', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (_, Some(open)) if open == character => quote = None,
            (blank, None) if blank.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::linux::services::properties::Properties;
    use crate::platform::linux::services::systemctl::Manager;
    use crate::platform::services::config::testing::Folder;

    #[test]
    fn a_shell_would_split_it_the_same_way() {
        assert_eq!(words(r#"--port 80 "a b" 'c "d"' e\ f """#), ["--port", "80", "a b", "c \"d\"", "e f", ""]);
    }

    #[test]
    fn files_of_variables_fill_the_command_line() {
        let text = "Id=p.service\nLoadState=loaded\nEnvironment=HOST=::1 \"OLD=1 2\"\n\
                    EnvironmentFiles=/etc/default/p (ignore_errors=yes)\nEnvironmentFiles=/etc/default/missing (ignore_errors=yes)";
        let unit = Unit::new(Properties::parse_all(text).remove(0), Manager::System).unwrap();
        let files = Folder::new(&[("/etc/default/p", "# comment\nARGS=\"--listen=:9090 --quiet\"\nPORT=80\n")]);
        let command = ["/usr/bin/p", "$ARGS", "--host=${HOST}:${PORT}", "$NOTHING", "$5"].map(str::to_owned);
        let expanded = expand(&command, &variables(&unit, &files));
        assert_eq!(expanded, ["/usr/bin/p", "--listen=:9090", "--quiet", "--host=::1:80"]);
    }
}
