//! What the next start of the computer will set: the files of `sysctl.d` and `/etc/sysctl.conf`, in the order in which they are read.
//!
//! Lists do not merge: for each setting the last line wins. Two programs read the files, each in its own order:
//! `systemd-sysctl` (see `sysctl.d(5)`) reads `/etc/sysctl.conf` only where a link in a `sysctl.d` folder points to it, as Debian's
//! `99-sysctl.conf` does; `sysctl --system` of procps (see `sysctl(8)`), which starts computers without systemd, reads it last.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::kernel::Setting;
use crate::machine::{Gap, visible};

/// The folders of systemd, the strongest first: a file hides those of the same name in the folders after it.
const SYSTEMD_DIRS: [&str; 5] = ["etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d", "lib/sysctl.d"];

/// The folders of procps, the strongest first.
const PROCPS_DIRS: [&str; 5] = ["run/sysctl.d", "etc/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d", "lib/sysctl.d"];

/// No file of settings is longer; what is longer is not read.
const LONGEST_FILE: u64 = 4 << 20;

/// A line that sets a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The file, by the path in a `sysctl.d` folder (which may be a link).
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The value.
    pub value: String,
}

impl Assignment {
    /// File and line, for evidence.
    pub fn source(&self) -> String {
        format!("{} line {}", visible(&self.file.to_string_lossy()), self.line)
    }
}

/// The files that the next start reads.
#[derive(Debug)]
pub struct SysctlFiles {
    root: PathBuf,
    systemd: bool,
}

impl SysctlFiles {
    /// Those of this computer.
    pub fn system() -> Self {
        Self::below(Path::new("/"))
    }

    /// Those below another root.
    pub fn below(root: &Path) -> Self {
        Self { root: root.to_owned(), systemd: root.join("run/systemd/system").is_dir() }
    }

    /// An absolute path of this computer, below our root.
    pub fn place(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Every line that sets `setting`, in the order of reading: the last one wins. What could not be read is told in `gaps`.
    pub fn assignments(&self, setting: Setting, gaps: &mut Vec<Gap>) -> Vec<Assignment> {
        let mut found = Vec::new();
        for file in self.files(gaps) {
            match read_file(&file) {
                Ok(text) => find(&file, &text, setting, &mut found, gaps),
                // A link that leads nowhere sets nothing, nor does a file that is gone meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => gaps.push(unread(&file, &error)),
            }
        }
        found
    }

    /// All files in the order of reading.
    fn files(&self, gaps: &mut Vec<Gap>) -> Vec<PathBuf> {
        let mut by_name = BTreeMap::new();
        for dir in if self.systemd { SYSTEMD_DIRS } else { PROCPS_DIRS } {
            let dir = self.root.join(dir);
            let entries = match fs::read_dir(&dir) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    gaps.push(unread(&dir, &error));
                    continue;
                }
            };
            for entry in entries.filter_map(Result::ok) {
                let name = entry.file_name();
                if name.as_bytes().ends_with(b".conf") {
                    by_name.entry(name).or_insert_with(|| entry.path());
                }
            }
        }
        let mut files: Vec<PathBuf> = by_name.into_values().collect();
        let last = self.root.join("etc/sysctl.conf");
        if !self.systemd && last.exists() {
            files.push(last);
        }
        files
    }
}

