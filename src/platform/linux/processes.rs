//! What there is to know of a process before one stops it, from `/proc/PID`.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rustix::time::ClockId;

use super::stat::Stat;
use super::users::Users;
use super::{proc_file, protected, published};
use crate::machine::{Container, Process, Snapshot, container_of, unit_of};

/// A chain of parents is never this long; a broken `/proc` must not hold us.
const MAX_ANCESTORS: usize = 64;

/// Reads processes; what is the same for all of them is read once, with the first of them.
#[derive(Debug, Default)]
pub struct Processes {
    users: Users,
    own: OnceCell<Own>,
}

/// Where PortMedic itself runs.
#[derive(Debug)]
struct Own {
    /// For everybody in it, this container is the computer.
    container: Option<Container>,
    ancestors: BTreeSet<u32>,
}

impl Processes {
    /// Adds a process and those that started it to `known`. Nothing is added where it is gone or may not be seen.
    pub fn add(&mut self, pid: u32, known: &mut BTreeMap<u32, Process>) {
        let mut next = Some(pid);
        for _ in 0..MAX_ANCESTORS {
            let Some(pid) = next.filter(|pid| !known.contains_key(pid)) else { return };
            let Some(process) = self.read(pid) else { return };
            next = process.parent;
            known.insert(pid, process);
        }
    }

    /// Reads one process; `None` where it is gone or may not be seen.
    pub fn read(&mut self, pid: u32) -> Option<Process> {
        let stat = Stat::of(pid).ok().flatten()?;
        let (exe, exe_deleted) = executable(pid);
        let control_groups = ControlGroups::of(&pid.to_string());
        let command_line = command_line(pid);
        let own = self
            .own
            .get_or_init(|| Own { container: ControlGroups::of("self").container(), ancestors: protected::own_ancestors() });
        let container = control_groups
            .container()
            .filter(|container| Some(container) != own.container.as_ref())
            .or_else(|| published::container_behind(&stat.name, command_line.as_deref()?, all));
        let uid = effective_user(pid);
        Some(Process {
            id: stat.id,
            protected: protected::reason_below(&own.ancestors, &stat),
            exe,
            exe_deleted,
            uid,
            user: uid.and_then(|uid| self.users.name(uid)),
            started: started(stat.id.started),
            parent: Some(stat.parent).filter(|parent| *parent != 0),
            service: control_groups.unit(),
            container,
            kernel_thread: stat.kernel_thread,
            network_namespace: network_namespace(pid),
            cgroup: control_groups.unified,
            command_line,
            name: stat.name,
        })
    }
}

/// Reads the processes of the services in `snapshot`, and those that started them.
pub fn look_at_services(snapshot: &mut Snapshot) {
    let mut processes = Processes::default();
    for pid in snapshot.services.iter().flat_map(|service| &service.pids) {
        processes.add(*pid, &mut snapshot.processes);
    }
}

/// Every process that may be seen, in no order.
pub fn all() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The container that a process runs in, by its control groups.
pub fn container_of_process(pid: u32) -> Option<Container> {
    ControlGroups::of(&pid.to_string()).container()
}

/// The inode of a process's network namespace; `None` where it may not be seen.
pub fn network_namespace(pid: u32) -> Option<u64> {
    fs::metadata(format!("/proc/{pid}/ns/net")).ok().map(|namespace| namespace.ino())
}

/// The path of the executable, and whether that file is gone. Only the owner of a process and root may see it.
fn executable(pid: u32) -> (Option<String>, bool) {
    let Ok(target) = fs::read_link(format!("/proc/{pid}/exe")) else { return (None, false) };
    let path = target.to_string_lossy();
    // A file may really have this ending: then it is there.
    match path.strip_suffix(" (deleted)") {
        Some(before) if !Path::new(path.as_ref()).exists() => (Some(before.to_owned()), true),
        _ => (Some(path.into_owned()), false),
    }
}

fn command_line(pid: u32) -> Option<Vec<String>> {
    let bytes = proc_file::read(format!("/proc/{pid}/cmdline")).ok()?;
    // Programs that write their own title leave many NULs behind it.
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_end_matches('\0');
    Some(if text.is_empty() { Vec::new() } else { text.split('\0').map(str::to_owned).collect() })
}

