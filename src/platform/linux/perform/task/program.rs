//! The program that a task starts: a copy of this executable in a folder of root.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::platform::PlatformError;
use crate::platform::linux::guarded;
use crate::platform::linux::perform::own_file;
use crate::platform::linux::ranges::kernel::error_of;
use crate::platform::tasks::{Program, is_same};

/// The copy.
pub struct Copy {
    /// Where it is.
    pub place: PathBuf,
    /// This executable.
    pub own: PathBuf,
}

impl Program for Copy {
    fn is_ours(&self) -> bool {
        is_same(&self.own, &self.place) && is_guarded(&self.place).is_ok()
    }

    fn check_place(&self) -> Result<(), PlatformError> {
        own_file::check_place(&self.place)?;
        is_guarded(&self.place).map_err(|why| {
            PlatformError::Refused(format!(
                "{why}, and the task would run {} as root, so it is not installed; correct that owner or right first",
                self.place.display()
            ))
        })
    }

    fn put(&self) -> Result<(), PlatformError> {
        if is_same(&self.own, &self.place) {
            return Ok(());
        }
        let read = |error: io::Error| error_of("could not read the program that runs".to_owned(), &error);
        let mut own = File::open(&self.own).map_err(read)?;
        own_file::replace_program(&self.place, &mut own)
    }

    fn remove(&self) -> Result<(), PlatformError> {
        match fs::remove_file(&self.place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error_of(format!("could not remove {}", self.place.display()), &error));
            }
            _ => {}
        }
        if let Some(folder) = self.place.parent() {
            // The folder goes with its last file; one in which somebody keeps something stays.
            let _in_use = fs::remove_dir(folder);
        }
        Ok(())
    }
}

/// Whether only root can exchange the program, or will be able to once it is there: by its name, and by where links in the name lead.
///
/// # Errors
/// Who else can, in words.
fn is_guarded(program: &Path) -> Result<(), String> {
    let there = program.ancestors().find(|part| part.exists()).unwrap_or(Path::new("/"));
    guarded::check(there)?;
    let real = fs::canonicalize(there).map_err(|error| format!("{} could not be looked at: {error}", there.display()))?;
    guarded::check(&real)
}
