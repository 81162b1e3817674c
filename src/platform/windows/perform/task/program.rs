//! The program that a task starts: a copy of this executable below `Program Files`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::platform::PlatformError;
use crate::platform::kept_files::FOLDER;
use crate::platform::tasks::{Program, is_same};
use crate::platform::windows::{ffi, guarded};
use crate::remedy::paths::TASK_PROGRAM_WINDOWS;

use super::could_not;

/// How long Windows may keep the file of a program that has ended.
const LIMIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);

/// The copy.
pub struct Copy {
    /// Where it is.
    place: PathBuf,
    /// This executable.
    own: PathBuf,
}

impl Copy {
    /// # Errors
    /// Where Windows does not tell where programs are, or which file this is.
    pub fn of_this_executable() -> Result<Self, PlatformError> {
        let unknown = || io::Error::other("Windows does not tell where the folder of programs is");
        let programs = ffi::program_files().ok_or_else(|| could_not("find the place of the program", &unknown()))?;
        let own = std::env::current_exe().map_err(|error| could_not("find the program that runs", &error))?;
        Ok(Self { place: programs.join(TASK_PROGRAM_WINDOWS), own })
    }

    /// The path by which the task starts it.
    pub fn path(&self) -> String {
        self.place.display().to_string()
    }

    /// The folder of the copy, and the one of PortMedic above it.
    fn folders(&self) -> [&Path; 2] {
        let folder = self.place.parent().unwrap_or(&self.place);
        [folder, folder.parent().unwrap_or(folder)]
    }

    /// What the copy is called while a newer one has its name: Windows does not delete a program that runs, but renames it.
    fn older(&self) -> PathBuf {
        self.place.with_extension("old.exe")
    }

    fn is_guarded(&self) -> Result<(), String> {
        // The account is trusted only where it is no split one: else programs without rights have it as well.
        let own = if ffi::is_split() { None } else { ffi::account_of(None).ok() };
        guarded::check(&self.place, own.as_deref())
    }

    fn replace(&self) -> io::Result<()> {
        let [folder, above] = self.folders();
        for one in [above, folder] {
            match ffi::make_folder(one, FOLDER) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        io::copy(&mut File::open(&self.own)?, &mut new)?;
        new.as_file().sync_all()?;
        if self.place.exists() {
            remove(&self.older())?;
            fs::rename(&self.place, self.older())?;
        }
        if let Err(error) = new.persist(&self.place) {
            // What was there goes back, so that the tasks that start it still can.
            let _gone = fs::rename(self.older(), &self.place);
            return Err(error.error);
        }
        // It stays until the task that runs it has been started anew.
        let _in_use = fs::remove_file(self.older());
        Ok(())
    }
}

impl Program for Copy {
    fn is_ours(&self) -> bool {
        is_same(&self.own, &self.place) && self.is_guarded().is_ok()
    }

    fn check_place(&self) -> Result<(), PlatformError> {
        self.is_guarded().map_err(|why| {
            PlatformError::Refused(format!(
                "{why}, and the task would run {} with all rights, so it is not installed; correct that first",
                self.place.display()
            ))
        })
    }

    fn put(&self) -> Result<(), PlatformError> {
        if is_same(&self.own, &self.place) {
            return Ok(());
        }
        self.replace().map_err(|error| could_not(&format!("put the program at {}", self.place.display()), &error))
    }

    fn remove(&self) -> Result<(), PlatformError> {
        for file in [&self.place, &self.older()] {
            remove(file).map_err(|error| could_not(&format!("remove {}", file.display()), &error))?;
        }
        for folder in self.folders() {
            // A folder goes with its last file; one in which somebody keeps something stays.
            let _in_use = fs::remove_dir(folder);
        }
        Ok(())
    }
}

/// Removes a file, also of a program that has just ended. One that is not there is no error.
fn remove(file: &Path) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match fs::remove_file(file) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if begun.elapsed() > LIMIT => return Err(error),
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Copy;
    use crate::platform::tasks::Program as _;

    #[test]
    fn a_copy_is_made_replaced_and_removed_with_its_folder() {
        let root = tempfile::tempdir().unwrap();
        let copy = Copy { place: root.path().join(r"PortMedic\task\portmedic.exe"), own: root.path().join("own.exe") };
        for version in ["first", "second"] {
            fs::write(&copy.own, version).unwrap();
            copy.put().unwrap();
            assert_eq!(fs::read(&copy.place).unwrap(), version.as_bytes());
            assert_eq!(fs::read_dir(copy.folders()[0]).unwrap().count(), 1, "nothing else is left there");
        }
        copy.remove().unwrap();
        assert!(!root.path().join("PortMedic").exists());
        copy.remove().unwrap();
    }
}
