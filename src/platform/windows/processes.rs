//! The processes that matter for what was asked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{ffi, protected};
use crate::machine::{Gap, Process, ProcessId, SYSTEM_PID, Snapshot};
use crate::platform::windows_tables::processes::Listed;

/// How many sockets or processes a gap names one by one.
const NAMED: usize = 3;
/// 1970 in the clock of Windows: 100 ns since 1601.
const UNIX_EPOCH: u64 = 116_444_736_000_000_000;

/// Adds the processes with these numbers to `snapshot`, and those that started them; says what could not be seen.
pub fn add(pids: BTreeSet<u32>, snapshot: &mut Snapshot) {
    if pids.is_empty() {
        return;
    }
    let all = match ffi::processes() {
        Ok(all) => all,
        Err(error) => {
            snapshot.gaps.push(Gap::new(
                "the programs behind the process numbers",
                format!("Windows did not list the processes ({error})"),
                "`tasklist` in a command prompt",
            ));
            return;
        }
    };
    let ancestors_of_ours = ancestors(&all, std::process::id());
    for pid in pids.iter().flat_map(|pid| std::iter::once(*pid).chain(ancestors(&all, *pid))) {
        if let Some(listed) = all.get(&pid) {
            snapshot.processes.entry(pid).or_insert_with(|| process(listed, &all, &ancestors_of_ours));
        }
    }
    let gap = gone(snapshot, &all);
    Gap::add(&mut snapshot.gaps, gap);
}

fn process(listed: &Listed, all: &BTreeMap<u32, Listed>, ancestors_of_ours: &[u32]) -> Process {
    Process {
        id: ProcessId { pid: listed.pid, started: listed.started },
        name: listed.name.clone(),
        exe: None,
        exe_deleted: false,
        command_line: None,
        uid: None,
        user: None,
        started: time(listed.started),
        parent: parent(all, listed).map(|parent| parent.pid),
        cgroup: None,
        service: None,
        container: None,
        kernel_thread: listed.pid <= SYSTEM_PID,
        network_namespace: None,
        protected: protected::reason(listed, ancestors_of_ours),
    }
}

/// The process that started `child`, where it is still there: one that started later has only got its number.
fn parent<'a>(all: &'a BTreeMap<u32, Listed>, child: &Listed) -> Option<&'a Listed> {
    all.get(&child.parent).filter(|parent| parent.pid != 0 && parent.pid != child.pid && parent.started <= child.started)
}

/// The numbers of a process's parent, that one's parent and so on.
pub fn ancestors(all: &BTreeMap<u32, Listed>, pid: u32) -> Vec<u32> {
    let mut chain = Vec::new();
    let mut next = all.get(&pid);
    while let Some(listed) = next.and_then(|listed| parent(all, listed)).filter(|listed| !chain.contains(&listed.pid)) {
        chain.push(listed.pid);
        next = Some(listed);
    }
    chain
}

fn time(started: u64) -> Option<Timestamp> {
    let since_1970 = i128::from(started) - i128::from(UNIX_EPOCH);
    (started != 0).then(|| Timestamp::from_nanosecond(since_1970 * 100).ok()).flatten()
}

/// The table names who opened a socket. Where that process is over, one that it started may have got the socket from it.
fn gone(snapshot: &Snapshot, all: &BTreeMap<u32, Listed>) -> Option<Gap> {
    let gone = snapshot.sockets.iter().filter(|socket| socket.pids.iter().any(|pid| !all.contains_key(pid)));
    let names: Vec<String> = gone.map(|socket| format!("{} {}", socket.protocol, socket.local)).collect();
    let what = match names.len() {
        0 => return None,
        1..=NAMED => names.join(", "),
        count => format!("{count} sockets"),
    };
    Some(Gap::new(
        format!("which program has {what}"),
        "the process that opened it is over; it has ended this moment, or a program that it started has got the socket from it",
        "another look, or a search for \\Device\\Afd in Process Explorer",
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process::Stdio;
    use std::time::{Duration, SystemTime};

    use jiff::Timestamp;

    use super::{add, ancestors};
    use crate::machine::Snapshot;
    use crate::platform::command;
    use crate::platform::windows::host;
    use crate::platform::windows_tables::processes::Listed;

    fn listed(pid: u32, parent: u32, started: u64) -> (u32, Listed) {
        (pid, Listed { pid, parent, started, name: format!("{pid}.exe") })
    }

    #[test]
    fn a_parent_that_started_later_only_has_the_number() {
        let all = [listed(100, 4, 10), listed(200, 100, 20), listed(300, 400, 30), listed(400, 300, 40)].into_iter().collect();
        assert_eq!(ancestors(&all, 200), [100]);
        assert!(ancestors(&all, 300).is_empty());
        assert_eq!(ancestors(&all, 400), [300]);
    }

    #[test]
    fn we_see_a_process_and_ourselves_who_started_it() {
        let mut child = command::tool("cmd").unwrap().arg("/c").arg("pause").stdin(Stdio::piped()).spawn().unwrap();
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        add(BTreeSet::from([child.id()]), &mut snapshot);
        child.kill().unwrap();
        child.wait().unwrap();
        let started = &snapshot.processes[&child.id()];
        assert_eq!((started.name.as_str(), started.parent), ("cmd.exe", Some(std::process::id())));
        assert_eq!(started.protected, None);
        let own = &snapshot.processes[&std::process::id()];
        let exe = std::env::current_exe().unwrap();
        assert_eq!(Some(own.name.as_str()), exe.file_name().and_then(|name| name.to_str()));
        assert!(own.protected.is_some());
        let age = SystemTime::now().duration_since(own.started.unwrap().into()).unwrap();
        assert!(age < Duration::from_hours(1), "{age:?}");
    }
}
