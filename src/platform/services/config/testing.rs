//! Files for tests.

use std::collections::BTreeMap;

use super::{Files, Setting};

/// Files that exist in a test only.
#[derive(Debug, Default)]
pub struct Folder(BTreeMap<String, String>);

impl Folder {
    /// Files from their paths and texts.
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }

    fn matching(&self, pattern: &str) -> Vec<String> {
        let Some((before, after)) = pattern.split_once('*') else { return vec![pattern.to_owned()] };
        self.0.keys().filter(|path| path.starts_with(before) && path.ends_with(after)).cloned().collect()
    }

    fn is_folder(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.0.keys().any(|own| own.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
    }
}

/// Settings as `tcp 0.0.0.0:80 file:line`, short enough to compare.
pub fn shown(settings: &[Setting]) -> Vec<String> {
    settings
        .iter()
        .map(|setting| {
            let address = setting.address.map_or_else(|| "*".to_owned(), |address| address.to_string());
            let name = setting.file.rsplit('/').next().unwrap_or_default();
            let line = setting.line.map_or_else(|| "default".to_owned(), |line| line.to_string());
            format!("{} {address} {} {name}:{line}", setting.protocol.as_str(), setting.port)
        })
        .collect()
}