/// The text of a file; empty for what is no ordinary file: a link to `/dev/null` is how an administrator switches a file off.
pub fn read_file(path: &Path) -> io::Result<String> {
    // Without O_NONBLOCK the open of a named pipe would never return.
    let no_wait = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(no_wait).open(path)?;
    if !file.metadata()?.is_file() {
        return Ok(String::new());
    }
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST_FILE) {
        return Err(io::Error::other("it is longer than 4 MiB"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn unread(path: &Path, error: &io::Error) -> Gap {
    Gap::new(
        format!("What {} sets at the next start", visible(&path.to_string_lossy())),
        error.to_string(),
        "Look at it as an administrator",
    )
}

/// Adds the lines of one file that set `setting`, and a Gap for a pattern that might.
fn find(file: &Path, text: &str, setting: Setting, found: &mut Vec<Assignment>, gaps: &mut Vec<Gap>) {
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with(['#', ';']) {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let key = key.trim_end();
        let key = normalize(key.strip_prefix('-').unwrap_or(key).trim_start());
        let assignment = || Assignment { file: file.to_owned(), line: index + 1, value: value.trim().to_owned() };
        if key == setting.key() {
            found.push(assignment());
        } else if may_match(&key, setting.key()) {
            gaps.push(Gap::new(
                format!("Whether {} sets {}", assignment().source(), setting.key().replace('/', ".")),
                format!("it has a pattern instead of a name: {}", visible(&key)),
                "Read the file",
            ));
        }
    }
}

/// The name with slashes: where the first separator is a dot, dots and slashes change places.
fn normalize(key: &str) -> String {
    match key.find(['.', '/']) {
        Some(first) if key[first..].starts_with('.') => key
            .chars()
            .map(|character| match character {
                '.' => '/',
                '/' => '.',
                other => other,
            })
            .collect(),
        _ => key.to_owned(),
    }
}

/// Whether a pattern could stand for `key`: its fixed beginning does.
fn may_match(pattern: &str, key: &str) -> bool {
    pattern.find(['*', '?', '[', '{']).is_some_and(|first| key.starts_with(&pattern[..first]))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use tempfile::TempDir;

    use super::{Setting, SysctlFiles};

    fn root(systemd: bool) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        if systemd {
            fs::create_dir_all(root.path().join("run/systemd/system")).unwrap();
        }
        root
    }

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The values in the order of reading, and how many gaps there were.
    fn values(root: &TempDir) -> (Vec<String>, usize) {
        let mut gaps = Vec::new();
        let found = SysctlFiles::below(root.path()).assignments(Setting::ReservedPorts, &mut gaps);
        (found.into_iter().map(|assignment| assignment.value).collect(), gaps.len())
    }

    #[test]
    fn the_name_of_the_file_decides_the_order_not_its_folder() {
        let root = root(true);
        put(root.path(), "etc/sysctl.d/10-a.conf", "net.ipv4.ip_local_reserved_ports = 1\n");
        put(root.path(), "usr/lib/sysctl.d/20-b.conf", "net.ipv4.ip_local_reserved_ports = 2\n");
        put(root.path(), "run/sysctl.d/15-c.conf", "net.ipv4.ip_local_reserved_ports = 3\n");
        assert_eq!(values(&root), (vec!["1".to_owned(), "3".to_owned(), "2".to_owned()], 0));
    }

    #[test]
    fn a_file_in_a_stronger_folder_hides_its_namesakes() {
        let root = root(true);
        put(root.path(), "usr/lib/sysctl.d/50-x.conf", "net.ipv4.ip_local_reserved_ports = 1\n");
        put(root.path(), "etc/sysctl.d/50-x.conf", "# nothing\n");
        assert_eq!(values(&root), (vec![], 0));
    }

    #[test]
    fn a_link_to_dev_null_switches_a_file_off() {
        let root = root(true);
        put(root.path(), "usr/lib/sysctl.d/50-x.conf", "net.ipv4.ip_local_reserved_ports = 1\n");
        fs::create_dir_all(root.path().join("etc/sysctl.d")).unwrap();
        symlink("/dev/null", root.path().join("etc/sysctl.d/50-x.conf")).unwrap();
        assert_eq!(values(&root), (vec![], 0));
    }

    #[test]
    fn sysctl_conf_counts_under_systemd_only_where_a_link_names_it() {
        let root = root(true);
        put(root.path(), "etc/sysctl.conf", "net.ipv4.ip_local_reserved_ports = 7\n");
        assert_eq!(values(&root), (vec![], 0));
        fs::create_dir_all(root.path().join("etc/sysctl.d")).unwrap();
        symlink("../sysctl.conf", root.path().join("etc/sysctl.d/99-sysctl.conf")).unwrap();
        assert_eq!(values(&root), (vec!["7".to_owned()], 0));
    }

    #[test]
    fn sysctl_conf_is_read_last_without_systemd() {
        let root = root(false);
        put(root.path(), "etc/sysctl.conf", "net.ipv4.ip_local_reserved_ports = 7\n");
        put(root.path(), "etc/sysctl.d/zzz.conf", "net.ipv4.ip_local_reserved_ports = 8\n");
        assert_eq!(values(&root), (vec!["8".to_owned(), "7".to_owned()], 0));
    }

    #[test]
    fn knows_every_way_to_write_the_name() {
        let root = root(true);
        put(
            root.path(),
            "etc/sysctl.d/a.conf",
            "net.ipv4.ip_local_reserved_ports=1\n-net/ipv4/ip_local_reserved_ports = 2 \n; net.ipv4.ip_local_reserved_ports=3\n\
             \tnet.ipv4/ip_local_reserved_ports = 4\n- net.ipv4.ip_local_reserved_ports = 5\n-net.ipv4.ip_local_reserved_ports\n",
        );
        assert_eq!(values(&root), (vec!["1".to_owned(), "2".to_owned(), "5".to_owned()], 0));
    }

    #[test]
    fn a_pattern_that_may_match_is_told_and_others_are_not() {
        let root = root(true);
        put(root.path(), "etc/sysctl.d/a.conf", "net.ipv4.ip_local_* = 1\nnet.ipv4.conf.*.rp_filter = 1\nnet.ipv6.* = 3\n");
        assert_eq!(values(&root), (vec![], 1));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told() {
        let root = root(true);
        fs::create_dir_all(root.path().join("etc/sysctl.d")).unwrap();
        fs::write(root.path().join("etc/sysctl.d/a.conf"), "#".repeat((4 << 20) + 1)).unwrap();
        assert_eq!(values(&root), (vec![], 1));
    }

    #[test]
    fn a_link_that_leads_nowhere_sets_nothing() {
        let root = root(true);
        fs::create_dir_all(root.path().join("etc/sysctl.d")).unwrap();
        symlink("nowhere", root.path().join("etc/sysctl.d/a.conf")).unwrap();
        assert_eq!(values(&root), (vec![], 0));
    }
}
