//! Which file gets the rights: this very executable, and only where nobody else can exchange it.

use std::path::{Path, PathBuf};

use crate::helper::launch::LaunchError;
use crate::machine::visible;
use crate::platform::windows::ffi;
use crate::platform::windows_text::access::{CHANGE, EXCHANGE, Stranger, stranger};

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
    check(&path, &user)?;
    Ok(path)
}

/// Walks from the file up to the drive. What lies beside the file counts as well: Windows looks for libraries there first.
fn check(path: &Path, user: &str) -> Result<(), LaunchError> {
    for (height, part) in path.ancestors().enumerate() {
        let rights = if height < 2 { CHANGE } else { EXCHANGE };
        let descriptor = ffi::descriptor_of_path(part).map_err(|error| {
            refused(format!("{} could not be looked at before it gets administrator rights: {error}", part.display()))
        })?;
        if let Some(who) = stranger(&descriptor, rights, Some(user)) {
            return Err(refused(format!(
                "{} can be changed by {}, so PortMedic does not ask for administrator rights for {}; move it to a folder of your own or to \
                 Program Files, or start it as administrator",
                part.display(),
                name(who),
                path.display()
            )));
        }
    }
    Ok(())
}

fn name(who: Stranger) -> String {
    match who {
        Stranger::Account(sid) => ffi::account_name(&sid).map_or(sid, |name| visible(&name)),
        Stranger::Everybody => "everybody".to_owned(),
    }
}

fn refused(why: String) -> LaunchError {
    LaunchError::UnsafeExecutable(why)
}
