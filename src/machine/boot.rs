//! One run of a computer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One run of a computer, from one start to the next: two facts with the same one have no restart between them.
///
/// A container shares the kernel with its host, so the kernel's own number of the boot is not enough: the first process tells the runs of a
/// container apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Boot(String);

impl Boot {
    /// The run with this number of the kernel's, whose first process started then (in the system's own units).
    pub fn new(kernel: &str, first_process_started: u64) -> Self {
        Self(format!("{kernel}/{first_process_started}"))
    }
}

impl fmt::Display for Boot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
