//! Names of users.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use crate::platform::command;

/// Names of users by number; each source is read once, when it is first needed.
#[derive(Debug, Default)]
pub struct Users {
    passwd: Option<HashMap<u32, String>>,
    directory: HashMap<u32, Option<String>>,
}

impl Users {
    /// The name of the user with this number; `None` where nobody has it (any more).
    pub fn name(&mut self, uid: u32) -> Option<String> {
        let passwd = self.passwd.get_or_insert_with(|| {
            let bytes = fs::read("/etc/passwd").unwrap_or_default();
            parse(&String::from_utf8_lossy(&bytes))
        });
        if let Some(name) = passwd.get(&uid) {
            return Some(name.clone());
        }
        self.directory.entry(uid).or_insert_with(|| from_directory(uid)).clone()
    }
}

/// Asks the directories the computer is joined to (LDAP, Active Directory), which only the C library knows.
fn from_directory(uid: u32) -> Option<String> {
    let answer = command::run("getent", &["passwd", &uid.to_string()], Duration::from_secs(2)).ok()?;
    parse(&answer.stdout).remove(&uid)
}

/// Reads passwd(5). Where two names share a number the first counts, as for `ps`.
fn parse(text: &str) -> HashMap<u32, String> {
    let mut names = HashMap::new();
    for line in text.lines() {
        let mut fields = line.split(':');
        if let (Some(name), Some(uid)) = (fields.next(), fields.nth(1).and_then(|uid| uid.parse().ok())) {
            names.entry(uid).or_insert_with(|| name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{Users, parse};

    #[test]
    fn the_first_name_of_a_number_counts_and_broken_lines_do_not() {
        let names = parse(
            "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\n# comment\nbroken:x\nmysql:x:112:118::/:/bin/false\n",
        );
        assert_eq!(names.get(&0).map(String::as_str), Some("root"));
        assert_eq!(names.get(&112).map(String::as_str), Some("mysql"));
        assert_eq!(names.len(), 2);
    }

    #[test]
    fn a_number_that_nobody_has_has_no_name() {
        assert_eq!(Users::default().name(3_999_999_999), None);
    }
}
