//! The computer itself: name, version, rights.

use crate::machine::{Host, System};

/// Looks at the computer and at the rights we have on it.
pub fn look() -> Host {
    Host {
        name: sysinfo::System::host_name().unwrap_or_default(),
        system: System::Windows,
        version: version(),
        user: std::env::var("USERNAME").unwrap_or_default(),
        elevated: super::ffi::is_administrator(),
        wsl: false,
        // Every Windows has one.
        service_manager: true,
        network_namespace: None,
        practice: None,
    }
}

/// Edition and build: `Windows 10 Pro (build 19045)`.
fn version() -> String {
    let edition = sysinfo::System::long_os_version().unwrap_or_else(|_| "Windows".to_owned());
    match sysinfo::System::kernel_version() {
        Ok(build) => format!("{edition} (build {build})"),
        Err(_) => edition,
    }
}
