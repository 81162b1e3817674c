//! The processes that matter for what was asked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, UpdateKind};

use crate::machine::{Process, ProcessId, visible};

/// The facts about these processes, by number.
pub fn facts(pids: &BTreeSet<u32>) -> Result<BTreeMap<u32, Process>, sysinfo::Error> {
    let wanted: Vec<Pid> = pids.iter().map(|pid| Pid::from_u32(*pid)).collect();
    let mut system = sysinfo::System::new()?;
    let kind = ProcessRefreshKind::nothing().with_exe(UpdateKind::OnlyIfNotSet);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&wanted), true, kind);
    let one = |(pid, process): (&Pid, &sysinfo::Process)| {
        let started = process.start_time();
        let process = Process {
            id: ProcessId { pid: pid.as_u32(), started },
            name: visible(&process.name().to_string_lossy()),
            exe: process.exe().map(|path| visible(&path.to_string_lossy())),
            exe_deleted: false,
            command_line: None,
            uid: None,
            user: None,
            started: i64::try_from(started).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()),
            parent: process.parent().map(Pid::as_u32),
            cgroup: None,
            service: None,
            container: None,
            kernel_thread: false,
            network_namespace: None,
            protected: (pid.as_u32() <= 4).then(|| "it is Windows itself".to_owned()),
        };
        (pid.as_u32(), process)
    };
    Ok(system.processes().iter().map(one).collect())
}
