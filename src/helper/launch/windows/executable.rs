//! Which file gets the rights: this very executable, and only where nobody else can exchange it.

use std::path::PathBuf;

use crate::helper::launch::LaunchError;
use crate::platform::windows::{ffi, guarded};

/// The path of this executable.
///
/// # Errors
/// Where Windows does not tell it, or it is not there any more.
pub fn own() -> Result<PathBuf, LaunchError> {
    let path = std::env::current_exe().map_err(|error| {
        refused(format!("PortMedic could not find its own file, which would get administrator rights: {error}"))
    })?;
    if path.is_file() {
        Ok(path)
    } else {
        Err(refused("PortMedic was updated or removed while it runs; start it again".to_owned()))
    }
}

/// The path of this executable, safe to be run with administrator rights.
///
/// # Errors
/// As [`own`], and where the file or a folder above it can be changed by somebody who is neither this user nor an administrator.
pub fn own_for_prompt() -> Result<PathBuf, LaunchError> {
    let path = own()?;
    let user = ffi::account_of(None)
        .map_err(|error| refused(format!("PortMedic could not find out which account it runs as: {error}")))?;
    guarded::check(&path, Some(&user)).map_err(|why| {
        refused(format!(
            "{why}, so PortMedic does not ask for administrator rights for {}; move it to a folder of your own or to Program Files, or start \
             it as administrator",
            path.display()
        ))
    })?;
    Ok(path)
}

fn refused(why: String) -> LaunchError {
    LaunchError::UnsafeExecutable(why)
}
