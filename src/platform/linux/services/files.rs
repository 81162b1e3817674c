//! Configuration files as they are on this computer, read with care: others write them, and some are large or are no files at all.

use std::cell::{Cell, RefCell};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::OFlags;

use super::config::Files;

/// The most of one file that is read.
const MOST_BYTES: u64 = 1 << 20;
/// The most files that are read in one look.
const MOST_FILES: usize = 2000;
/// The most files that one pattern may match.
const MOST_MATCHES: usize = 500;

/// The files of this computer.
#[derive(Debug, Default)]
pub struct LiveFiles {
    read: Cell<usize>,
    denied: RefCell<Vec<String>>,
}

impl LiveFiles {
    /// The files that are there but may not be read, in the order in which they were tried, since the last call.
    pub fn take_denied(&self) -> Vec<String> {
        self.denied.take()
    }

    fn note(&self, path: &str, error: &io::Error) {
        if error.kind() == ErrorKind::PermissionDenied {
            let mut denied = self.denied.borrow_mut();
            if !denied.iter().any(|own| own == path) {
                denied.push(path.to_owned());
            }
        }
    }

    /// The last `most` bytes of a file, from the first whole line on, and when it was written.
    pub fn tail(&self, path: &str, most: u64) -> Option<(String, SystemTime)> {
        let tail = open(path).and_then(|mut file| {
            let about = file.metadata()?;
            let start = about.len().saturating_sub(most);
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.take(most).read_to_end(&mut bytes)?;
            let text = decode(&bytes);
            let whole = if start == 0 { text.as_str() } else { text.split_once('\n').map_or("", |(_, rest)| rest) };
            Ok((whole.to_owned(), about.modified()?))
        });
        tail.inspect_err(|error| self.note(path, error)).ok()
    }
}

impl Files for LiveFiles {
    fn read(&self, path: &str) -> Option<String> {
        if self.read.get() >= MOST_FILES {
            return None;
        }
        self.read.set(self.read.get() + 1);
        let text = open(path).and_then(|file| {
            let mut bytes = Vec::new();
            file.take(MOST_BYTES).read_to_end(&mut bytes)?;
            Ok(decode(&bytes))
        });
        text.inspect_err(|error| self.note(path, error)).ok()
    }

    fn matching(&self, pattern: &str) -> Vec<String> {
        if !pattern.contains(['*', '?']) {
            // Reading it tells whether it is there, and whether that may be known.
            return vec![pattern.to_owned()];
        }
        let mut paths = vec![String::new()];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            let mut next = Vec::new();
            for path in &paths {
                if part.contains(['*', '?']) {
                    let names = names_in(path).inspect_err(|error| self.note(path, error)).unwrap_or_default();
                    next.extend(names.into_iter().filter(|name| fits(part, name)).map(|name| format!("{path}/{name}")));
                } else {
                    next.push(format!("{path}/{part}"));
                }
            }
            next.truncate(MOST_MATCHES);
            paths = next;
        }
        paths.retain(|path| Path::new(path).exists());
        paths
    }

    fn is_folder(&self, path: &str) -> bool {
        Path::new(path).is_dir()
    }
}

/// Opens a regular file. Never waits, as opening a pipe does.
fn open(path: &str) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}

/// UTF-8, or UTF-16 with a byte order mark, which SQL Server writes.
fn decode(bytes: &[u8]) -> String {
    let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) else { return String::from_utf8_lossy(bytes).into_owned() };
    let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

/// The names in a folder, in order; hidden ones are left out, as by a shell.
fn names_in(path: &str) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(if path.is_empty() { "/" } else { path })?;
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    Ok(names)
}

/// Whether a name fits a pattern of `*` and `?`.
///
/// Where it does not, only the last `*` takes one character more and the rest is tried again: what an earlier one takes makes no difference
/// then. Whoever may write the configuration of a service must not be able to hold us up with a pattern of many stars.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut own) = (0, 0);
    let mut last_star = None;
    while own < name.len() {
        match (pattern.get(at), last_star) {
            (Some('*'), _) => {
                at += 1;
                last_star = Some((at, own));
            }
            (Some(wanted), _) if *wanted == '?' || *wanted == name[own] => {
                at += 1;
                own += 1;
            }
            (_, Some((after, taken))) => {
                last_star = Some((after, taken + 1));
                (at, own) = (after, taken + 1);
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Files as _, LiveFiles, decode, fits};

    #[test]
    fn a_pattern_fits_as_in_a_shell() {
        assert!(
            fits("*.conf", "a.conf")
                && fits("*", "a")
                && fits("a?c*", "abc")
                && fits("catalina.*.log", "catalina.2026-02-11.log")
        );
        assert!(!fits("*.conf", "a.conf.bak") && !fits("a?", "a"));
    }

    #[test]
    fn a_pattern_of_many_stars_takes_no_time() {
        let name = "a".repeat(255);
        assert!(!fits(&format!("{}b", "*a".repeat(60)), &name));
        assert!(fits(&format!("{}*", "*a".repeat(60)), &name));
    }

    #[test]
    fn a_pattern_finds_files_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.conf", "a.conf", "c.txt", ".hidden.conf"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = LiveFiles::default().matching(&format!("{}/*.conf", folder.path().display()));
        let names: Vec<_> = found.iter().filter_map(|path| path.rsplit('/').next()).collect();
        assert_eq!(names, ["a.conf", "b.conf"]);
    }

    #[test]
    fn a_tail_starts_with_a_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "first line\nsecond line\nthird line\n").unwrap();
        let (text, _) = LiveFiles::default().tail(&path.to_string_lossy(), 20).unwrap();
        assert_eq!(text, "third line\n");
    }

    #[test]
    fn what_is_no_file_is_not_read() {
        let files = LiveFiles::default();
        assert_eq!(files.read("/dev/zero"), None);
        assert_eq!(files.read("/"), None);
        assert!(files.take_denied().is_empty());
    }

    #[test]
    fn utf_16_is_read() {
        assert_eq!(decode(&[0xFF, 0xFE, b'o', 0, b'k', 0]), "ok");
    }
}
