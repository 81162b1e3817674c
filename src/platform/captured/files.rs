//! Brings the files of a case together.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::evidence::Input;
use crate::machine::visible;

/// The most of one file that is read, in bytes.
pub const MOST_BYTES: u64 = 256 << 20;

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refuses it.
    #[error("{} cannot be read: {why}", visible(&path.display().to_string()))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// It is too large.
    #[error("{} has more than {} MB; cut out the part around the failure and name that", visible(&path.display().to_string()), MOST_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

/// Reads files.
///
/// # Errors
/// Where one of them cannot be read, or is too large.
pub fn collect(paths: &[PathBuf]) -> Result<Vec<Input>, FileError> {
    let mut inputs = Vec::new();
    for path in paths {
        inputs.push(Input { name: name(path), bytes: read(path)? });
    }
    Ok(inputs)
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

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
