//! Small files of our own in folders of the system: read, replaced as a whole or removed, never half written.

use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, fchown};
use std::path::Path;

use rustix::fs::{Access, StatVfsMountFlags};

use crate::machine::visible;
use crate::platform::PlatformError;
use crate::platform::kept_files;
use crate::platform::linux::ranges::kernel::error_of;

/// Our files are far shorter; what is longer is not ours.
const LONGEST: u64 = 1 << 20;

/// Everybody may read it, and its owner alone write it.
const READABLE: u32 = 0o644;
/// Likewise, and everybody may run it.
const RUNNABLE: u32 = 0o755;

/// How the name of a new text begins and ends until it takes the place of the old one. Neither sysctl nor systemd reads a name like this,
/// should it stay behind.
pub const NEW_PREFIX: &str = ".portmedic-";
/// See [`NEW_PREFIX`].
pub const NEW_SUFFIX: &str = ".new";

/// What shall become of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileChange {
    /// It stays as it is.
    Keep,
    /// It gets this text.
    Write(String),
    /// It goes.
    Remove,
}

impl FileChange {
    /// To the state with this text; `None` for no file.
    pub fn to(text: Option<String>) -> Self {
        text.map_or(Self::Remove, Self::Write)
    }

    /// Makes the change.
    pub fn make(&self, path: &Path) -> Result<(), PlatformError> {
        match self {
            Self::Keep => Ok(()),
            Self::Write(text) => replace(path, Some(text)),
            Self::Remove => replace(path, None),
        }
    }
}

/// The text of the file; `None` where there is none.
///
/// # Errors
/// Where it cannot be read, or the name is taken by a link or anything else that is no ordinary file: then somebody put it there, and
/// writing through it would change a file that nobody meant.
pub fn read(path: &Path) -> Result<Option<String>, PlatformError> {
    let could_not = |error: &io::Error| error_of(format!("could not read {}", shown(path)), error);
    let file = match kept_files::open_to_read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if kept_files::is_link_error(&error) => return Err(not_ours(path, "a link to another file")),
        Err(error) => return Err(could_not(&error)),
    };
    if !file.metadata().map_err(|error| could_not(&error))?.is_file() {
        return Err(not_ours(path, "no ordinary file"));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| could_not(&error))?;
    match String::from_utf8(bytes) {
        Ok(text) if u64::try_from(text.len()).is_ok_and(|length| length <= LONGEST) => Ok(Some(text)),
        _ => Err(not_ours(path, "not in the form that PortMedic writes")),
    }
}

/// Replaces the file by one with this text, or removes it for `None`. Whoever reads meanwhile sees the old text or the new one, and after
/// a power failure one of the two is there.
///
/// # Errors
/// Where the folder is not safe, the name is taken by something that is not ours, or the system refuses. The old file is there then.
pub fn replace(path: &Path, text: Option<&str>) -> Result<(), PlatformError> {
    let could_not = |error: &io::Error| error_of(format!("could not write {}", shown(path)), error);
    let Some(folder) = path.parent() else { return Err(not_ours(path, "no file")) };
    if read(path)?.as_deref() == text {
        return Ok(());
    }
    if let Some(text) = text {
        make_folder(folder)?;
        write(folder, path, &mut text.as_bytes(), Rights::Kept).map_err(|error| could_not(&error))
    } else {
        check_folder(folder)?;
        fs::remove_file(path).and_then(|()| sync(folder)).map_err(|error| could_not(&error))
    }
}

/// Refuses a change of the file that no rights could make. Asked before anybody is asked for rights.
///
/// # Errors
/// Where the file must change to get this text, and [`check_place`] says why it cannot.
pub fn check_can_become(path: &Path, text: Option<&str>) -> Result<(), PlatformError> {
    if read(path)?.as_deref() == text { Ok(()) } else { check_place(path) }
}

/// Refuses a file that not even the administrator can replace.
///
/// # Errors
/// Where its file system is mounted read-only, or the file or its folder is fixed.
pub fn check_place(path: &Path) -> Result<(), PlatformError> {
    // Where the folder is not there yet, the nearest one above it tells.
    let Some(folder) = path.ancestors().skip(1).find(|folder| folder.exists()) else { return Ok(()) };
    let facts = rustix::fs::statvfs(folder)
        .map_err(|error| error_of(format!("could not look at {}", shown(folder)), &io::Error::from(error)))?;
    if facts.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Err(PlatformError::Refused(format!(
            "{} is on a file system that is mounted read-only, so nothing can be kept there for the next start; make it writable first \
             (on an image-based system, put the setting into the image)",
            shown(folder)
        )));
    }
    // The kernel tells this apart from a missing right.
    let is_fixed = |place: &&Path| rustix::fs::access(*place, Access::WRITE_OK) == Err(rustix::io::Errno::PERM);
    match [path, folder].iter().find(|place| is_fixed(place)) {
        None => Ok(()),
        Some(place) => Err(PlatformError::Refused(format!(
            "{} is fixed, so that not even the administrator can change it; `chattr -i` ends that",
            shown(place)
        ))),
    }
}

