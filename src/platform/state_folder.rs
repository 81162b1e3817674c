//! Where this user keeps what a program remembers.

use std::path::{Path, PathBuf};

/// The home of root, where `HOME` leads elsewhere.
#[cfg(target_os = "linux")]
const HOME_OF_ROOT: &str = "/root";

/// `$XDG_STATE_HOME/portmedic` or its usual place; on Windows `%LOCALAPPDATA%\PortMedic`. `None` where this user has no such folder.
pub fn state_folder() -> Option<PathBuf> {
    if cfg!(windows) {
        return Some(folder("LOCALAPPDATA")?.join("PortMedic"));
    }
    let usual = |home: PathBuf| home.join(".local").join("state");
    let state = folder("XDG_STATE_HOME").or_else(|| home().map(usual));
    state.map(|state| state.join("portmedic"))
}

/// The folder that this variable names, where this user may keep something there.
///
/// Root may not in a folder that somebody else can change, as the home of another user that `su` and some `sudo` leave in `HOME`: with a link in
/// there that user would choose where root writes.
pub fn folder(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute() && is_safe(path))
}

/// The home of this user.
pub fn home() -> Option<PathBuf> {
    let named = folder("HOME");
    #[cfg(target_os = "linux")]
    let named = named.or_else(|| rustix::process::geteuid().is_root().then(|| PathBuf::from(HOME_OF_ROOT)));
    named
}

#[cfg(target_os = "linux")]
fn is_safe(folder: &Path) -> bool {
    use super::linux::guarded::check;

    // By its name, and by where links in the name lead.
    let is_guarded = |there: &Path| check(there).is_ok() && there.canonicalize().is_ok_and(|real| check(&real).is_ok());
    !is_root_of_the_computer() || folder.ancestors().find(|part| part.exists()).is_some_and(is_guarded)
}

/// Root of a user namespace that one user has made has that user's rights only, and does not know the owners of the folders above
/// (`user_namespaces(7)`).
#[cfg(target_os = "linux")]
pub fn is_root_of_the_computer() -> bool {
    let is_root_outside = |map: &[u8]| String::from_utf8_lossy(map).split_ascii_whitespace().nth(1) == Some("0");
    rustix::process::geteuid().is_root() && std::fs::read("/proc/self/uid_map").map_or(true, |map| is_root_outside(&map))
}

/// Windows gives every account variables of its own.
#[cfg(windows)]
const fn is_safe(_folder: &Path) -> bool {
    true
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::chown;

    use super::is_safe;

    #[test]
    fn root_keeps_nothing_where_another_user_could_exchange_it() {
        let home = tempfile::tempdir().unwrap();
        assert!(is_safe(home.path()) && is_safe(&home.path().join("not/there/yet")));
        // Only root can give a folder away, and only for root it matters.
        if rustix::process::geteuid().is_root() {
            chown(home.path(), Some(12_345), None).unwrap();
            assert!(!is_safe(home.path()) && !is_safe(&home.path().join("not/there/yet")));
        }
    }
}
