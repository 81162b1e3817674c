//! The computer itself.

use crate::machine::{Host, System};

/// The computer and who looks at it.
pub fn look() -> Host {
    Host {
        name: sysinfo::System::host_name().unwrap_or_default(),
        system: System::Windows,
        version: sysinfo::System::long_os_version().unwrap_or_default(),
        user: std::env::var("USERNAME").unwrap_or_default(),
        elevated: false,
        wsl: false,
        // Every Windows has one.
        service_manager: true,
        network_namespace: None,
        practice: None,
    }
}
