//! The tree of control groups (cgroup2): from the number in a socket's row to a path, and from a path to processes.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{FileType, FsWord, Mode, OFlags, RawDir};

use crate::platform::linux::mounts::{self, Mount};
use crate::platform::linux::proc_file;

/// Where the tree is mounted nearly always: alone, or beside version 1.
const USUAL: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
/// The kind of file system of cgroup2 (`linux/magic.h`).
const CGROUP2_SUPER_MAGIC: FsWord = 0x6367_7270;
/// The number of the root of the whole hierarchy; a part of it that is mounted begins with another one.
const ROOT: u64 = 1;

/// The cgroup2 tree, wherever it is mounted.
#[derive(Debug, PartialEq, Eq)]
pub struct Tree {
    mount: PathBuf,
    /// The path of what is mounted, below the root of the hierarchy; not `/` where a container sees only its own part.
    root: String,
}

impl Tree {
    /// Finds it; `None` on a computer with version 1 only.
    pub fn find() -> Option<Self> {
        USUAL.into_iter().find_map(Self::whole_at).or_else(|| Self::among(mounts::all()))
    }

    /// The whole tree, if it is mounted here. The list of all mounts is long where containers run.
    fn whole_at(mount: &str) -> Option<Self> {
        let is_root =
            rustix::fs::statfs(mount).ok()?.f_type == CGROUP2_SUPER_MAGIC && rustix::fs::stat(mount).ok()?.st_ino == ROOT;
        is_root.then(|| Self { mount: mount.into(), root: String::new() })
    }

    /// The first one of these mounts.
    fn among(mounts: Vec<Mount>) -> Option<Self> {
        let mount = mounts.into_iter().find(|mount| mount.kind == "cgroup2")?;
        let root = mount.root.to_string_lossy();
        // With "..", the mount comes from outside of our control group namespace: no path we know starts there.
        let root = if root.starts_with("/..") { "" } else { root.trim_end_matches('/') };
        Some(Self { root: root.to_owned(), mount: mount.point })
    }

    /// The paths of the control groups with these numbers. A control group that is gone or outside of our view has none.
    pub fn paths(&self, wanted: &HashSet<u64>) -> HashMap<u64, Arc<str>> {
        let mut found = HashMap::new();
        if wanted.is_empty() {
            return found;
        }
        if let Ok(root) = rustix::fs::stat(&self.mount)
            && wanted.contains(&root.st_ino)
        {
            found.insert(root.st_ino, if self.root.is_empty() { "/".into() } else { self.root.as_str().into() });
        }
        let mut buffer = Vec::with_capacity(32 << 10);
        let mut next = VecDeque::from([String::new()]);
        while found.len() < wanted.len()
            && let Some(path) = next.pop_front()
        {
            for (name, number) in children(&self.mount.join(path.trim_start_matches('/')), buffer.spare_capacity_mut()) {
                let child = format!("{path}/{name}");
                if wanted.contains(&number) {
                    found.insert(number, format!("{}{child}", self.root).into());
                }
                next.push_back(child);
            }
        }
        found
    }

    /// The processes that are in the control group at `path` now, but not those of its children. Everybody may read this.
    pub fn processes(&self, path: &str) -> Vec<u32> {
        processes_in(&self.directory(path))
    }

    /// The processes that are in the control group at `path` or in one below it now, in ascending order.
    pub fn processes_below(&self, path: &str) -> Vec<u32> {
        let mut pids = BTreeSet::new();
        let mut buffer = Vec::with_capacity(32 << 10);
        let mut next = vec![path.trim_end_matches('/').to_owned()];
        while let Some(path) = next.pop() {
            pids.extend(self.processes(&path));
            next.extend(
                children(&self.directory(&path), buffer.spare_capacity_mut())
                    .into_iter()
                    .map(|(name, _)| format!("{path}/{name}")),
            );
        }
        pids.into_iter().collect()
    }

    /// Where the control group at `path` is mounted.
    fn directory(&self, path: &str) -> PathBuf {
        self.mount.join(path.strip_prefix(&self.root).unwrap_or(path).trim_start_matches('/'))
    }
}

/// The processes in the control group that is this directory, of either version.
pub fn processes_in(directory: &Path) -> Vec<u32> {
    let list = proc_file::read(directory.join("cgroup.procs")).unwrap_or_default();
    // 0 stands for a process outside of our process namespace.
    String::from_utf8_lossy(&list).lines().filter_map(|line| line.parse().ok()).filter(|pid| *pid != 0).collect()
}

/// The control groups right below `directory`: name, and inode number, which is what the kernel calls their id.
fn children(directory: &Path, buffer: &mut [MaybeUninit<u8>]) -> Vec<(String, u64)> {
    let mut children = Vec::new();
    // A control group may be gone by now: then it has no children.
    let Ok(directory) = rustix::fs::open(directory, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()) else {
        return children;
    };
    let mut entries = RawDir::new(directory, buffer);
    while let Some(Ok(entry)) = entries.next() {
        let name = entry.file_name().to_string_lossy();
        if entry.file_type() == FileType::Directory && name != "." && name != ".." {
            children.push((name.into_owned(), entry.ino()));
        }
    }
    children
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Tree;
    use crate::platform::linux::mounts::parse;

    #[test]
    fn the_mount_is_found_on_a_cgroup2_host_and_on_a_hybrid_host() {
        let alone = "25 30 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
        let hybrid = "30 25 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
                      32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n";
        let old = "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n";
        let mount = |text| Tree::among(parse(str::as_bytes(text))).map(|tree| tree.mount);
        assert_eq!(mount(alone), Some(PathBuf::from("/sys/fs/cgroup")));
        assert_eq!(mount(hybrid), Some(PathBuf::from("/sys/fs/cgroup/unified")));
        assert_eq!(mount(old), None);
    }

    #[test]
    fn paths_begin_at_the_root_of_the_hierarchy_even_where_only_a_part_is_mounted() {
        let part = "25 30 0:22 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        assert_eq!(Tree::among(parse(part.as_bytes())).map(|tree| tree.root), Some("/docker/abc".to_owned()));
        let outside = "25 30 0:22 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        assert_eq!(Tree::among(parse(outside.as_bytes())).map(|tree| tree.root), Some(String::new()));
    }

    #[test]
    fn the_whole_tree_is_the_one_that_the_list_of_mounts_tells() {
        let whole = super::USUAL.into_iter().find_map(Tree::whole_at);
        assert!(whole.is_none() || whole == Tree::among(crate::platform::linux::mounts::all()), "{whole:?}");
        assert_eq!(Tree::whole_at("/proc"), None);
    }

    #[test]
    fn our_own_control_group_has_a_number_and_us_in_it() {
        let Some(tree) = Tree::find() else { return };
        let own = std::fs::read("/proc/self/cgroup").unwrap();
        let own = String::from_utf8_lossy(&own);
        let path = own.lines().find_map(|line| line.strip_prefix("0::")).unwrap();
        let Ok(directory) = rustix::fs::stat(tree.mount.join(path.trim_start_matches('/'))) else { return };
        let found = tree.paths(&[directory.st_ino].into());
        assert_eq!(found.get(&directory.st_ino).map(|path| &**path), Some(path));
        assert!(tree.processes(path).contains(&std::process::id()));
    }
}
