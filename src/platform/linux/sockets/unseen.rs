//! What could not be seen of the owners, and why.

use std::collections::BTreeSet;
use std::fs;

use crate::machine::{Gap, Host, Socket, container_of, unit_of};

/// How many sockets are named one by one.
const NAMED: usize = 3;

/// Whether a process must have this socket, and none was seen.
pub const fn has_no_seen_process(socket: &Socket) -> bool {
    socket.inode.is_some() && socket.pids.is_empty()
}

/// The gaps after a search that was kept out of `denied` processes.
pub fn gaps(sockets: &[Socket], denied: usize, host: &Host) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let hidden = if host.elevated { None } else { hidden_processes() };
    let without: Vec<&Socket> = sockets.iter().filter(|socket| has_no_seen_process(socket)).collect();
    if !without.is_empty() {
        let what = format!("which process has {}", names(&without));
        let (because, shown_by) = if let Some(option) = &hidden {
            (format!("this computer hides the processes of other users (/proc is mounted with {option})"), AS_ADMINISTRATOR)
        } else if denied > 0 {
            ("only an administrator may look into the processes of other users".to_owned(), AS_ADMINISTRATOR)
        } else {
            (
                "no process that can be seen has it: it belongs to the kernel itself (such as an NFS server or a VPN), or to a process \
                 outside of the container that PortMedic runs in"
                    .to_owned(),
                "a look from outside of the container",
            )
        };
        gaps.push(Gap::new(what, because + &belonging(&without), shown_by));
    }
    // What another user made may well be shared with a process that we may not look into: nginx's master with its workers.
    let foreign =
        |socket: &&Socket| !socket.pids.is_empty() && socket.uid.is_some_and(|uid| uid != rustix::process::geteuid().as_raw());
    let shared: Vec<&Socket> = sockets.iter().filter(foreign).collect();
    if !shared.is_empty() && (denied > 0 || hidden.is_some()) {
        gaps.push(Gap::new(
            format!("whether more processes share {}", names(&shared)),
            "only an administrator may look into the processes of other users",
            AS_ADMINISTRATOR,
        ));
    }
    gaps
}

const AS_ADMINISTRATOR: &str = "the same as administrator (root)";

/// The sockets one by one, or how many they are.
fn names(sockets: &[&Socket]) -> String {
    if sockets.len() > NAMED {
        return format!("{} sockets", sockets.len());
    }
    let names: Vec<String> = sockets.iter().map(|socket| format!("{} {}", socket.protocol, socket.local)).collect();
    names.join(", ")
}

/// What the control groups tell instead, as the end of a sentence.
fn belonging(sockets: &[&Socket]) -> String {
    let groups: BTreeSet<String> = sockets
        .iter()
        .filter_map(|socket| socket.cgroup.as_deref())
        .filter_map(|path| {
            let container = container_of(path).map(|container| format!("the {} container {}", container.runtime, container.id));
            container.or_else(|| unit_of(path).map(|unit| unit.name.to_owned()))
        })
        .collect();
    if groups.is_empty() || groups.len() > NAMED {
        return String::new();
    }
    format!("; by its control group it belongs to {}", groups.into_iter().collect::<Vec<_>>().join(", "))
}

/// The option of `/proc` that hides the processes of other users, where it is set.
fn hidden_processes() -> Option<String> {
    let mounts = fs::read("/proc/self/mountinfo").ok()?;
    hidepid(&String::from_utf8_lossy(&mounts))
}

/// Reads proc_pid_mountinfo(5). The last mount over `/proc` is the one in use.
fn hidepid(mounts: &str) -> Option<String> {
    let mut over_proc = mounts.lines().filter(|line| line.split(' ').nth(4) == Some("/proc"));
    let (_, options) = over_proc.next_back()?.rsplit_once(' ')?;
    let option = options.split(',').find(|option| option.starts_with("hidepid="))?;
    (!matches!(option, "hidepid=0" | "hidepid=off")).then(|| option.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{gaps, hidepid};
    use crate::machine::{Host, Protocol, Socket, SocketState, System};

    fn host(elevated: bool) -> Host {
        Host {
            name: "lab".to_owned(),
            system: System::Linux,
            version: String::new(),
            user: "alice".to_owned(),
            elevated,
            wsl: false,
            service_manager: true,
            network_namespace: None,
        }
    }

    fn listener(inode: Option<u64>, cgroup: &str, pids: &[u32]) -> Socket {
        Socket {
            protocol: Protocol::Tcp,
            local: "0.0.0.0:80".parse().unwrap(),
            remote: None,
            state: SocketState::Listen,
            v6only: None,
            reuse_port: None,
            inode,
            cookie: None,
            uid: Some(3_999_999_999),
            cgroup: Some(cgroup.to_owned()),
            expires_ms: None,
            backlog: None,
            pids: pids.to_vec(),
        }
    }

    #[test]
    fn a_socket_without_a_process_is_a_gap_that_names_its_unit() {
        let gaps = gaps(&[listener(Some(7), "/system.slice/nginx.service", &[])], 12, &host(false));
        assert_eq!(gaps.len(), 1);
        assert_eq!(gaps[0].what, "which process has TCP 0.0.0.0:80");
        assert!(
            gaps[0].because.contains("administrator") && gaps[0].because.ends_with("it belongs to nginx.service"),
            "{:?}",
            gaps[0]
        );
    }

    #[test]
    fn an_administrator_who_sees_nobody_is_told_of_the_kernel() {
        let gaps = gaps(&[listener(Some(7), "/", &[])], 0, &host(true));
        assert!(gaps[0].because.contains("kernel"), "{:?}", gaps[0]);
    }

    #[test]
    fn sharers_may_be_missing_where_another_user_made_the_socket() {
        let seen = [listener(Some(7), "/", &[100])];
        assert!(gaps(&seen, 3, &host(false))[0].what.starts_with("whether more processes share"));
        assert_eq!(gaps(&seen, 0, &host(true)), []);
    }

    #[test]
    fn a_socket_that_no_process_can_have_is_no_gap() {
        assert_eq!(gaps(&[listener(None, "/", &[])], 12, &host(false)), []);
    }

    #[test]
    fn hidden_processes_are_told_by_the_mount_in_use() {
        let line = |options: &str| format!("24 30 0:21 / /proc rw,nosuid shared:5 - proc proc rw,{options}\n");
        assert_eq!(hidepid(&line("hidepid=invisible")).as_deref(), Some("hidepid=invisible"));
        assert_eq!(hidepid(&line("gid=4,hidepid=2")).as_deref(), Some("hidepid=2"));
        assert_eq!(hidepid(&line("hidepid=off")), None);
        assert_eq!(hidepid(&format!("{}{}", line("hidepid=2"), line("relatime"))), None);
    }
}
