//! The processes of a unit.

use std::path::Path;

use crate::platform::linux::sockets::cgroups::{Tree, processes_in};

/// systemd's own tree on a computer with version 1 of control groups.
const VERSION_1: &str = "/sys/fs/cgroup/systemd";

/// The processes in control groups, wherever those are.
#[derive(Debug)]
pub struct ControlGroups(Option<Tree>);

impl ControlGroups {
    /// Finds them.
    pub fn find() -> Self {
        Self(Tree::find())
    }

    /// Every process in the group `path` and the groups below it, in ascending order. Empty where the group is gone: then nothing runs.
    pub fn processes(&self, path: &str) -> Vec<u32> {
        let pids = self.0.as_ref().map(|tree| tree.processes_below(path)).unwrap_or_default();
        if !pids.is_empty() {
            return pids;
        }
        processes_in(&Path::new(VERSION_1).join(path.trim_start_matches('/')))
    }
}
