//! Ends one process: asks first, then makes it end.

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::machine::{ProcessId, visible};
use crate::platform::PlatformError;
use crate::platform::linux::protected;
use crate::platform::linux::ranges::kernel::error_of;
use crate::platform::linux::stat::Stat;
use crate::remedy::{OperationState, SECONDS_TO_END};

/// How long a process may take to end in its own way, and after that for the kernel to end it.
const PATIENCE: Duration = Duration::from_secs(SECONDS_TO_END);

/// Whether the process is there, with the same start time.
pub fn state(process: ProcessId) -> Result<OperationState, PlatformError> {
    Ok(OperationState::Process { alive: find(process)?.is_some() })
}

/// Refuses what must never be ended.
pub fn check(process: ProcessId) -> Result<(), PlatformError> {
    if process.pid <= 1 {
        return Err(PlatformError::Refused("the first process is never ended: the computer would go down with it".to_owned()));
    }
    match find(process)?.and_then(|found| protected::reason(&found).map(|why| (found, why))) {
        Some((found, why)) => {
            Err(PlatformError::Refused(format!("{} (PID {}) is not ended: {why}", visible(&found.name), process.pid)))
        }
        None => Ok(()),
    }
}

/// Asks the process to end, waits, and makes it end where it did not. A process that is gone already is no error.
pub fn end(process: ProcessId, name: &str) -> Result<(), PlatformError> {
    end_within(process, name, PATIENCE)
}

fn end_within(process: ProcessId, name: &str, patience: Duration) -> Result<(), PlatformError> {
    let what = || format!("could not end {} (PID {})", visible(name), process.pid);
    let Some(pid) = i32::try_from(process.pid).ok().and_then(Pid::from_raw) else {
        return Err(PlatformError::Refused(format!("{} is not the number of a process", process.pid)));
    };
    // From here on the handle means this process and no other, whoever gets its number later. What it means is checked after it is open.
    let handle = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(handle) => handle,
        Err(Errno::SRCH) => return Ok(()),
        Err(Errno::NOSYS) => {
            return Err(PlatformError::Refused(format!(
                "{}: this kernel cannot name a process beyond doubt (Linux 5.3 can); end it by hand",
                what()
            )));
        }
        Err(error) => return Err(error_of(what(), &error.into())),
    };
    check(process)?;
    if find(process)?.is_none() {
        return Ok(());
    }
    for signal in [Signal::TERM, Signal::KILL] {
        match pidfd_send_signal(&handle, signal) {
            Ok(()) => {}
            Err(Errno::SRCH) => return Ok(()),
            Err(error) => return Err(error_of(what(), &error.into())),
        }
        if is_over_within(&handle, patience).map_err(|error| error_of(what(), &error.into()))? {
            return Ok(());
        }
    }
    Err(PlatformError::Failed {
        what: what(),
        why: "the kernel has not ended it yet, most likely because it waits for a device or a network drive; its port is free when that \
              answers"
            .to_owned(),
    })
}

/// The process, where it is there and the same one; one that is over and waits for its parent to take note is not there.
fn find(process: ProcessId) -> Result<Option<Stat>, PlatformError> {
    let found = Stat::of(process.pid).map_err(|error| error_of(format!("could not look at PID {}", process.pid), &error))?;
    Ok(found.filter(|found| found.id == process && !found.over))
}

/// Waits until the handle tells that its process is over.
fn is_over_within(handle: &OwnedFd, limit: Duration) -> Result<bool, Errno> {
    let limit = Timespec::try_from(limit).map_err(|_| Errno::INVAL)?;
    loop {
        match poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&limit)) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::path::Path;
    use std::process::{Child, Stdio};
    use std::time::Duration;

    use super::{ProcessId, Stat, check, end, end_within, state};
    use crate::platform::command;
    use crate::remedy::OperationState;

    /// A shell that prints a line once `script` has been set up, and then waits for its input to end.
    fn shell(script: &str) -> (Child, ProcessId) {
        let mut command = command::program(Path::new("/bin/sh"));
        command.args(["-c", &format!("{script}; echo ready; read line")]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let id = Stat::of(child.id()).unwrap().unwrap().id;
        (child, id)
    }

    #[test]
    fn a_process_that_listens_to_reason_is_asked() {
        let (mut child, id) = shell("trap 'exit 7' TERM");
        assert_eq!(state(id).unwrap(), OperationState::Process { alive: true });
        end(id, "sh").unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(7), "it ended in its own way");
        assert_eq!(state(id).unwrap(), OperationState::Process { alive: false });
    }

    #[test]
    fn a_process_that_does_not_listen_is_ended_all_the_same() {
        let (mut child, id) = shell("trap '' TERM");
        end_within(id, "sh", Duration::from_millis(50)).unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "a signal ended it");
    }

    #[test]
    fn another_process_with_the_same_number_is_not_touched() {
        let (mut child, id) = shell("true");
        let earlier = ProcessId { started: id.started - 1, ..id };
        end(earlier, "sh").unwrap();
        assert_eq!(child.try_wait().unwrap(), None, "it lives on");
        end(id, "sh").unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_process_that_is_gone_is_no_error() {
        let (mut child, id) = shell("true");
        drop(child.stdin.take());
        child.wait().unwrap();
        end(id, "sh").unwrap();
    }

    #[test]
    fn the_first_process_and_we_ourselves_are_refused() {
        let first = Stat::of(1).unwrap().unwrap().id;
        assert!(check(first).is_err() && end(first, "init").is_err());
        let own = Stat::of(std::process::id()).unwrap().unwrap().id;
        assert!(end(own, "test").is_err());
    }
}
