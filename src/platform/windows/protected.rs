//! Which processes must never be ended: the computer, or the session in use, would go down with them.

use crate::machine::{SYSTEM_PID, why_windows_needs};
use crate::platform::windows_tables::processes::Listed;

/// Programs beside those that Windows itself needs, by the name of their file in lower case. Other programs can take these names too: they
/// are protected as well then, which does no harm.
const PILLARS: [(&str, &str); 9] = [
    ("explorer.exe", "it draws the desktop in use"),
    ("dwm.exe", "it draws the desktop in use"),
    ("sihost.exe", "it holds the desktop in use"),
    ("fontdrvhost.exe", "it draws the text of every program"),
    ("logonui.exe", "it lets users log in"),
    ("rdpclip.exe", "it belongs to the remote desktop in use"),
    ("vmwp.exe", "it is a virtual machine; shut that down instead"),
    ("vmmem", "it is a virtual machine, most likely of WSL or Docker; shut that down instead"),
    ("vmmemwsl", "it is the virtual machine of WSL; `wsl --shutdown` ends it properly"),
];

/// Why this process must not be ended, in words to stand after "because"; `None` for ordinary processes. `ancestors_of_ours` are the
/// processes that PortMedic runs in.
pub fn reason(process: &Listed, ancestors_of_ours: &[u32]) -> Option<String> {
    let why = if process.pid <= SYSTEM_PID {
        Some("it is Windows itself")
    } else if process.pid == std::process::id() {
        Some("it is PortMedic itself")
    } else {
        why_windows_needs(&process.name).or_else(|| pillar(&process.name)).or_else(|| {
            let runs_us = ancestors_of_ours.contains(&process.pid);
            runs_us.then_some("PortMedic runs in it: it would end with it")
        })
    };
    why.map(str::to_owned)
}

fn pillar(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    PILLARS.iter().find(|(pillar, _)| *pillar == name).map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::reason;
    use crate::platform::windows_tables::processes::Listed;

    /// Windows gives numbers that four divides, so nobody has this one.
    const NOBODY: u32 = 7_000_001;

    fn process(pid: u32, name: &str) -> Listed {
        Listed { pid, parent: 4, started: 1, name: name.to_owned(), handles: 0 }
    }

    #[test]
    fn windows_its_desktop_and_we_are_protected() {
        for name in ["lsass.exe", "svchost.exe", "Explorer.EXE", "vmmemWSL"] {
            assert!(reason(&process(NOBODY, name), &[]).is_some(), "{name}");
        }
        assert!(reason(&process(4, "System"), &[]).is_some());
        assert!(reason(&process(std::process::id(), "portmedic.exe"), &[]).is_some());
        assert!(reason(&process(NOBODY, "sshd.exe"), &[NOBODY]).is_some());
    }

    #[test]
    fn an_ordinary_process_is_not() {
        assert_eq!(reason(&process(NOBODY, "nginx.exe"), &[8]), None);
    }
}
