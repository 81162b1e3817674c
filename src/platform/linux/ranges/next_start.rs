//! Which line wins at the next start, and whether it is ours.
//!
//! PortMedic writes only files of its own. Their names sort after the names with digits that everybody uses, also after Debian's
//! `99-sysctl.conf`, so that theirs is the line that wins. What could still beat them is told and never overwritten.

use std::path::{Path, PathBuf};

use super::kernel::{self, Setting};
use super::sysctl_d::{Assignment, SysctlFiles};
use crate::machine::{Gap, PortRange, PortSet};
use crate::platform::PlatformError;
use crate::remedy::paths::{DYNAMIC_RANGE_FILE, EXCLUSIONS_FILE};

/// Our own file for a setting, whether it is there or not.
pub fn own_path(files: &SysctlFiles, setting: Setting) -> PathBuf {
    files.place(match setting {
        Setting::ReservedPorts => EXCLUSIONS_FILE,
        Setting::DynamicRange => DYNAMIC_RANGE_FILE,
    })
}

/// The lines that set one setting at the next start.
#[derive(Debug)]
pub struct NextStart {
    own_path: PathBuf,
    lines: Vec<Assignment>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl NextStart {
    /// Reads all files.
    pub fn read(files: &SysctlFiles, setting: Setting) -> Self {
        let mut gaps = Vec::new();
        let lines = files.assignments(setting, &mut gaps);
        Self { own_path: own_path(files, setting), lines, gaps }
    }

    /// Our own file for this setting, whether it is there or not.
    pub fn own_path(&self) -> &Path {
        &self.own_path
    }

    /// The line that wins.
    pub fn winner(&self) -> Option<&Assignment> {
        self.lines.last()
    }

    /// The line that would win without our file.
    pub fn others_winner(&self) -> Option<&Assignment> {
        self.lines.iter().rev().find(|line| !self.is_own(line))
    }

    /// The lines that do not win.
    pub fn losers(&self) -> &[Assignment] {
        self.lines.split_last().map_or(&[], |(_, losers)| losers)
    }

    /// Whether a line is in our own file.
    pub fn is_own(&self, line: &Assignment) -> bool {
        line.file == self.own_path
    }

    /// Refuses, with an administrator's rights, to write a list beside files that could not be read: ours wins at the next start, and what they
    /// reserve would be gone with it. Without the rights only a preview is made, and the helper reads them all.
    ///
    /// # Errors
    /// Which file, and why it could not be read.
    pub fn check_read(&self, as_administrator: bool) -> Result<(), PlatformError> {
        match self.gaps.first().filter(|_| as_administrator) {
            None => Ok(()),
            Some(gap) => Err(PlatformError::Refused(format!(
                "{} is not known ({}), and PortMedic's own list would replace it; correct that first",
                gap.what, gap.because
            ))),
        }
    }

    /// A line that is read after our own file, or would be: what we write there would not count.
    pub fn stronger_than_own(&self) -> Option<&Assignment> {
        let in_folder = |file: &Path| file.parent().and_then(Path::file_name).is_some_and(|folder| folder == "sysctl.d");
        let beats = |file: &Path| !in_folder(file) || file.file_name() >= self.own_path.file_name();
        self.lines.iter().rev().find(|line| !self.is_own(line) && beats(&line.file))
    }
}

/// The ports of a line. A list that the kernel will refuse reserves none.
pub fn ports_of(line: Option<&Assignment>) -> PortSet {
    line.and_then(|line| kernel::parse_list(&line.value)).unwrap_or_default()
}

/// The range of a line. A range that the kernel will refuse sets none.
pub fn range_of(line: Option<&Assignment>) -> Option<PortRange> {
    line.and_then(|line| kernel::parse_range(&line.value))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{NextStart, Setting, SysctlFiles, ports_of};

    fn put(root: &Path, path: &str, ports: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("net.ipv4.ip_local_reserved_ports = {ports}\n")).unwrap();
    }

    fn read(root: &Path) -> NextStart {
        fs::create_dir_all(root.join("run/systemd/system")).unwrap();
        NextStart::read(&SysctlFiles::below(root), Setting::ReservedPorts)
    }

    #[test]
    fn our_file_wins_over_every_usual_name() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "etc/sysctl.d/99-sysctl.conf", "1");
        put(root.path(), "usr/lib/sysctl.d/99-zabbix.conf", "2");
        put(root.path(), "etc/sysctl.d/zz-portmedic-exclusions.conf", "3");
        let next = read(root.path());
        assert!(next.is_own(next.winner().unwrap()));
        assert_eq!(ports_of(next.others_winner()).to_string(), "2");
        assert!(next.stronger_than_own().is_none());
    }

    #[test]
    fn a_later_name_beats_our_file_even_before_it_is_written() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "usr/lib/sysctl.d/zzz-last.conf", "2");
        assert!(read(root.path()).stronger_than_own().unwrap().file.ends_with("zzz-last.conf"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused_by_name_before_its_list_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "etc/sysctl.d/60-k8s.conf", &"30000,".repeat(1 << 20));
        let next = read(root.path());
        assert!(next.check_read(true).unwrap_err().to_string().contains("60-k8s.conf"));
        assert!(next.check_read(false).is_ok(), "a preview is made by users who may not read it");
    }

    #[test]
    fn a_link_that_leads_nowhere_reserves_nothing() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "etc/sysctl.d/60-k8s.conf", "30000");
        std::os::unix::fs::symlink("/nowhere", root.path().join("etc/sysctl.d/70-gone.conf")).unwrap();
        let next = read(root.path());
        assert!(next.check_read(true).is_ok() && next.winner().is_some());
    }

    #[test]
    fn sysctl_conf_beats_our_file_where_it_is_read_last() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "etc/sysctl.conf", "2");
        let next = NextStart::read(&SysctlFiles::below(root.path()), Setting::ReservedPorts);
        assert!(next.stronger_than_own().unwrap().file.ends_with("sysctl.conf"));
        assert!(read(root.path()).stronger_than_own().is_none(), "systemd does not read it");
    }
}
