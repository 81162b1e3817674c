//! Files of reports and saved Cases: written whole or not at all, read with care.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::event::SaveProblem;
use crate::case::{Case, CaseError, MAX_BYTES};
use crate::machine::visible;
use crate::platform::state_folder;

/// Saves a text, over a file that is there only with consent.
///
/// # Errors
/// Where a file of this name is there, or it cannot be written; the text says why and what to do.
pub fn save(path: &Path, text: &str, replace: bool) -> Result<(), SaveProblem> {
    // A link or a folder in its place is found here and not replaced by accident.
    if !replace && path.symlink_metadata().is_ok() {
        // Who saves twice asks for nothing new.
        return if holds(path, text) { Ok(()) } else { Err(SaveProblem::Exists) };
    }
    if path.is_dir() {
        return Err(SaveProblem::Other(format!("{} is a folder; add a name for the file", shown(path))));
    }
    write(path, text, 0o666, replace).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => SaveProblem::Exists,
        _ => SaveProblem::Other(format!("The report could not be saved: {}", why(&error, path))),
    })
}

/// Why a file could not be saved here, as far as its folder tells; so that nobody works for a report that is lost in the end.
///
/// # Errors
/// Where there is no such folder.
pub fn check_folder(path: &Path) -> Result<(), String> {
    let found = fs::metadata(folder_of(path))
        .and_then(|folder| if folder.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) });
    found.map_err(|error| format!("The report could not be saved: {}", why(&error, path)))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether an ordinary file has exactly this text.
fn holds(path: &Path, text: &str) -> bool {
    let as_long = |about: fs::Metadata| about.is_file() && u64::try_from(text.len()).is_ok_and(|length| length == about.len());
    path.symlink_metadata().is_ok_and(as_long) && fs::read(path).is_ok_and(|bytes| bytes == text.as_bytes())
}

/// Writes a file beside its place and moves it there, so that nobody ever sees half of it.
fn write(path: &Path, text: &str, mode: u32, replace: bool) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".portmedic-");
    for_whom(&mut builder, mode);
    let mut file = builder.tempfile_in(folder_of(path))?;
    file.write_all(text.as_bytes())?;
    let moved = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    moved.map(drop).map_err(|error| error.error)
}

#[cfg(unix)]
fn for_whom(file: &mut tempfile::Builder<'_, '_>, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;

    file.permissions(fs::Permissions::from_mode(mode));
}

/// On Windows a file is for those whom the folder is for.
#[cfg(not(unix))]
fn for_whom(_: &mut tempfile::Builder<'_, '_>, _: u32) {}

const BAD_NAME: &str = "the name of the file is too long or has a sign that the system does not take";

fn why(error: &io::Error, path: &Path) -> String {
    let place = path.parent().unwrap_or(path);
    let folder = shown(place);
    match error.kind() {
        // Windows tells of a missing folder too where a file stands in its place, and where the path is too long.
        io::ErrorKind::NotFound if place.is_file() => format!("{folder} is no folder; choose another one"),
        io::ErrorKind::NotFound if place.is_dir() => BAD_NAME.to_owned(),
        io::ErrorKind::NotFound => format!("the folder {folder} is not there; choose another one"),
        io::ErrorKind::PermissionDenied => format!("you may not write into {folder}; choose another folder"),
        io::ErrorKind::ReadOnlyFilesystem => format!("nothing can be written to {folder}; choose another folder"),
        io::ErrorKind::StorageFull => format!("the disk of {folder} is full; choose another folder"),
        io::ErrorKind::NotADirectory => format!("{folder} is no folder; choose another one"),
        io::ErrorKind::InvalidFilename => BAD_NAME.to_owned(),
        _ => error.to_string(),
    }
}

/// A path as it is shown: names of files are hostile, too.
pub(super) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

/// Why a saved Case could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("{path} could not be read: {why}")]
    File {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// It is no Case that this version reads.
    #[error("{path} could not be opened: {why}")]
    Case {
        /// The file.
        path: String,
        /// What is wrong with it, and what to do.
        why: CaseError,
    },
}

