//! Whether a file that shall run with administrator rights could be exchanged by somebody who has none.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Walks from the file or folder up to the root folder.
///
/// # Errors
/// Which of them can be changed, and by whom besides root and this user, in words; or why one could not be looked at.
pub fn check(path: &Path) -> Result<(), String> {
    for part in path.ancestors() {
        let facts = fs::symlink_metadata(part).map_err(|error| format!("{} could not be looked at: {error}", part.display()))?;
        // A link is exchanged by whoever can write to its folder; its own rights mean nothing.
        if let Some(who) = stranger(&facts) {
            return Err(format!("{} can be changed by {who}", part.display()));
        }
    }
    Ok(())
}

/// Who besides root and this user can change a file, or what lies in a folder.
fn stranger(facts: &fs::Metadata) -> Option<String> {
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let mode = if facts.is_symlink() { 0 } else { facts.mode() };
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
