//! Brings the files of a case together: those that are named, those in folders, and what archives hold.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::names;
use crate::evidence::{Input, Room, is_clutter, unpack};
use crate::machine::visible;

/// The most that is read of all files together, in bytes, unpacked.
pub const MOST_BYTES: u64 = 256 << 20;

/// The most files and folders.
pub const MOST_FILES: usize = 1000;

/// A file that cannot be read, or files that are too many or too large.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refuses it.
    #[error("{} cannot be read: {why}", shown(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// It is too large.
    #[error("{} has more than {} MB; cut out the part around the failure and name that", shown(path), MOST_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// They are too large together.
    #[error("the files have more than {} MB together; name only those that belong to the failure", MOST_BYTES >> 20)]
    TooMuch,
    /// There are too many.
    #[error("there are more than {MOST_FILES} files and folders; name only those that belong to the failure")]
    TooMany,
    /// There is none.
    #[error("{} holds no file", shown(path))]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

fn shown(path: &Path) -> String {
    visible(&path.display().to_string())
}

/// Reads files, all files in folders, and all files in archives. Each gets a name of its own. A file in a folder or an archive that cannot
/// be read stays, with the reason.
///
/// # Errors
/// Where a path that is named cannot be read, or there is too much to read.
pub fn collect(paths: &[PathBuf]) -> Result<Vec<Input>, FileError> {
    let found = find(paths)?;
    let names = names::shortest(found.iter().map(|file| file.path.as_path()));
    let mut room = Room { files: MOST_FILES, bytes: MOST_BYTES };
    let mut inputs = Vec::new();
    for (file, name) in found.iter().zip(names) {
        let input = match read(&file.path) {
            Ok(bytes) => Input::new(name, bytes),
            Err(FileError::Unreadable { why, .. }) if !file.is_named => {
                Input { unread: Some(format!("this file cannot be read: {why}")), ..Input::new(name, Vec::new()) }
            }
            Err(error) => return Err(error),
        };
        room.take(input.bytes.len() as u64).ok_or(FileError::TooMuch)?;
        inputs.extend(unpack(input, &mut room));
    }
    names::number(inputs.iter_mut().map(|input| &mut input.name));
    Ok(inputs)
}

/// A file to be read.
struct Found {
    path: PathBuf,
    /// Whether the user named it; others were found in a folder.
    is_named: bool,
}

/// The files of paths, each once however often it is named.
fn find(paths: &[PathBuf]) -> Result<Vec<Found>, FileError> {
    let mut found = Vec::new();
    let mut left = MOST_FILES;
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            in_folder(path, &mut left, &mut found)?;
            if found.len() == before {
                return Err(FileError::Empty { path: path.clone() });
            }
        } else {
            left = left.checked_sub(1).ok_or(FileError::TooMany)?;
            found.push(Found { path: path.clone(), is_named: true });
        }
    }
    let mut seen = HashSet::new();
    // Reading what cannot be found tells why.
    found.retain(|file| fs::canonicalize(&file.path).map_or(true, |path| seen.insert(path)));
    Ok(found)
}

/// Adds the files of a folder in the order of their names. Links are not followed: they may lead anywhere, also back.
fn in_folder(folder: &Path, left: &mut usize, found: &mut Vec<Found>) -> Result<(), FileError> {
    let unreadable = |why| FileError::Unreadable { path: folder.to_owned(), why };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        *left = left.checked_sub(1).ok_or(FileError::TooMany)?;
        entries.push(entry.map_err(unreadable)?);
    }
    entries.retain(|entry| !entry.file_name().to_str().is_some_and(is_clutter));
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path();
        if kind.is_dir() {
            match in_folder(&path, left, found) {
                // Reading it like a file tells why.
                Err(FileError::Unreadable { path, .. }) => found.push(Found { path, is_named: false }),
                other => other?,
            }
        } else if kind.is_file() {
            found.push(Found { path, is_named: false });
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let unreadable = |why| FileError::Unreadable { path: path.to_owned(), why };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(FileError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}
