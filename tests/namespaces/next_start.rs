//! What the next start will set, read as systemd reads it. The room has no other folder with such files than this one.

use std::collections::BTreeMap;
use std::fs;

/// Every file that the next start reads, with its text.
pub fn files() -> BTreeMap<String, String> {
    fs::read_dir("/etc/sysctl.d")
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a text")))
        .collect()
}

/// What the next start will set `net.ipv4.NAME` to: the last line of the last file wins.
pub fn next_start(name: &str) -> Option<String> {
    let setting = |line: &str| {
        let (key, value) = line.split_once('=')?;
        let key = key.trim().trim_start_matches('-').replace('/', ".");
        (key == format!("net.ipv4.{name}")).then(|| value.trim().to_owned())
    };
    files().values().flat_map(|text| text.lines().filter_map(setting)).last()
}
