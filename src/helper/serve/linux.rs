//! What the helper needs of Linux.

use std::env;

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::helper::journal::{Asker, FileJournal, JournalError};
use crate::platform::linux::{remove_leftovers, user_name};

/// What whoever started us may have limited, and a prompt hands on to us, with what is enough; `None` is no limit. With a low one for files
/// the kernel ends the helper in the middle of whatever it writes.
const LIMITS: [(Resource, Option<u64>); 5] = [
    (Resource::Fsize, None),
    (Resource::Cpu, None),
    (Resource::As, None),
    (Resource::Data, None),
    (Resource::Nofile, Some(1024)),
];

/// Leaves the surroundings of whoever started us: their folder, their file mode, their limits, their terminal.
pub fn prepare() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("the helper needs administrator rights; PortMedic starts it itself when a fix is applied".to_owned());
    }
    rustix::process::umask(Mode::from_raw_mode(0o022));
    rustix::process::chdir("/").map_err(|error| format!("could not go to the root folder: {error}"))?;
    for (resource, enough) in LIMITS {
        lift(resource, enough);
    }
    // In a session of our own, closing the terminal or Ctrl+C does not end us in the middle of a step: whoever listens is gone then, and we
    // end after it. A process that already leads a group keeps its session, and such a group is not the terminal's foreground one.
    let _leads_already = rustix::process::setsid();
    Ok(())
}

/// Lifts a limit that is lower than `enough`, as far as the kernel lets us: root of a user namespace cannot go beyond what it was given.
fn lift(resource: Resource, enough: Option<u64>) {
    let Rlimit { current, maximum } = getrlimit(resource);
    let is_low = |limit: Option<u64>| limit.is_some_and(|limit| enough.is_none_or(|enough| limit < enough));
    if !is_low(current) {
        return;
    }
    let lifted = Rlimit { current: enough, maximum: if is_low(maximum) { enough } else { maximum } };
    if setrlimit(resource, lifted).is_err() {
        let _as_it_was = setrlimit(resource, Rlimit { current: maximum, maximum });
    }
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
