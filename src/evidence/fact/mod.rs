//! The facts that files tell, each with its place. Their keys in JSON are those of `analyze --json`.

mod failure;
mod name;
mod range;
mod socket;

use serde::Serialize;

pub use failure::{FailedService, Failure, NETSH, TCPIP};
pub use name::{Name, Names};
pub use range::{ExcludedRange, StatedRange};
pub use socket::{Address, HolderCount, ProcessNamed, SocketRow};

use super::kind::Kind;
use super::text::Encoding;

/// Where a fact stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The name of the file.
    pub file: Name,
    /// The first line, from 1.
    pub line: u32,
    /// The last line.
    pub line_end: u32,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRead {
    /// Its name.
    pub name: Name,
    /// What it mainly holds.
    pub kind: Kind,
    /// How its bytes are encoded.
    pub encoding: Encoding,
    /// What could not be read of it.
    pub problems: Vec<Problem>,
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line, from 1; `None` where the whole file is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Why, and what to do, in one plain sentence without a full stop.
    pub because: String,
}

/// Where another look in time, or another computer, begins in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionStart {
    /// Its first line.
    pub place: Place,
    /// The time or the computer's name, as it is written there; empty for a look of which the time is not told.
    pub name: String,
}

/// Everything that files tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The files, in their order.
    pub files: Vec<FileRead>,
    /// Dynamic port ranges.
    pub dynamic_ranges: Vec<StatedRange>,
    /// Excluded port ranges.
    pub excluded_ranges: Vec<ExcludedRange>,
    /// Rows of socket tables, in the order of the files.
    pub sockets: Vec<SocketRow>,
    /// What processes are called, and which services run in them.
    pub processes: Vec<ProcessNamed>,
    /// How many sockets a process has in a state, where the file counts them itself.
    pub counted: Vec<HolderCount>,
    /// What went wrong: one for each product, port, protocol and cause.
    pub failures: Vec<Failure>,
    /// Services and units that failed.
    pub failed_services: Vec<FailedService>,
    /// The looks in time, where a file has several. A fact belongs to the last one that begins before it in its file.
    pub samples: Vec<SectionStart>,
    /// The computers, where a file tells of several. A fact belongs to the last one that begins before it in its file.
    pub machines: Vec<SectionStart>,
    known: failure::Known,
}

impl Reading {
    /// What the files hold together: the kind that all have in common.
    pub fn kind(&self) -> Kind {
        common(self.files.iter().map(|file| file.kind)).unwrap_or(Kind::Mixed)
    }

    /// The encoding that all files have in common.
    pub fn encoding(&self) -> Encoding {
        let telling = || self.files.iter().map(|file| file.encoding).filter(|encoding| *encoding != Encoding::Ascii);
        match telling().next() {
            None => {
                if self.files.is_empty() {
                    Encoding::Unknown
                } else {
                    Encoding::Ascii
                }
            }
            Some(_) => common(telling()).unwrap_or(Encoding::Mixed),
        }
    }
}

/// The one value that all have; `None` where they differ or there is none.
fn common<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}
