//! What a helper leaves behind that is killed while it replaces one of our files: the new text under a name that nothing reads.

use std::fs::{self, DirEntry};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::own_file::{NEW_PREFIX, NEW_SUFFIX};

/// Where our files are.
const SYSCTL_FOLDER: &str = "/etc/sysctl.d";
/// The folder of the folders with drop-ins, `UNIT.d`.
const UNITS_FOLDER: &str = "/etc/systemd/system";
/// Where the program of the tasks is.
const PROGRAM_FOLDER: &str = "/usr/local/lib/portmedic";

/// Removes what earlier helpers left. The caller has the lock of the journal, so no helper is at work whose file it could be.
pub fn remove() {
    sweep(Path::new(SYSCTL_FOLDER));
    sweep(Path::new(UNITS_FOLDER));
    sweep(Path::new(PROGRAM_FOLDER));
    for folder in entries(Path::new(UNITS_FOLDER)) {
        if folder.path().extension().is_some_and(|kind| kind == "d") {
            sweep(&folder.path());
        }
    }
}

fn sweep(folder: &Path) {
    for leftover in entries(folder).filter(is_leftover) {
        // It harms nobody where it stays; the next helper tries again.
        let _stays = fs::remove_file(leftover.path());
    }
}

/// Nothing where there is no such folder.
fn entries(folder: &Path) -> impl Iterator<Item = DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

/// An ordinary file of ours, by name and owner.
fn is_leftover(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let named = name.to_str().is_some_and(|name| name.starts_with(NEW_PREFIX) && name.ends_with(NEW_SUFFIX));
    let own = rustix::process::geteuid().as_raw();
    named && entry.metadata().is_ok_and(|facts| facts.is_file() && facts.uid() == own)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::{entries, sweep};

    #[test]
    fn only_ordinary_files_with_our_name_go() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".portmedic-a1B2c3.new", "zz-portmedic-exclusions.conf", ".portmedic-notes", "portmedic.new", "10-site.conf"]
        {
            fs::write(at(name), "text\n").unwrap();
        }
        fs::create_dir(at(".portmedic-folder.new")).unwrap();
        symlink(at("10-site.conf"), at(".portmedic-link.new")).unwrap();
        sweep(folder.path());
        let mut left: Vec<_> = entries(folder.path()).map(|entry| entry.file_name().into_string().unwrap()).collect();
        left.sort();
        let kept = [
            ".portmedic-folder.new",
            ".portmedic-link.new",
            ".portmedic-notes",
            "10-site.conf",
            "portmedic.new",
            "zz-portmedic-exclusions.conf",
        ];
        assert_eq!(left, kept);
    }

    #[test]
    fn a_folder_that_is_not_there_is_nothing_to_do() {
        sweep(std::path::Path::new("/nonexistent"));
    }
}
