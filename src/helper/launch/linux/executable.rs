//! Which file gets the rights: this very executable, and only where nobody else can exchange it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::helper::launch::LaunchError;

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
    check(&path)?;
    Ok(path)
}

/// Walks from the file up to the root folder.
fn check(path: &Path) -> Result<(), LaunchError> {
    for part in path.ancestors() {
        let facts = fs::symlink_metadata(part).map_err(|error| {
            refused(format!("{} could not be looked at before it gets administrator rights: {error}", part.display()))
        })?;
        if let Some(who) = stranger(&facts) {
            return Err(refused(format!(
                "{} can be changed by {who}, so PortMedic does not ask for administrator rights for {}; install it in /usr/local/bin",
                part.display(),
                path.display()
            )));
        }
    }
    Ok(())
}

/// Who besides root and this user can change a file, or what lies in a folder.
fn stranger(facts: &fs::Metadata) -> Option<String> {
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let mode = facts.mode();
    // In a folder with this bit, /tmp for one, everybody can make files and nobody can move those of others.
    let sticky = facts.is_dir() && mode & 0o1000 != 0;
    if facts.uid() != 0 && facts.uid() != user {
        Some(format!("its owner, the user with number {}", facts.uid()))
    } else if mode & 0o002 != 0 && !sticky {
        Some("everybody".to_owned())
    } else if mode & 0o020 != 0 && facts.gid() != 0 && facts.gid() != group && !sticky {
        Some(format!("the group with number {}", facts.gid()))
    } else {
        None
    }
}

fn refused(why: String) -> LaunchError {
    LaunchError::UnsafeExecutable(why)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::check;

    #[test]
    fn a_file_of_ours_in_a_folder_of_ours_is_safe_even_below_tmp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portmedic");
        fs::write(&path, "").unwrap();
        assert_eq!(check(&path), Ok(()));
    }

    #[test]
    fn a_file_or_folder_that_everybody_can_write_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portmedic");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
        assert!(check(&path).is_err());
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        assert!(check(&path).is_err());
    }
}
