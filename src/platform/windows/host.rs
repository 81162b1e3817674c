//! The computer itself: name, version, rights.

use super::ffi::{account_name, account_of, is_administrator};
use crate::machine::{Host, System};

/// Looks at the computer and at the rights we have on it.
pub fn look() -> Host {
    Host {
        name: sysinfo::System::host_name().unwrap_or_default(),
        version: version(),
        user: account_of(None).ok().and_then(|sid| account_name(&sid)).unwrap_or_default(),
        elevated: is_administrator(),
        ..Host::of(System::Windows)
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
