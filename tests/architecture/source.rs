//! Reads Rust sources as far as the rules of the house need it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One source file of the product.
pub struct Source {
    /// Its path below `src`, with `/`.
    pub path: String,
    /// Its text without comments, without what stands in quotes, and without its unit tests.
    pub code: String,
}

impl Source {
    /// A file with this path and text.
    pub fn new(path: &str, text: &str) -> Self {
        let code = bare(text);
        let code = code.split_once("#[cfg(test)]").map_or(code.as_str(), |(product, _)| product).to_owned();
        Self { path: path.to_owned(), code }
    }

    /// The room it belongs to: the first folder, or the file's own name.
    pub fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The rooms that it names, as `crate::room`, `portmedic::room`, in a group of those, or by climbing out with `super`.
    pub fn names(&self) -> BTreeSet<String> {
        let climb = "super::".repeat(self.depth());
        ["crate::", "portmedic::", climb.as_str()]
            .iter()
            .filter(|root| !root.is_empty())
            .flat_map(|root| self.code.match_indices(*root).flat_map(move |(at, _)| heads(&self.code[at + root.len()..])))
            .collect()
    }

    /// Whether `word` stands in it as a word or path of its own, not as part of a longer name.
    pub fn says(&self, word: &str) -> bool {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        self.code.match_indices(word).any(|(at, _)| {
            let before = self.code[..at].chars().next_back();
            let after = self.code[at + word.len()..].chars().next();
            let runs_on =
                |outside: Option<char>, inside: Option<char>| outside.is_some_and(is_name) && inside.is_some_and(is_name);
            !runs_on(before, word.chars().next()) && !runs_on(after, word.chars().next_back())
        })
    }

    /// How many `super` lead to the crate's root.
    fn depth(&self) -> usize {
        let own_folder = self.path.ends_with("/mod.rs");
        self.path.split('/').count() - usize::from(own_folder)
    }
}

/// Every source file of the product.
pub fn all() -> Vec<Source> {
    texts().iter().map(|(path, text)| Source::new(path, text)).collect()
}

/// Every source file of the product by its path below `src`, with its whole text.
pub fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
                let text = String::from_utf8(fs::read(&path).expect("a source")).expect("UTF-8");
                sources.push((name, text));
            }
        }
    }
    sources
}

/// The first name of a path, or of each path in a group: `a::b` gives `a`, `{a::b, c}` gives `a` and `c`.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else {
        return vec![name(path)];
    };
    let mut heads = vec![name(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

/// The text without comments and without what stands in quotes.
fn bare(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("r\"") || rest.starts_with("r#") {
            raw_string(rest)
        } else if c == '"' {
            quoted(rest, '"')
        } else if rest.starts_with("'\\") || rest.chars().nth(2) == Some('\'') && c == '\'' {
            quoted(rest, '\'')
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    code
}

/// The length of the text in quotes that `text` begins with.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the raw string that `text` begins with; 1 where it is a raw name.
fn raw_string(text: &str) -> usize {
    let hashes = text[1..].bytes().take_while(|byte| *byte == b'#').count();
    let Some(inner) = text[1 + hashes..].strip_prefix('"') else {
        return 1;
    };
    let end = format!("\"{}", "#".repeat(hashes));
    let opened = 2 + hashes;
    inner.find(&end).map_or(text.len(), |at| opened + at + end.len())
}
