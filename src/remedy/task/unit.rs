//! A task as a unit of systemd. The preview shows this text, and the platform writes it.

use super::Task;
use crate::remedy::paths::TASK_PROGRAM;

/// What stands before the arguments of a task in its unit.
const STARTS: &str = "ExecStart=";

/// What both units may do: look at the computer and write to PortMedic's own folder. They need the host's network to see its sockets and to
/// ask for a port, and send nothing (`IPAddressDeny`). The rights beside root's own: to see the sockets of other users' processes
/// (`CAP_SYS_PTRACE`, `CAP_DAC_READ_SEARCH`), and to ask for a low port (`CAP_NET_BIND_SERVICE`).
const CONFINED: [&str; 23] = [
    "CapabilityBoundingSet=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH CAP_NET_BIND_SERVICE",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ReadWritePaths=-/var/lib/portmedic",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "IPAddressDeny=any",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "UMask=0022",
];

impl Task {
    /// The lines of its unit.
    pub fn unit_lines(&self) -> Vec<String> {
        let mut lines =
            vec!["# Written by PortMedic, which removes it again when it is asked to.".to_owned(), "[Unit]".to_owned()];
        let mut put = |own: &[&str]| lines.extend(own.iter().map(|line| (*line).to_owned()));
        let starts = format!("{STARTS}{TASK_PROGRAM} {}", self.arguments().join(" "));
        match self {
            Self::Recheck => {
                // The services of the start have been started then. Nothing waits for this unit: `exec` counts as started at once.
                put(&[
                    "Description=PortMedic: the checks that wait for a restart",
                    "After=multi-user.target network-online.target",
                ]);
                put(&["[Service]", "Type=exec", &starts, "TimeoutStopSec=10", "RuntimeMaxSec=900"]);
            }
            Self::Recorder { .. } => {
                put(&["Description=PortMedic: writes down who takes ports", "[Service]", "Type=exec", &starts]);
                put(&["Restart=on-failure", "RestartSec=5", "Nice=10", "CPUQuota=10%", "MemoryMax=256M"]);
            }
        }
        put(&CONFINED);
        put(&["[Install]", "WantedBy=multi-user.target"]);
        lines
    }

    /// The whole text of its unit.
    pub fn unit_text(&self) -> String {
        self.unit_lines().into_iter().map(|line| line + "\n").collect()
    }

    /// The task whose unit has exactly this text; `None` where PortMedic did not write it so.
    pub fn of_unit(text: &str) -> Option<Self> {
        let command = text.lines().find_map(|line| line.strip_prefix(STARTS)?.strip_prefix(TASK_PROGRAM))?;
        let arguments: Vec<&str> = command.split_ascii_whitespace().collect();
        Self::with_arguments(&arguments).filter(|task| task.unit_text() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::Task;

    #[test]
    fn a_unit_is_known_again_and_an_edited_one_is_not_ours() {
        for task in [Task::Recheck, Task::Recorder { ports: "1433,5000-5003".parse().unwrap() }] {
            let text = task.unit_text();
            assert_eq!(Task::of_unit(&text), Some(task));
            assert_eq!(Task::of_unit(&text.replace("NoNewPrivileges=yes\n", "")), None);
            assert_eq!(Task::of_unit(&text.replace("portmedic/portmedic ", "portmedic/portmedic -x ")), None);
        }
        assert_eq!(Task::of_unit(""), None);
    }

    #[test]
    fn a_unit_may_write_to_the_folder_of_the_journal_only() {
        let text = Task::Recheck.unit_text();
        assert!(text.contains("ProtectSystem=strict\nReadWritePaths=-/var/lib/portmedic\n"), "{text}");
        assert!(!text.contains("CAP_SYS_ADMIN") && !text.contains("CAP_NET_ADMIN"), "{text}");
    }
}
