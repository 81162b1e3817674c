//! What could not be seen of the owners, and why.

use std::collections::BTreeSet;
use std::path::Path;

use super::row::Row;
use crate::machine::{Gap, Snapshot, Socket, container_of, unit_of};
use crate::platform::linux::mounts::{self, Mount};
use crate::platform::linux::users::Users;

/// How many sockets are named one by one.
const NAMED: usize = 3;

/// The sockets of which something remains to be said after a search.
#[derive(Debug)]
pub struct Unseen {
    /// The number of our user.
    own: u32,
    /// Those that a process must have, while none was seen.
    without: Few,
    /// Those that another user made, whose process was seen. They may well be shared with a process that we may not look into: nginx's master
    /// with its workers.
    foreign: Few,
}

impl Default for Unseen {
    fn default() -> Self {
        Self { own: rustix::process::geteuid().as_raw(), without: Few::default(), foreign: Few::default() }
    }
}

impl Unseen {
    /// Takes note of a socket that was searched for; whether a process must have it and none was seen.
    pub fn add(&mut self, row: &Row, is_seen: bool, socket: impl FnOnce() -> Socket) -> bool {
        let few = match (row.inode, is_seen) {
            (0, _) => return false,
            (_, false) => &mut self.without,
            (_, true) if row.uid != self.own => &mut self.foreign,
            (_, true) => return false,
        };
        few.add(socket);
        !is_seen
    }
}

/// How many sockets something is true of, and the first of them.
#[derive(Debug, Default)]
struct Few {
    count: usize,
    first: Vec<Socket>,
}

impl Few {
    fn add(&mut self, socket: impl FnOnce() -> Socket) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(socket());
        }
    }

    /// The sockets one by one, or how many they are.
    fn names(&self) -> String {
        if self.count > NAMED {
            return format!("{} sockets", self.count);
        }
        let names: Vec<String> = self.first.iter().map(|socket| format!("{} {}", socket.protocol, socket.local)).collect();
        names.join(", ")
    }
}

/// The gaps after a search that was kept out of `denied` processes.
pub fn gaps(snapshot: &Snapshot, Unseen { without, foreign, .. }: &Unseen, denied: usize) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let hidden = if snapshot.host.elevated { None } else { hidden_processes() };
    let (may_not, shown_by) = if snapshot.host.elevated { WITHOUT_PTRACE } else { NOT_AS_USER };
    if without.count > 0 {
        let what = format!("which process has {}", without.names());
        let (because, shown_by) = if let Some(option) = &hidden {
            (format!("this computer hides the processes of other users (/proc is mounted with {option})"), AS_ADMINISTRATOR)
        } else if denied > 0 {
            (may_not.to_owned(), shown_by)
        } else {
            (
                "no process that can be seen has it: it belongs to the kernel itself (such as an NFS server or a VPN), or to a process \
                 outside of the container that PortMedic runs in"
                    .to_owned(),
                "a look from outside of the container",
            )
        };
        gaps.push(Gap::new(what, because + &belonging(snapshot, without), shown_by));
    }
    if foreign.count > 0 && (denied > 0 || hidden.is_some()) {
        gaps.push(Gap::new(format!("whether more processes share {}", foreign.names()), may_not, shown_by));
    }
    gaps
}

const AS_ADMINISTRATOR: &str = "the same as administrator (root)";
/// Why a process could not be looked into, and what shows it.
const NOT_AS_USER: (&str, &str) = ("only an administrator may look into the processes of other users", AS_ADMINISTRATOR);
const WITHOUT_PTRACE: (&str, &str) = (
    "PortMedic runs as root, but was not let into some processes: CAP_SYS_PTRACE is missing, as in most containers, or a policy forbids it",
    "a look as root of the computer itself, outside of any container",
);

/// What the sockets themselves tell instead, as the end of a sentence: their control group, what runs in it now, and who made them.
fn belonging(snapshot: &Snapshot, sockets: &Few) -> String {
    if sockets.count > NAMED {
        return String::new();
    }
    let sockets = &sockets.first;
    let groups: BTreeSet<&str> = sockets.iter().filter_map(|socket| socket.cgroup.as_deref()).collect();
    let groups: Vec<String> = groups.into_iter().filter_map(|path| in_words(snapshot, path)).collect();
    let makers: BTreeSet<u32> = sockets.iter().filter_map(|socket| socket.uid).collect();
    let mut users = Users::default();
    let makers: Vec<String> = makers.into_iter().map(|uid| users.name(uid).unwrap_or_else(|| uid.to_string())).collect();
    let mut text = String::new();
    if !groups.is_empty() {
        text = format!("; by its control group it belongs to {}", groups.join(", "));
    }
    if !makers.is_empty() {
        text = format!("{text}; made by user {}", makers.join(", "));
    }
    text
}

