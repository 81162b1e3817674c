//! The mounts of this computer, as this process sees them (proc_pid_mountinfo(5)).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::proc_file;

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What of the file system is mounted: a path below its root.
    pub root: PathBuf,
    /// Where.
    pub point: PathBuf,
    /// The kind of file system: `cgroup2`, `proc`, …
    pub kind: String,
    /// The options of the file system, with commas between.
    pub options: String,
}

/// All mounts, in the order in which they were made; none where `/proc` does not tell.
pub fn all() -> Vec<Mount> {
    proc_file::read("/proc/self/mountinfo").map(|bytes| parse(&bytes)).unwrap_or_default()
}

/// Reads lines like `25 30 0:22 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw`.
pub fn parse(bytes: &[u8]) -> Vec<Mount> {
    bytes.split(|byte| *byte == b'\n').filter_map(mount).collect()
}

fn mount(line: &[u8]) -> Option<Mount> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    // Between the options of the mount and the kind are as many fields as there are, and then a dash.
    let dash = fields.iter().skip(6).position(|field| *field == b"-")? + 6;
    let text = |index: usize| fields.get(index).map(|field| String::from_utf8_lossy(field).into_owned());
    Some(Mount { root: path(fields[3]), point: path(fields[4]), kind: text(dash + 1)?, options: text(dash + 3)? })
}

/// A path in which blanks, tabs, line breaks and backslashes stand as a backslash and three octal digits.
fn path(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        let octal = tail.get(..3).filter(|_| *first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            bytes.push(byte);
            rest = &tail[3..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::parse;

    #[test]
    fn reads_mounts_with_and_without_optional_fields() {
        let text = "25 30 0:22 / /sys/fs/cgroup rw,nosuid shared:9 master:1 - cgroup2 cgroup2 rw,nsdelegate\n\
                    24 30 0:21 / /proc rw - proc proc rw,hidepid=2\nno mount\n";
        let mounts = parse(text.as_bytes());
        let told: Vec<_> =
            mounts.iter().map(|mount| (mount.point.as_path(), mount.kind.as_str(), mount.options.as_str())).collect();
        assert_eq!(
            told,
            [(Path::new("/sys/fs/cgroup"), "cgroup2", "rw,nsdelegate"), (Path::new("/proc"), "proc", "rw,hidepid=2")]
        );
    }

    #[test]
    fn a_blank_in_a_path_is_a_blank() {
        let mounts = parse(br"25 30 0:22 /a\040b /mnt/my\040disk\011\134x rw - cgroup2 cgroup2 rw");
        assert_eq!((mounts[0].root.as_path(), mounts[0].point.as_path()), (Path::new("/a b"), Path::new("/mnt/my disk\t\\x")));
    }

    #[test]
    fn a_backslash_that_is_no_escape_stays() {
        assert_eq!(parse(br"25 30 0:22 / /a\9b\ rw - ext4 /dev/a rw")[0].point, Path::new(r"/a\9b\"));
    }
}
