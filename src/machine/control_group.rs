//! What the path of a control group tells (Linux): the systemd unit and the container of the processes in it.
//!
//! systemd names a control group after each unit (<https://systemd.io/CGROUP_DELEGATION/>), container runtimes one after each container.

use super::Container;

/// A systemd unit that can be stopped and started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit<'a> {
    /// Its full name: `nginx.service`.
    pub name: &'a str,
    /// The user whose own service manager runs it (`systemctl --user`); `None` for the system's.
    pub user_manager: Option<u32>,
}

/// The unit that looks after the processes in the control group at `path`; `None` where nobody does.
///
/// systemd nests slices, and in a slice a unit; what is below the unit is the unit's own affair, and what is not nested so was made by
/// somebody else: the units inside a container are not this computer's. Only services and sockets count. A scope holds what somebody else
/// started: stopping the scope of a login session would end all its programs, and `user@1000.service` every program of that user.
pub fn unit_of(path: &str) -> Option<Unit<'_>> {
    let mut user_manager = None;
    for component in components(path) {
        // systemd puts '_' before names that would clash with the kernel's own files: `_cpu.service`.
        let name = component.strip_prefix('_').unwrap_or(component);
        if let Some(uid) = name.strip_prefix("user@").and_then(|rest| rest.strip_suffix(".service")) {
            user_manager = Some(uid.parse().ok()?);
            continue;
        }
        match name.rsplit_once('.')? {
            (_, "slice") => {}
            (_, "service" | "socket") => return Some(Unit { name, user_manager }),
            _ => return None,
        }
    }
    None
}

/// The container that the processes in the control group at `path` run in.
pub fn container_of(path: &str) -> Option<Container> {
    let mut parents: Vec<&str> = Vec::new();
    for component in components(path) {
        if let Some(container) = container_at(&parents, component) {
            return Some(container);
        }
        parents.push(component);
    }
    None
}

fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|component| !component.is_empty())
}

/// The container that begins at `component`.
fn container_at(parents: &[&str], component: &str) -> Option<Container> {
    let parent = parents.last().copied().unwrap_or_default();
    let container = |runtime: &str, id: &str| Some(Container { runtime: runtime.to_owned(), id: id.to_owned() });
    let kubernetes = parents.iter().any(|above| above.starts_with("kubepods"));

    let scope = component.strip_suffix(".scope").unwrap_or(component);
    // The longer prefixes first; conmon is the monitor of a container and outside of it.
    let named = [
        ("docker-", "docker"),
        ("libpod-payload-", "podman"),
        ("libpod-", "podman"),
        ("cri-containerd-", "containerd"),
        ("crio-", "cri-o"),
        ("nerdctl-", "containerd"),
    ]
    .into_iter()
    .find_map(|(prefix, runtime)| scope.strip_prefix(prefix).filter(|id| is_id(id)).map(|id| (runtime, id)));
    if let Some((runtime, id)) = named {
        return container(if kubernetes { "kubernetes" } else { runtime }, id);
    }
    if component.len() == 64 && is_id(component) {
        // Without systemd, runtimes make a plain directory for each container below one of their own.
        let runtime = if kubernetes {
            "kubernetes"
        } else if parents.contains(&"docker") {
            "docker"
        } else {
            "container"
        };
        return container(runtime, component);
    }
    if let Some(name) = component.strip_prefix("lxc.payload.") {
        return container("lxc", name);
    }
    if matches!(parent, "lxc" | "lxc.payload") {
        return container("lxc", component);
    }
    // nspawn keeps its own process in `supervisor` beside the container in `payload`.
    if component == "payload" && !parent.is_empty() {
        return container("systemd-nspawn", &machine(parent));
    }
    None
}

/// The name of the machine that a unit is for: `systemd-nspawn@web.service`, `machine-web.scope`, or one by another name.
fn machine(unit: &str) -> String {
    let name = unit.strip_suffix(".service").or_else(|| unit.strip_suffix(".scope")).unwrap_or(unit);
    unescape(name.strip_prefix("systemd-nspawn@").or_else(|| name.strip_prefix("machine-")).unwrap_or(name))
}

