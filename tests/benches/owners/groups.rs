//! Control groups of the bench's own, below the root of cgroup2.

use std::fs;
use std::path::{Path, PathBuf};

/// A folder of the cgroup2 tree; gone with everything in it when it is dropped.
pub struct Groups(PathBuf);

impl Groups {
    /// Makes it; `None` where there is no cgroup2 or it cannot be written.
    pub fn make() -> Option<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
        let mut mounts = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        let mount = mounts.find(|fields| fields.get(2) == Some(&"cgroup2"))?;
        let folder = Path::new(mount[1]).join(format!("portmedic-bench-{}", std::process::id()));
        // A bench that was killed leaves empty ones; a new one of the same number may use them.
        fs::create_dir_all(&folder).ok()?;
        Some(Self(folder))
    }

    /// A group in it.
    pub fn group(&self, name: &str) -> PathBuf {
        let folder = self.0.join(name);
        fs::create_dir_all(&folder).expect("a control group");
        folder
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        let inside = fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path());
        for folder in inside.filter(|path| path.is_dir()).chain([self.0.clone()]) {
            if let Err(error) = fs::remove_dir(&folder) {
                eprintln!("{} stays: {error}", folder.display());
            }
        }
    }
}

/// Puts this process into a group.
pub fn join(group: &Path) {
    fs::write(group.join("cgroup.procs"), "0").expect("a place in the control group");
}
