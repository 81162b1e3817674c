//! Files that PortMedic keeps and later believes: the journal, the logs of the recorder. They are opened without following links, and refused
//! where others could have written them. Who keeps one says in its own words what that means.

mod lines;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::io;
use std::path::{Path, PathBuf};

pub use lines::{add_line, end_the_last_line};
#[cfg(target_os = "linux")]
pub use linux::{check_folder, is_link_error, lock, open_to_add, open_to_read};
#[cfg(windows)]
pub use windows::{
    FOLDER, KEPT_FROM_USERS, is_busy, is_link, lock, make_folder, make_private_folder, open_to_add, open_to_read, ordinary,
};

/// Why a file or folder is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// Something else than a folder has its name.
    NoFolder,
    /// It leads to another file.
    Link,
    /// It is no file, or a file with a second name.
    NoFileOfItsOwn,
    /// Others could have written it.
    OthersCanWrite,
    /// Others can read it.
    OthersCanRead,
}

impl Distrust {
    /// What it is, to stand after its path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoFolder => "is no folder",
            Self::Link => "is a link to another file",
            Self::NoFileOfItsOwn => "is no ordinary file of its own",
            Self::OthersCanRead => "can be read by others than the administrator",
            Self::OthersCanWrite => "can be written by others than the administrator",
        }
    }
}

/// Why a file could not be opened or made.
#[derive(Debug)]
pub enum KeptError {
    /// Another process has the lock.
    Busy,
    /// It is not trusted.
    Unsafe(PathBuf, Distrust),
    /// The system refused.
    Io(PathBuf, io::Error),
}

impl KeptError {
    fn io(path: &Path, error: io::Error) -> Self {
        Self::Io(path.to_owned(), error)
    }

    fn not_safe(path: &Path, why: Distrust) -> Self {
        Self::Unsafe(path.to_owned(), why)
    }
}