/// The unit or container of a control group, with the processes that are in it now.
fn in_words(snapshot: &Snapshot, path: &str) -> Option<String> {
    let name = match (container_of(path), unit_of(path)) {
        (Some(container), _) => format!("the {} container {}", container.runtime, container.id),
        (None, Some(unit)) => unit.name.to_owned(),
        (None, None) => return None,
    };
    let inside = snapshot.processes.values().filter(|process| process.cgroup.as_deref() == Some(path));
    let inside: Vec<String> = inside.map(|process| format!("{} ({})", process.name, process.id.pid)).collect();
    if inside.is_empty() || inside.len() > NAMED { Some(name) } else { Some(format!("{name}, which runs {}", inside.join(", "))) }
}

/// The option of `/proc` that hides the processes of other users, where it is set.
fn hidden_processes() -> Option<String> {
    hidepid(&mounts::all())
}

/// The last mount over `/proc` is the one in use.
fn hidepid(mounts: &[Mount]) -> Option<String> {
    let in_use = mounts.iter().rfind(|mount| mount.point == Path::new("/proc"))?;
    let option = in_use.options.split(',').find(|option| option.starts_with("hidepid="))?;
    (!matches!(option, "hidepid=0" | "hidepid=off")).then(|| option.to_owned())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Unseen, gaps, hidepid};
    use crate::machine::{Gap, Host, Snapshot, System};
    use crate::platform::linux::mounts::parse;
    use crate::platform::linux::sockets::row::Row;

    fn told(elevated: bool, inode: u32, cgroup: &str, pids: &[u32], denied: usize) -> Vec<Gap> {
        let host = Host { name: "lab".to_owned(), user: "alice".to_owned(), elevated, ..Host::of(System::Linux) };
        let row = Row { uid: 3_999_999_999, ..Row::listener(80, inode) };
        let mut unseen = Unseen::default();
        let is_seen = !pids.is_empty();
        let is_without = unseen.add(&row, is_seen, || row.socket(Some(cgroup.into()), pids.into()));
        assert_eq!(is_without, inode != 0 && !is_seen);
        gaps(&Snapshot::new(Timestamp::UNIX_EPOCH, host), &unseen, denied)
    }

    #[test]
    fn a_socket_without_a_process_is_a_gap_that_names_its_unit_and_its_maker() {
        let gaps = told(false, 7, "/system.slice/nginx.service", &[], 12);
        assert_eq!(gaps.len(), 1);
        assert_eq!(gaps[0].what, "which process has TCP 0.0.0.0:80");
        for part in ["of other users", "it belongs to nginx.service", "made by user 3999999999"] {
            assert!(gaps[0].because.contains(part), "{part}: {:?}", gaps[0]);
        }
    }

    #[test]
    fn an_administrator_who_sees_nobody_is_told_of_the_kernel() {
        let gaps = told(true, 7, "/", &[], 0);
        assert!(gaps[0].because.contains("kernel"), "{:?}", gaps[0]);
    }

    #[test]
    fn an_administrator_who_may_not_look_into_a_process_is_told_so() {
        for seen in [&[][..], &[100]] {
            let gaps = told(true, 7, "/", seen, 1);
            assert!(gaps[0].because.contains("CAP_SYS_PTRACE"), "{:?}", gaps[0]);
        }
    }

    #[test]
    fn sharers_may_be_missing_where_another_user_made_the_socket() {
        assert!(told(false, 7, "/", &[100], 3)[0].what.starts_with("whether more processes share"));
        assert_eq!(told(true, 7, "/", &[100], 0), []);
    }

    #[test]
    fn a_socket_that_no_process_can_have_is_no_gap() {
        assert_eq!(told(false, 0, "/", &[], 12), []);
    }

    #[test]
    fn hidden_processes_are_told_by_the_mount_in_use() {
        let line = |options: &str| format!("24 30 0:21 / /proc rw,nosuid shared:5 - proc proc rw,{options}\n");
        assert_eq!(hidepid(&parse(line("hidepid=invisible").as_bytes())).as_deref(), Some("hidepid=invisible"));
        assert_eq!(hidepid(&parse(line("gid=4,hidepid=2").as_bytes())).as_deref(), Some("hidepid=2"));
        assert_eq!(hidepid(&parse(line("hidepid=off").as_bytes())), None);
        assert_eq!(hidepid(&parse(format!("{}{}", line("hidepid=2"), line("relatime")).as_bytes())), None);
    }
}
