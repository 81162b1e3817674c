//! What a step will run, as text that a person can check and type: in a POSIX shell on Linux, in PowerShell on Windows.

pub(super) mod linux;
pub(super) mod scheduled;
pub(super) mod windows;

use super::{Operation, PreviewKind};
use crate::machine::{Snapshot, System};

/// The exact command or call of `operation`, and which of the two it is. On Windows several commands stand one a line.
pub fn preview(operation: &Operation, snapshot: &Snapshot) -> (String, PreviewKind) {
    match snapshot.host.system {
        System::Linux => linux::preview(operation, snapshot),
        System::Windows => windows::preview(operation, snapshot),
    }
}