/// The user whose rights it has.
fn effective_user(pid: u32) -> Option<u32> {
    let bytes = proc_file::read(format!("/proc/{pid}/status")).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let users = text.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    users.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// When a process started. Counted from the clock that its ticks count on, which goes on while the computer sleeps.
fn started(ticks: u64) -> Option<Timestamp> {
    let since_boot = rustix::time::clock_gettime(ClockId::Boottime);
    let since_boot = SignedDuration::new(since_boot.tv_sec, i32::try_from(since_boot.tv_nsec).ok()?);
    let per_second = rustix::param::clock_ticks_per_second();
    let ticks = SignedDuration::from_millis(i64::try_from(ticks.checked_mul(1000)? / per_second).ok()?);
    Timestamp::now().checked_sub(since_boot.checked_sub(ticks)?).ok()
}

/// The control groups of a process: one in cgroup2, and where version 1 is mounted too, one for each of its controllers.
#[derive(Debug, Default, PartialEq, Eq)]
struct ControlGroups {
    unified: Option<String>,
    systemd: Option<String>,
    others: Vec<String>,
}

impl ControlGroups {
    fn of(process: &str) -> Self {
        let bytes = proc_file::read(format!("/proc/{process}/cgroup")).unwrap_or_default();
        Self::parse(&String::from_utf8_lossy(&bytes))
    }

    /// Reads cgroups(7): `0::/system.slice/nginx.service`, `1:name=systemd:/system.slice/nginx.service`, `4:memory:/docker/…`.
    fn parse(text: &str) -> Self {
        let mut groups = Self::default();
        for line in text.lines() {
            let mut fields = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
            // The directory was removed while somebody is still in it.
            let path = path.strip_suffix(" (deleted)").unwrap_or(path).to_owned();
            match controllers {
                "" => groups.unified = Some(path),
                "name=systemd" => groups.systemd = Some(path),
                _ => groups.others.push(path),
            }
        }
        groups
    }

    /// The unit. systemd uses its own hierarchy of version 1 where cgroup2 is not its main one.
    fn unit(&self) -> Option<String> {
        [&self.unified, &self.systemd].into_iter().flatten().find_map(|path| unit_of(path)).map(|unit| unit.name.to_owned())
    }

    fn container(&self) -> Option<Container> {
        [&self.unified, &self.systemd].into_iter().flatten().chain(&self.others).find_map(|path| container_of(path))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::{Duration, SystemTime};

    use super::{ControlGroups, Processes, started};

    #[test]
    fn we_see_ourselves_and_those_who_started_us() {
        let mut known = BTreeMap::new();
        Processes::default().add(std::process::id(), &mut known);
        let own = &known[&std::process::id()];
        assert_eq!(own.exe.as_deref(), std::env::current_exe().unwrap().to_str());
        assert!(!own.exe_deleted);
        assert_eq!(own.command_line.as_ref().unwrap().len(), std::env::args().count());
        assert_eq!(own.uid, Some(rustix::process::geteuid().as_raw()));
        assert!(own.network_namespace.is_some() && own.protected.is_some());
        assert!(known.contains_key(&own.parent.unwrap()));
    }

    #[test]
    fn we_started_before_now_and_after_our_computer() {
        let own = Processes::default().read(std::process::id()).unwrap();
        let age = SystemTime::now().duration_since(own.started.unwrap().into()).unwrap();
        assert!(age < Duration::from_hours(1), "{age:?}");
        assert!(started(0).unwrap() < own.started.unwrap());
    }

    #[test]
    fn the_unit_is_found_on_a_cgroup2_host_a_hybrid_host_and_an_old_host() {
        for text in [
            "0::/system.slice/nginx.service\n",
            "4:memory:/system.slice/nginx.service\n1:name=systemd:/system.slice/nginx.service\n0::/system.slice/nginx.service\n",
            "4:memory:/\n1:name=systemd:/system.slice/nginx.service\n0::/\n",
            "11:cpu,cpuacct:/\n1:name=systemd:/system.slice/nginx.service\n",
        ] {
            assert_eq!(ControlGroups::parse(text).unit().as_deref(), Some("nginx.service"), "{text}");
        }
        assert_eq!(ControlGroups::parse("9:name=systemd:/\n0::/\n").unit(), None);
        assert_eq!(ControlGroups::parse("").unit(), None);
    }

    #[test]
    fn a_container_is_found_where_only_version_1_names_it() {
        let id = "a".repeat(64);
        let groups = ControlGroups::parse(&format!("4:memory:/docker/{id}\n1:name=systemd:/\n0::/\n"));
        assert_eq!(groups.container().map(|container| container.id), Some(id));
    }
}
