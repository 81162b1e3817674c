//! Which processes must never be ended: the computer, or the session in use, would go down with them.

use std::collections::BTreeSet;

use super::stat::Stat;

/// Programs that hold a whole session or the computer together, by their short name (which the kernel cuts after 15 characters).
/// Other programs can take these names too: they are protected as well then, which does no harm.
const PILLARS: [(&str, &str); 28] = [
    ("systemd", "it starts and stops the services of the computer or of a user"),
    ("init", "it starts and stops the services of the computer"),
    ("runit", "it starts and stops the services of the computer"),
    ("s6-svscan", "it starts and stops the services of the computer"),
    ("systemd-journal", "it keeps the log of the computer"),
    ("systemd-logind", "it keeps the sessions of all users"),
    ("elogind-daemon", "it keeps the sessions of all users"),
    ("systemd-udevd", "it makes devices usable"),
    ("dbus-daemon", "the programs of the computer talk through it"),
    ("dbus-broker", "the programs of the computer talk through it"),
    ("dbus-broker-lau", "the programs of the computer talk through it"),
    ("polkitd", "it asks for administrator rights"),
    ("Xorg", "it draws the desktop in use"),
    ("Xwayland", "it draws the desktop in use"),
    ("gnome-shell", "it draws the desktop in use"),
    ("gnome-session-b", "it holds the desktop in use"),
    ("kwin_wayland", "it draws the desktop in use"),
    ("kwin_x11", "it draws the desktop in use"),
    ("plasmashell", "it draws the desktop in use"),
    ("ksmserver", "it holds the desktop in use"),
    ("xfce4-session", "it holds the desktop in use"),
    ("cinnamon", "it draws the desktop in use"),
    ("sway", "it draws the desktop in use"),
    ("gdm3", "it lets users log in"),
    ("gdm", "it lets users log in"),
    ("sddm", "it lets users log in"),
    ("lightdm", "it lets users log in"),
    ("xrdp-sesman", "it holds remote desktops"),
];

/// Why this process must not be ended, in words to stand after "because"; `None` for ordinary processes.
pub fn reason(process: &Stat) -> Option<String> {
    reason_below(&own_ancestors(), process)
}

/// [`reason`] for one of many processes: the processes that PortMedic runs in are looked for once, by [`own_ancestors`].
pub fn reason_below(ancestors: &BTreeSet<u32>, process: &Stat) -> Option<String> {
    let own = process.id.pid == std::process::id();
    match process.id.pid {
        1 => Some("it is the first process: the computer, or the container, ends with it".to_owned()),
        _ if process.kernel_thread => Some("it is part of the kernel".to_owned()),
        _ if own => Some("it is PortMedic itself".to_owned()),
        pid => pillar(&process.name)
            .map(str::to_owned)
            .or_else(|| ancestors.contains(&pid).then(|| "PortMedic runs in it: it would end with it".to_owned())),
    }
}

/// The processes that PortMedic runs in: shell, terminal, remote login, desktop.
pub fn own_ancestors() -> BTreeSet<u32> {
    ancestors_of(std::process::id())
}

/// Why a program of this name must not be ended.
fn pillar(name: &str) -> Option<&'static str> {
    PILLARS.iter().find(|(pillar, _)| *pillar == name).map(|(_, reason)| *reason)
}

/// The numbers of a process's parent, that one's parent and so on.
fn ancestors_of(pid: u32) -> BTreeSet<u32> {
    let mut seen = BTreeSet::new();
    let mut next = pid;
    while let Ok(Some(process)) = Stat::of(next) {
        // A number that was used again while we looked could lead in a circle.
        if process.parent == 0 || !seen.insert(process.parent) {
            break;
        }
        next = process.parent;
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::reason;
    use crate::machine::ProcessId;
    use crate::platform::linux::stat::Stat;

    fn process(pid: u32, name: &str) -> Stat {
        let id = ProcessId { pid, started: 1 };
        Stat { id, name: name.to_owned(), over: false, parent: 1, session: pid, kernel_thread: false }
    }

    /// Above every number that the kernel gives out, so that nobody has it.
    const NOBODY: u32 = 1 << 23;

    #[test]
    fn the_first_process_and_the_kernel_are_protected() {
        assert!(reason(&process(1, "sh")).is_some());
        assert!(reason(&Stat { kernel_thread: true, ..process(NOBODY, "kworker") }).is_some());
    }

    #[test]
    fn what_holds_the_session_together_is_protected() {
        for name in ["systemd", "systemd-logind", "dbus-broker-lau", "Xorg", "gnome-shell"] {
            assert!(reason(&process(NOBODY, name)).is_some(), "{name}");
        }
    }

    #[test]
    fn we_and_what_we_run_in_are_protected() {
        let own = Stat::of(std::process::id()).unwrap().unwrap();
        assert!(reason(&own).is_some());
        let parent = Stat::of(own.parent).unwrap().unwrap();
        assert!(reason(&parent).is_some());
    }

    #[test]
    fn an_ordinary_process_is_not() {
        assert_eq!(reason(&process(NOBODY, "nginx")), None);
    }
}
