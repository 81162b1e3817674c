//! Which file gets the rights: this very executable, and only where nobody else can exchange it.

use std::fs;
use std::path::PathBuf;

use crate::helper::launch::LaunchError;
use crate::platform::linux::guarded;

/// The path of this executable, safe to be run with administrator rights.
///
/// # Errors
/// Where it is not there any more, or the file or a folder above it can be changed by somebody who is neither root nor this user.
pub fn own() -> Result<PathBuf, LaunchError> {
    let path = fs::read_link("/proc/self/exe").map_err(|error| {
        refused(format!("PortMedic could not find its own file, which would get administrator rights: {error}"))
    })?;
    if !path.is_file() {
        return Err(refused("PortMedic was updated or removed while it runs; start it again".to_owned()));
    }
    guarded::check(&path).map_err(|why| {
        refused(format!(
            "{why}, so PortMedic does not ask for administrator rights for {}; install it in /usr/local/bin",
            path.display()
        ))
    })?;
    Ok(path)
}

fn refused(why: String) -> LaunchError {
    LaunchError::UnsafeExecutable(why)
}
