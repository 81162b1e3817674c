//! Names that tell the files of a case apart.

use std::collections::{HashMap, HashSet};
use std::path::{self, Component, Path};

/// For each path the shortest end that no other one has.
pub fn shortest<'a>(paths: impl Iterator<Item = &'a Path>) -> Vec<String> {
    let parts: Vec<Vec<String>> = paths.map(parts).collect();
    let mut lengths = vec![1; parts.len()];
    loop {
        let names: Vec<String> = parts.iter().zip(&lengths).map(|(parts, length)| end(parts, *length)).collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *counts.entry(name).or_default() += 1;
        }
        let mut has_grown = false;
        for ((name, parts), length) in names.iter().zip(&parts).zip(&mut lengths) {
            if counts[name.as_str()] > 1 && *length < parts.len() {
                *length += 1;
                has_grown = true;
            }
        }
        if !has_grown {
            return names;
        }
    }
}

/// The folders and the file, from the root on.
fn parts(path: &Path) -> Vec<String> {
    let whole = path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let named = whole.components().filter(|part| !matches!(part, Component::RootDir | Component::Prefix(_)));
    named.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
}

fn end(parts: &[String], length: usize) -> String {
    parts[parts.len().saturating_sub(length)..].join("/")
}

/// Numbers names that are still the same: an archive can hold a name twice.
pub fn number<'a>(names: impl Iterator<Item = &'a mut String>) {
    let mut seen = HashSet::new();
    let mut next: HashMap<String, usize> = HashMap::new();
    for name in names {
        if !seen.insert(name.clone()) {
            let number = next.entry(name.clone()).or_insert(2);
            while !seen.insert(format!("{name} ({number})")) {
                *number += 1;
            }
            *name = format!("{name} ({number})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{number, shortest};
    use std::path::Path;

    #[test]
    fn equal_names_get_the_folders_that_tell_them_apart() {
        let paths = ["/one/a/log.txt", "/two/a/log.txt", "/two/b/log.txt", "/two/other.txt", "/log.txt"];
        let names = shortest(paths.iter().map(Path::new));
        assert_eq!(names, ["one/a/log.txt", "two/a/log.txt", "b/log.txt", "other.txt", "log.txt"]);
    }

    #[test]
    fn names_that_stay_equal_are_numbered() {
        let mut names = ["a", "a (2)", "a", "b", "a"].map(str::to_owned);
        number(names.iter_mut());
        assert_eq!(names, ["a", "a (2)", "a (3)", "b", "a (4)"]);
    }
}
