//! The processes that matter for what was asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::ffi::{self, RunningProcess, account_name, account_of};
use super::protected;
use super::services::inventory::names_by_process;
use crate::machine::{Boot, Gap, Process, ProcessId, SYSTEM_PID, Snapshot, visible};
use crate::platform::windows_tables::processes::Listed;
use crate::platform::windows_text::services::command_line::words;

/// How many sockets or processes a gap names one by one.
const NAMED: usize = 3;
/// 1970 in the clock of Windows: 100 ns since 1601.
const UNIX_EPOCH: u64 = 116_444_736_000_000_000;
/// The program that starts every service.
const SERVICE_STARTER: &str = "services.exe";
/// The program in which several services run, some of which start programs for others.
const SERVICE_HOST: &str = "svchost.exe";

/// This run of Windows. The program that starts every service runs from one start to the next.
pub fn boot() -> Option<Boot> {
    let all = ffi::processes().ok()?;
    all.values().find(|one| one.name.eq_ignore_ascii_case(SERVICE_STARTER)).map(|starter| Boot::new("windows", starter.started))
}

/// Adds the processes with these numbers to `snapshot`, and those that started them; says what could not be seen.
pub fn add(pids: &BTreeSet<u32>, snapshot: &mut Snapshot) {
    if pids.is_empty() {
        return;
    }
    let mut reader = match ffi::processes() {
        Ok(all) => Reader::new(all),
        Err(error) => {
            snapshot.gaps.push(Gap::new(
                "the programs behind the process numbers",
                format!("Windows did not list the processes ({error})"),
                "`tasklist` in a command prompt",
            ));
            return;
        }
    };
    let started_them: BTreeSet<u32> = pids.iter().flat_map(|pid| ancestors(&reader.all, *pid)).collect();
    for pid in pids.union(&started_them) {
        if !snapshot.processes.contains_key(pid) {
            snapshot.processes.extend(reader.read(*pid).map(|process| (*pid, process)));
        }
    }
    let gaps = [unopened(pids, snapshot), gone(snapshot, &reader.all), reader.services_unknown];
    Gap::add(&mut snapshot.gaps, gaps.into_iter().flatten());
}

/// Reads processes; what is the same for all of them is read once, when it is first needed.
struct Reader {
    all: BTreeMap<u32, Listed>,
    ancestors_of_ours: Vec<u32>,
    /// The names of accounts, by SID.
    accounts: HashMap<String, Option<String>>,
    /// The services that run in each process.
    services: Option<BTreeMap<u32, Vec<String>>>,
    services_unknown: Option<Gap>,
}

impl Reader {
    fn new(all: BTreeMap<u32, Listed>) -> Self {
        let ancestors_of_ours = ancestors(&all, std::process::id());
        Self { all, ancestors_of_ours, accounts: HashMap::new(), services: None, services_unknown: None }
    }

    /// What there is to know of a process; `None` where it is gone.
    fn read(&mut self, pid: u32) -> Option<Process> {
        let listed = self.all.get(&pid)?.clone();
        // Another process may have the number by now.
        let opened = RunningProcess::open(pid).ok().filter(|opened| opened.started().is_ok_and(|own| own == listed.started));
        let account = opened.as_ref().and_then(|opened| account_of(Some(opened)).ok());
        Some(Process {
            id: ProcessId { pid, started: listed.started },
            exe: opened.as_ref().and_then(|opened| opened.executable().ok()).map(|exe| exe.to_string_lossy().into_owned()),
            exe_deleted: false,
            command_line: opened.as_ref().and_then(|opened| opened.command_line().ok()).map(|line| words(&line)),
            uid: None,
            user: account.and_then(|sid| self.account(sid)),
            started: time(listed.started),
            parent: parent(&self.all, &listed).map(|parent| parent.pid),
            cgroup: None,
            service: self.service(&listed),
            container: None,
            kernel_thread: pid <= SYSTEM_PID,
            network_namespace: None,
            protected: protected::reason(&listed, &self.ancestors_of_ours),
            name: listed.name,
        })
    }

    fn account(&mut self, sid: String) -> Option<String> {
        self.accounts.entry(sid).or_insert_with_key(|sid| account_name(sid)).clone()
    }

    /// The service that a process belongs to: its own, or that of the program that started it to do its work, as pg_ctl.exe starts
    /// postgres.exe and httpd.exe more of its kind.
    fn service(&mut self, listed: &Listed) -> Option<String> {
        let is = |one: &Listed, name: &str| one.name.eq_ignore_ascii_case(name);
        let from_starter = |pid: &u32| self.all.get(pid).is_some_and(|one| is(one, SERVICE_STARTER));
        if !ancestors(&self.all, listed.pid).iter().any(from_starter) {
            return None;
        }
        let unknown = &mut self.services_unknown;
        let services = self.services.get_or_insert_with(|| services_by_process(unknown));
        let mut one = listed;
        loop {
            if let Some(names) = services.get(&one.pid) {
                // Of several the tag of the socket has to tell. What svchost.exe starts, tasks among them, is no part of it.
                let belongs = names.len() == 1 && (one.pid == listed.pid || !is(one, SERVICE_HOST));
                return names.first().filter(|_| belongs).cloned();
            }
            let parent = parent(&self.all, one)?;
            if !services.contains_key(&parent.pid) && !is(parent, &one.name) {
                return None;
            }
            one = parent;
        }
    }
}

