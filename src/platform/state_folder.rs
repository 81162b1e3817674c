//! Where this user keeps what a program remembers.

use std::path::PathBuf;

/// `$XDG_STATE_HOME/portmedic` or its usual place; on Windows `%LOCALAPPDATA%\PortMedic`. `None` where this user has no such folder.
pub fn state_folder() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return Some(folder("LOCALAPPDATA")?.join("PortMedic"));
    }
    let state = folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local").join("state")));
    state.map(|state| state.join("portmedic"))
}
