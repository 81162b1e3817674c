//! The computer itself.

use serde::{Deserialize, Serialize};

/// The operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
}

/// The computer that was looked at, and with which rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its operating system.
    pub system: System,
    /// The operating system's full name and version, as it calls itself.
    pub version: String,
    /// The user who looked.
    pub user: String,
    /// Whether that user has administrator rights (root).
    pub elevated: bool,
    /// Whether it is Linux inside the Windows Subsystem for Linux: there the dynamic range must not be changed
    /// (<https://github.com/microsoft/WSL/issues/11450>).
    pub wsl: bool,
    /// Whether a service manager that we can ask runs (systemd as PID 1, or the Windows service control manager).
    pub service_manager: bool,
    /// The network namespace that was looked at (Linux), as an inode number.
    pub network_namespace: Option<u64>,
    /// The name of the practice machine that it is; `None` for a real computer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practice: Option<String>,
    /// The files that it is known from; empty for a computer that was looked at itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captured_from: Vec<String>,
    /// The executable of PortMedic that looked; `None` where the computer was not looked at itself, or that has no plain name. It stands in
    /// commands, and nothing keeps it.
    #[serde(skip)]
    pub program: Option<String>,
}

impl Host {
    /// A computer of this system of which nothing else is known: a live one without a name, with a service manager, looked at without rights.
    pub const fn of(system: System) -> Self {
        Self {
            name: String::new(),
            system,
            version: String::new(),
            user: String::new(),
            elevated: false,
            wsl: false,
            service_manager: true,
            network_namespace: None,
            practice: None,
            captured_from: Vec::new(),
            program: None,
        }
    }

    /// Whether it is known from files only, and cannot be asked.
    pub const fn is_captured(&self) -> bool {
        !self.captured_from.is_empty()
    }
}