/// The names of the services that run in each process.
fn services_by_process(unknown: &mut Option<Gap>) -> BTreeMap<u32, Vec<String>> {
    names_by_process().unwrap_or_else(|error| {
        *unknown = Some(Gap::new(
            "the services behind the processes",
            format!("the service control manager did not answer ({error})"),
            "`tasklist /svc` in a command prompt",
        ));
        BTreeMap::new()
    })
}

/// Windows shows the file and the user of other users' processes to administrators only.
fn unopened(pids: &BTreeSet<u32>, snapshot: &Snapshot) -> Option<Gap> {
    let holders = pids.iter().filter_map(|pid| snapshot.processes.get(pid));
    let closed = holders.filter(|process| !process.kernel_thread && process.exe.is_none() && process.user.is_none());
    let names: Vec<String> = closed.map(|process| format!("{} (PID {})", visible(&process.name), process.id.pid)).collect();
    let whose = match names.len() {
        0 => return None,
        1..=NAMED => names.join(", "),
        count => format!("{count} processes"),
    };
    let (because, shown_by) = if snapshot.host.elevated {
        ("Windows keeps the processes that protect it from everybody", "nothing")
    } else {
        ("only an administrator may look into the processes of other users", "the same as administrator")
    };
    Some(Gap::new(format!("the file and the user of {whose}"), because, shown_by))
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

    use super::{Reader, add, ancestors};
    use crate::machine::Snapshot;
    use crate::platform::command;
    use crate::platform::windows::host;
    use crate::platform::windows_tables::processes::Listed;

    fn listed(pid: u32, parent: u32, started: u64) -> (u32, Listed) {
        (pid, Listed { pid, parent, started, name: format!("{pid}.exe"), handles: 0 })
    }

    #[test]
    fn a_parent_that_started_later_only_has_the_number() {
        let all = [listed(100, 4, 10), listed(200, 100, 20), listed(300, 400, 30), listed(400, 300, 40)].into_iter().collect();
        assert_eq!(ancestors(&all, 200), [100]);
        assert!(ancestors(&all, 300).is_empty());
        assert_eq!(ancestors(&all, 400), [300]);
    }

    #[test]
    fn a_process_belongs_to_the_service_that_it_is_or_works_for() {
        let process =
            |pid, parent, name: &str| (pid, Listed { pid, parent, started: u64::from(pid), name: name.to_owned(), handles: 0 });
        let all = [
            process(500, 4, "services.exe"),
            process(600, 500, "svchost.exe"),
            process(601, 500, "svchost.exe"),
            process(610, 500, "pg_ctl.exe"),
            process(620, 500, "sshd.exe"),
            process(700, 601, "task.exe"),
            process(710, 610, "postgres.exe"),
            process(711, 710, "postgres.exe"),
            process(720, 620, "sshd.exe"),
            process(721, 720, "cmd.exe"),
            process(800, 4, "node.exe"),
        ];
        let services = [(600, vec!["Dhcp", "EventLog"]), (601, vec!["Schedule"]), (610, vec!["postgresql"]), (620, vec!["sshd"])];
        let named = |(pid, names): (u32, Vec<&str>)| (pid, names.into_iter().map(str::to_owned).collect());
        let mut reader = Reader::new(all.into_iter().collect());
        reader.services = Some(services.into_iter().map(named).collect());
        let mut service = |pid| reader.service(&reader.all[&pid].clone());
        assert_eq!(service(601).as_deref(), Some("Schedule"));
        for pid in [610, 710, 711] {
            assert_eq!(service(pid).as_deref(), Some("postgresql"), "{pid}");
        }
        assert_eq!(service(720).as_deref(), Some("sshd"));
        for pid in [500, 600, 700, 721, 800] {
            assert_eq!(service(pid), None, "{pid}");
        }
    }

    #[test]
    fn we_see_a_process_and_ourselves_who_started_it() {
        let mut child = command::tool("cmd").unwrap().arg("/c").arg("pause").stdin(Stdio::piped()).spawn().unwrap();
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        add(&BTreeSet::from([child.id()]), &mut snapshot);
        child.kill().unwrap();
        child.wait().unwrap();
        let started = &snapshot.processes[&child.id()];
        assert_eq!((started.name.as_str(), started.parent), ("cmd.exe", Some(std::process::id())));
        assert_eq!(started.protected, None);
        // Not every Wine tells it.
        assert!(started.command_line.as_ref().is_none_or(|words| words[1..] == ["/c", "pause"]), "{started:?}");
        let own = &snapshot.processes[&std::process::id()];
        let exe = std::env::current_exe().unwrap();
        assert_eq!(Some(own.name.as_str()), exe.file_name().and_then(|name| name.to_str()));
        assert!(own.protected.is_some() && own.user.is_some());
        assert_eq!(own.exe.as_deref().map(str::to_lowercase), exe.to_str().map(str::to_lowercase));
        let age = SystemTime::now().duration_since(own.started.unwrap().into()).unwrap();
        assert!(age < Duration::from_hours(1), "{age:?}");
    }
}
