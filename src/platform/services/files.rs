//! Configuration files as they are on this computer, read with care: others write them, and some are large or are no files at all.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

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
            let encoding = Encoding::of(&mut file)?;
            // A character of two bytes is not cut in half: both ends are even.
            let start = about.len().saturating_sub(most).next_multiple_of(2);
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.take(most).read_to_end(&mut bytes)?;
            let text = encoding.decode(&bytes);
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
            Ok(Encoding::of_bytes(&bytes).decode(&bytes))
        });
        text.inspect_err(|error| self.note(path, error)).ok()
    }

    fn matching(&self, pattern: &str) -> Vec<String> {
        if !pattern.contains(['*', '?']) {
            // Reading it tells whether it is there, and whether that may be known.
            return vec![pattern.to_owned()];
        }
        let (drive, below) = pattern.split_at(pattern.find('/').unwrap_or(0));
        let mut paths = vec![drive.to_owned()];
        for part in below.split('/').filter(|part| !part.is_empty()) {
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
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// UTF-8, or a code page whose letters below 128 are the same.
    Utf8,
    /// Two bytes a character, the low one first: SQL Server's logs.
    Utf16Le,
    /// Two bytes a character, the high one first.
    Utf16Be,
}

impl Encoding {
    /// Looks at the beginning of a file.
    fn of(file: &mut File) -> io::Result<Self> {
        let mut beginning = Vec::new();
        file.rewind()?;
        file.take(64).read_to_end(&mut beginning)?;
        Ok(Self::of_bytes(&beginning))
    }

    /// By the byte order mark; without one by the zeros that are half of every plain letter in UTF-16.
    fn of_bytes(bytes: &[u8]) -> Self {
        match bytes {
            [0xFF, 0xFE, ..] => Self::Utf16Le,
            [0xFE, 0xFF, ..] => Self::Utf16Be,
            [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Self::Utf16Le,
            [0, first, 0, second, ..] if *first != 0 && *second != 0 => Self::Utf16Be,
            _ => Self::Utf8,
        }
    }

    /// The text, without a byte order mark. What cannot be read is replaced.
    fn decode(self, bytes: &[u8]) -> String {
        let wide = |unit: fn([u8; 2]) -> u16| {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        };
        let text = match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Utf16Le => wide(u16::from_le_bytes),
            Self::Utf16Be => wide(u16::from_be_bytes),
        };
        match text.strip_prefix('\u{FEFF}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }
    }
}

/// The names in a folder, in order; hidden ones are left out, as by a shell.
fn names_in(path: &str) -> io::Result<Vec<String>> {
    // The root of a drive of Windows has a slash, too: without one it is the folder that a program has there.
    let entries = fs::read_dir(format!("{path}/"))?;
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

    use super::{Encoding, Files as _, LiveFiles, fits};

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

    #[cfg(unix)] // Windows has no devices among its files
    #[test]
    fn what_is_no_file_is_not_read() {
        let files = LiveFiles::default();
        assert_eq!(files.read("/dev/zero"), None);
        assert_eq!(files.read("/"), None);
        assert!(files.take_denied().is_empty());
    }

    #[test]
    fn every_way_to_write_a_text_is_read() {
        let read = |bytes: &[u8]| Encoding::of_bytes(bytes).decode(bytes);
        assert_eq!(read(&[0xFF, 0xFE, b'o', 0, b'k', 0]), "ok");
        assert_eq!(read(&[0xFE, 0xFF, 0, b'o', 0, b'k']), "ok");
        assert_eq!(read(&[b'o', 0, b'k', 0]), "ok");
        assert_eq!(read(b"\xEF\xBB\xBFok"), "ok");
        assert_eq!(read(b"port=1433 # f\xFCr"), "port=1433 # f\u{FFFD}r");
        assert_eq!(read(b""), "");
    }

    #[test]
    fn the_end_of_a_log_in_utf_16_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ERRORLOG");
        let text = "\u{FEFF}first line\r\nsecond line\r\n";
        fs::write(&path, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()).unwrap();
        let (text, _) = LiveFiles::default().tail(&path.to_string_lossy(), 35).unwrap();
        assert_eq!(text, "second line\r\n");
    }
}