/// Whether `text` is the hexadecimal id of a container, whole or shortened.
fn is_id(text: &str) -> bool {
    text.len() >= 12 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Takes systemd's `\x2d` back into `-`.
fn unescape(text: &str) -> String {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code =
            after.strip_prefix(b"x").and_then(|digits| digits.get(..2)).and_then(|digits| std::str::from_utf8(digits).ok());
        if let (b'\\', Some(byte)) = (first, code.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            plain.push(byte);
            rest = &after[3..];
        } else {
            plain.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Unit, container_of, unit_of};

    const ID: &str = "4f9c1d2e3a4b5c6d7e8f90123456789abcdef0123456789abcdef0123456789a";

    #[test]
    fn a_unit_is_the_innermost_service_of_this_computer() {
        let cases = [
            ("/", None),
            ("", None),
            ("/init.scope", None),
            ("/system.slice/nginx.service", Some(("nginx.service", None))),
            ("/system.slice/system-postgresql.slice/postgresql@15-main.service", Some(("postgresql@15-main.service", None))),
            ("/system.slice/ssh.service/worker", Some(("ssh.service", None))),
            ("/system.slice/_cpu.service", Some(("cpu.service", None))),
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/dev.service", Some(("dev.service", Some(1000)))),
            ("/user.slice/user-1000.slice/user@1000.service/init.scope", None),
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-xterm-77.scope", None),
            ("/user.slice/user-1000.slice/session-2.scope", None),
            ("/system.slice/run-r1234.scope", None),
            (
                "/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service",
                Some(("systemd-nspawn@web.service", None)),
            ),
            (&format!("/system.slice/docker-{ID}.scope/system.slice/nginx.service"), None),
            (&format!("/system.slice/web.service/libpod-payload-{ID}"), Some(("web.service", None))),
            ("/lxc.payload.web/system.slice/nginx.service", None),
            ("/lab/payload/system.slice/nginx.service", None),
            ("/nginx.service", Some(("nginx.service", None))),
        ];
        for (path, expected) in cases {
            assert_eq!(unit_of(path), expected.map(|(name, user_manager)| Unit { name, user_manager }), "{path}");
        }
    }

    #[test]
    fn a_container_is_told_by_its_runtimes_name_for_it() {
        let cases = [
            ("/".to_owned(), None),
            ("/system.slice/docker.service".to_owned(), None),
            (format!("/system.slice/docker-{ID}.scope"), Some(("docker", ID))),
            (format!("/docker/{ID}"), Some(("docker", ID))),
            (format!("/docker/{ID}/init.scope"), Some(("docker", ID))),
            (format!("/machine.slice/libpod-{ID}.scope/container"), Some(("podman", ID))),
            (format!("/machine.slice/libpod-conmon-{ID}.scope"), None),
            (
                format!("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope/container"),
                Some(("podman", ID)),
            ),
            (
                format!("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/crio-{ID}.scope"),
                Some(("kubernetes", ID)),
            ),
            (format!("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope"), Some(("kubernetes", ID))),
            (format!("/kubepods/burstable/pod6d1c/{ID}"), Some(("kubernetes", ID))),
            (format!("/system.slice/nerdctl-{ID}.scope"), Some(("containerd", ID))),
            (format!("/ecs/task-1/{ID}"), Some(("container", ID))),
            ("/lxc/web".to_owned(), Some(("lxc", "web"))),
            ("/lxc.payload.web/system.slice/x.service".to_owned(), Some(("lxc", "web"))),
            ("/lxc.monitor.web".to_owned(), None),
            (r"/machine.slice/machine-web\x2d1.scope/payload/init.scope".to_owned(), Some(("systemd-nspawn", "web-1"))),
            (r"/machine.slice/machine-qemu\x2d1\x2dvm.scope/libvirt/emulator".to_owned(), None),
            ("/lab/payload/system.slice/nginx.service".to_owned(), Some(("systemd-nspawn", "lab"))),
            ("/machine.slice/systemd-nspawn@web.service/payload".to_owned(), Some(("systemd-nspawn", "web"))),
            ("/machine.slice/systemd-nspawn@web.service/supervisor".to_owned(), None),
        ];
        for (path, expected) in cases {
            let seen = container_of(&path).map(|container| (container.runtime, container.id));
            assert_eq!(seen, expected.map(|(runtime, id)| (runtime.to_owned(), id.to_owned())), "{path}");
        }
    }
}