impl OpenError {
    /// Whether the file is a Case, only none that this version can open.
    pub const fn is_of_a_case(&self) -> bool {
        matches!(self, Self::Case { why: CaseError::OtherSchema(_) | CaseError::Broken(_), .. })
    }
}

/// Opens a file to read it; a named pipe without waiting for somebody who writes.
fn open_at_once(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

/// Opens a saved Case. No more of the file is read than a Case can have.
///
/// # Errors
/// Where the file cannot be read, or is none that this version reads.
pub fn open(path: &Path) -> Result<Case, OpenError> {
    let broken = |error: &io::Error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "it is not there".to_owned(),
            io::ErrorKind::PermissionDenied => "you may not read it".to_owned(),
            io::ErrorKind::IsADirectory => "it is a folder; name the .json file in it".to_owned(),
            _ => error.to_string(),
        };
        OpenError::File { path: shown(path), why }
    };
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let file = open_at_once(path).map_err(|error| broken(&error))?;
    // A pipe or a device would keep us waiting, or never end. Asked of the open file, which nobody can replace any more.
    let about = file.metadata().map_err(|error| broken(&error))?;
    if !about.is_file() && !about.is_dir() {
        return Err(OpenError::File { path: shown(path), why: "it is no ordinary file".to_owned() });
    }
    file.take(limit).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    Case::from_bytes(&bytes).map_err(|why| OpenError::Case { path: shown(path), why })
}

/// Where the last Case of this user is kept: `$XDG_STATE_HOME/portmedic/last-case.json` or its usual place; on Windows
/// `%LOCALAPPDATA%\PortMedic\last-case.json`. `None` where this user has no such folder.
pub fn last_case() -> Option<PathBuf> {
    state_folder().map(|folder| folder.join("last-case.json"))
}

/// Keeps a Case as the last one, for this user's eyes only. A user without a folder for it has no last Case.
///
/// # Errors
/// Where it cannot be written, one plain sentence.
pub fn keep(case: &Case) -> Result<(), String> {
    let Some(path) = last_case() else { return Ok(()) };
    keep_in(&path, case).map_err(|error| format!("this case is not kept for later: {}", why(&error, &path)))
}

fn keep_in(path: &Path, case: &Case) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    write(path, &case.to_json().map_err(io::Error::other)?, 0o600, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_never_replaces_a_file_without_consent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.md");
        assert_eq!(save(&path, "first", false), Ok(()));
        assert_eq!(save(&path, "first", false), Ok(()), "the same again changes nothing");
        assert_eq!(save(&path, "second", false), Err(SaveProblem::Exists));
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(save(&path, "second", true), Ok(()));
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_report_that_cannot_be_saved_says_why_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let told = |path: &Path| match save(path, "text", false) {
            Err(SaveProblem::Other(text)) => text,
            other => panic!("{other:?}"),
        };
        let missing = told(&folder.path().join("no such folder").join("report.md"));
        assert!(missing.contains("could not be saved") && missing.contains("is not there"), "{missing}");
        fs::write(folder.path().join("file"), "").unwrap();
        let inside = told(&folder.path().join("file").join("report.md"));
        assert!(inside.contains("is no folder"), "{inside}");
        let long = told(&folder.path().join("x".repeat(400)));
        assert!(long.contains("too long"), "{long}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let told = |path: &Path| open(path).unwrap_err().to_string();
        assert!(told(&folder.path().join("none.json")).contains("it is not there"));
        assert!(told(folder.path()).contains("it is a folder"), "{}", told(folder.path()));
        assert!(told(Path::new("/dev/zero")).contains("no ordinary file"));
        let pipe = folder.path().join("pipe.json");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        assert!(told(&pipe).contains("no ordinary file"));
    }

    #[test]
    fn a_file_that_is_too_long_is_refused_without_being_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.json");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(open(&path).unwrap_err().to_string().contains("16 MB"));
    }
}
