//! The computer itself: name, version, rights, addresses.

mod addresses;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::proc_file;
use super::stat::Stat;
use super::users::Users;
use crate::machine::{Boot, Host, System};

pub use addresses::addresses;

/// Looks at the computer and at the rights we have on it.
pub fn look() -> Host {
    let euid = rustix::process::geteuid();
    Host {
        name: sysinfo::System::host_name().unwrap_or_default(),
        version: version(),
        user: Users::default().name(euid.as_raw()).unwrap_or_else(|| euid.as_raw().to_string()),
        elevated: euid.is_root(),
        wsl: is_wsl(),
        // The test that sd_booted(3) makes.
        service_manager: Path::new("/run/systemd/system").is_dir(),
        network_namespace: fs::metadata("/proc/self/ns/net").ok().map(|namespace| namespace.ino()),
        program: program(),
        ..Host::of(System::Linux)
    }
}

/// This run of the computer, or of the container that is the computer for whoever is in it. `None` where `/proc` does not show it.
///
/// In a container the kernel's number is no help: it is the host's, or one that the container's manager put in its place, which a confined
/// unit in there does not see. There the first process starts long after the kernel, at a time that is its own.
pub fn boot() -> Option<Boot> {
    /// The first process of a computer starts within this time, in seconds.
    const SOON: u64 = 60;
    let started = Stat::of(1).ok().flatten()?.id.started;
    if started > SOON * rustix::param::clock_ticks_per_second() {
        return Some(Boot::new("container", started));
    }
    let kernel = proc_file::read("/proc/sys/kernel/random/boot_id").ok()?;
    Some(Boot::new(String::from_utf8_lossy(&kernel).trim(), started))
}

/// The executable that runs, where it still lies under its name.
fn program() -> Option<String> {
    let path = fs::read_link("/proc/self/exe").ok()?;
    path.to_str().filter(|path| Path::new(path).is_file()).map(str::to_owned)
}

/// Distribution, its version and the kernel's: `Debian GNU/Linux 12, Linux 6.1.0-25-amd64`. Small systems do not say which one they are.
fn version() -> String {
    let distribution =
        [sysinfo::System::name(), sysinfo::System::os_version()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let kernel = sysinfo::System::kernel_version().map(|kernel| format!("Linux {kernel}"));
    [Some(distribution), kernel.ok()].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Microsoft builds the kernel of WSL itself and says so in its name; with another kernel, Windows programs can still be started.
fn is_wsl() -> bool {
    let kernel = sysinfo::System::kernel_version().unwrap_or_default().to_ascii_lowercase();
    kernel.contains("microsoft") || kernel.contains("wsl2") || Path::new("/proc/sys/fs/binfmt_misc/WSLInterop").exists()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_program_that_runs_is_known_by_its_path() {
        assert_eq!(super::program(), std::env::current_exe().unwrap().to_str().map(str::to_owned));
    }

    #[test]
    fn this_run_has_a_name_that_stays() {
        let now = super::boot().unwrap();
        assert_eq!(super::boot(), Some(now));
    }
}