/// Replaces a program by one with these contents, as [`replace`] does with a text.
///
/// # Errors
/// As [`replace`].
pub fn replace_program(path: &Path, contents: &mut dyn Read) -> Result<(), PlatformError> {
    let Some(folder) = path.parent() else { return Err(not_ours(path, "no file")) };
    make_folder(folder)?;
    if fs::symlink_metadata(path).is_ok_and(|facts| !facts.is_file()) {
        return Err(not_ours(path, "no ordinary file"));
    }
    write(folder, path, contents, Rights::OfAProgram)
        .map_err(|error| error_of(format!("could not write {}", shown(path)), &error))
}

/// Whose the new file is, and who may do what with it.
#[derive(Debug, Clone, Copy)]
enum Rights {
    /// As with the file whose place it takes: an administrator may have given it to a group, or hidden it.
    Kept,
    /// Ours alone, whatever was there.
    OfAProgram,
}

fn write(folder: &Path, path: &Path, contents: &mut dyn Read, rights: Rights) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(NEW_PREFIX).suffix(NEW_SUFFIX).tempfile_in(folder)?;
    io::copy(contents, &mut file)?;
    let mode = match (rights, fs::symlink_metadata(path)) {
        (Rights::Kept, Ok(old)) => {
            let new = file.as_file().metadata()?;
            if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
                fchown(file.as_file(), Some(old.uid()), Some(old.gid()))?;
            }
            old.mode() & 0o7777
        }
        (Rights::Kept, Err(_none)) => READABLE,
        (Rights::OfAProgram, _) => RUNNABLE,
    };
    file.as_file().set_permissions(Permissions::from_mode(mode))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync(folder)
}

/// A folder keeps its names on the disk only when it is told to.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes the folder where it is not there.
fn make_folder(folder: &Path) -> Result<(), PlatformError> {
    match fs::DirBuilder::new().mode(0o755).create(folder) {
        // Its name is on the disk only when the folder above it is: without it what is written into it would be gone too.
        Ok(()) => folder
            .parent()
            .map_or(Ok(()), sync)
            .map_err(|error| error_of(format!("could not keep the folder {}", shown(folder)), &error)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check_folder(folder),
        Err(error) => Err(error_of(format!("could not make the folder {}", shown(folder)), &error)),
    }
}

/// Refuses a folder in which somebody without our rights could exchange the file.
fn check_folder(folder: &Path) -> Result<(), PlatformError> {
    let facts = fs::symlink_metadata(folder).map_err(|error| error_of(format!("could not look at {}", shown(folder)), &error))?;
    if !facts.is_dir() {
        return Err(not_ours(folder, "no folder"));
    }
    if facts.uid() != rustix::process::geteuid().as_raw() || facts.mode() & 0o022 != 0 {
        return Err(PlatformError::Refused(format!(
            "the folder {} can be written by others than the administrator, so nothing is written there; correct its owner and rights first",
            shown(folder)
        )));
    }
    Ok(())
}

fn not_ours(path: &Path, what: &str) -> PlatformError {
    PlatformError::Refused(format!("{} is {what}, so PortMedic leaves it alone; look at it and move it away first", shown(path)))
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::Path;

    use super::{read, replace};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn writes_replaces_and_removes_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made").join("own.conf");
        for text in [Some("one\n"), Some("two\n"), None] {
            replace(&path, text).unwrap();
            assert_eq!(read(&path).unwrap().as_deref(), text);
        }
        assert_eq!(names(&folder.path().join("made")), Vec::<String>::new());
    }

    #[test]
    fn everybody_may_read_it_and_only_the_owner_may_write_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.conf");
        replace(&path, Some("text\n")).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o644);
    }

    #[test]
    fn rights_that_an_administrator_gave_it_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.conf");
        for mode in [0o600, 0o640, 0o444] {
            fs::write(&path, "old\n").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            replace(&path, Some("new\n")).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, mode);
            fs::remove_file(&path).unwrap();
        }
        // Only root can give a file away.
        if rustix::process::geteuid().is_root() {
            fs::write(&path, "old\n").unwrap();
            std::os::unix::fs::chown(&path, None, Some(12_345)).unwrap();
            replace(&path, Some("new\n")).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().gid(), 12_345);
        }
    }

    #[test]
    fn a_link_in_its_place_is_refused_and_its_target_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let (path, target) = (folder.path().join("own.conf"), folder.path().join("shadow"));
        fs::write(&target, "precious\n").unwrap();
        symlink(&target, &path).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("link"));
        for text in [Some("text\n"), None] {
            assert!(replace(&path, text).is_err());
        }
        assert_eq!(fs::read(&target).unwrap(), b"precious\n");
        assert_eq!(names(folder.path()), ["own.conf", "shadow"]);
    }

    #[test]
    fn a_named_pipe_in_its_place_does_not_hang_us() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.conf");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        assert!(replace(&path, Some("text\n")).is_err());
    }

    #[test]
    fn a_folder_that_everybody_may_write_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        assert!(replace(&folder.path().join("own.conf"), Some("text\n")).is_err());
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }
}
