//! What the helper needs of Linux.

use std::env;

use rustix::fs::Mode;

use crate::helper::journal::{Asker, FileJournal, JournalError};
use crate::platform::linux::{remove_leftovers, user_name};

/// Leaves the surroundings of whoever started us: their folder, their file mode, their terminal.
pub fn prepare() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("the helper needs administrator rights; PortMedic starts it itself when a fix is applied".to_owned());
    }
    rustix::process::umask(Mode::from_raw_mode(0o022));
    rustix::process::chdir("/").map_err(|error| format!("could not go to the root folder: {error}"))?;
    // In a session of our own, closing the terminal or Ctrl+C does not end us in the middle of a step: whoever listens is gone then, and we
    // end after it. A process that already leads a group keeps its session, and such a group is not the terminal's foreground one.
    let _leads_already = rustix::process::setsid();
    Ok(())
}

/// Who it runs as.
pub fn user() -> String {
    user_name(rustix::process::geteuid().as_raw()).unwrap_or_else(|| "root".to_owned())
}

/// The journal. Whoever has it may also clean up after a helper that was killed.
pub fn open_journal() -> Result<FileJournal, JournalError> {
    let journal = FileJournal::system()?;
    remove_leftovers();
    Ok(journal)
}

/// Who asked. `pkexec` and `sudo` (and `run0`, as `sudo`) set these themselves.
pub fn asker() -> Asker {
    let number = |name: &str| env::var(name).ok()?.parse::<u32>().ok();
    let (uid, by) = match (number("PKEXEC_UID"), number("SUDO_UID")) {
        (Some(uid), _) => (Some(uid), "pkexec"),
        (None, Some(uid)) => (Some(uid), "sudo"),
        (None, None) => (Some(rustix::process::getuid().as_raw()), "root"),
    };
    Asker { uid, name: uid.and_then(user_name), by: by.to_owned() }
}
