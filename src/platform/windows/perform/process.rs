//! Ends one process: asks its windows to close first, then makes it end.

use std::io;
use std::time::Duration;

use windows::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER};

use crate::machine::{ProcessId, SYSTEM_PID, visible};
use crate::platform::PlatformError;
use crate::platform::windows::ffi::{self, RunningProcess};
use crate::platform::windows::{processes, protected};
use crate::platform::windows_tables::processes::Listed;
use crate::remedy::OperationState;

/// How long a process may take to close its windows, and after that for Windows to end it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Refuses what must never be ended.
pub fn check(process: ProcessId) -> Result<(), PlatformError> {
    if process.pid <= SYSTEM_PID {
        return Err(PlatformError::Refused(format!("PID {} is not ended: it is Windows itself", process.pid)));
    }
    match find(process)? {
        Some((name, Some(why))) => {
            Err(PlatformError::Refused(format!("{} (PID {}) is not ended: {why}", visible(&name), process.pid)))
        }
        _ => Ok(()),
    }
}

/// Whether the process is there, with the same start time.
pub fn state(process: ProcessId) -> Result<OperationState, PlatformError> {
    Ok(OperationState::Process { alive: find(process)?.is_some() })
}

/// Ends the process, and waits until it is gone. A process that is gone already is no error.
pub fn end(process: ProcessId, name: &str) -> Result<(), PlatformError> {
    end_within(process, name, PATIENCE)
}

fn end_within(process: ProcessId, name: &str, patience: Duration) -> Result<(), PlatformError> {
    let what = || format!("could not end {} (PID {})", visible(name), process.pid);
    let could_not = |error: io::Error| {
        if is(&error, ERROR_ACCESS_DENIED.0) {
            PlatformError::NotPermitted { what: what(), why: error.to_string() }
        } else {
            PlatformError::Failed { what: what(), why: error.to_string() }
        }
    };
    check(process)?;
    // From here on the handle means this process and no other, whoever gets its number later. What it means is checked after it is open.
    let handle = match RunningProcess::open_to_end(process.pid) {
        Ok(handle) => handle,
        Err(error) if is(&error, ERROR_INVALID_PARAMETER.0) => return Ok(()),
        Err(error) => return Err(could_not(error)),
    };
    if handle.started().map_err(could_not)? != process.started || handle.wait(Some(Duration::ZERO)) {
        return Ok(());
    }
    if ffi::ask_to_close(process.pid) && handle.wait(Some(patience)) {
        return Ok(());
    }
    match handle.terminate() {
        Ok(()) => {}
        // It has ended meanwhile.
        Err(_) if handle.wait(Some(Duration::ZERO)) => return Ok(()),
        Err(error) => return Err(could_not(error)),
    }
    if handle.wait(Some(patience)) {
        return Ok(());
    }
    Err(PlatformError::Failed {
        what: what(),
        why: "Windows has not ended it yet, most likely because it waits for a device or a network drive; its port is free when that \
              answers"
            .to_owned(),
    })
}

/// The name of the process and why it must not be ended, where it is there and the same one.
fn find(process: ProcessId) -> Result<Option<(String, Option<String>)>, PlatformError> {
    let all = ffi::processes().map_err(|error| PlatformError::Failed {
        what: format!("could not look at PID {}", process.pid),
        why: error.to_string(),
    })?;
    let same = |listed: &&Listed| listed.started == process.started;
    Ok(all.get(&process.pid).filter(same).map(|listed| {
        let ancestors = processes::ancestors(&all, std::process::id());
        (listed.name.clone(), protected::reason(listed, &ancestors))
    }))
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code.cast_signed())
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Stdio};

    use super::{ProcessId, check, end, state};
    use crate::platform::windows::ffi;
    use crate::platform::{PlatformError, command};
    use crate::remedy::OperationState;

    /// A program that waits for its input.
    fn waiting() -> (Child, ProcessId) {
        let child = command::tool("cmd").unwrap().args(["/c", "pause"]).stdin(Stdio::piped()).spawn().unwrap();
        let id = ProcessId { pid: child.id(), started: ffi::processes().unwrap()[&child.id()].started };
        (child, id)
    }

    #[test]
    fn a_process_is_ended_and_seen_to_be_gone() {
        let (mut child, id) = waiting();
        assert_eq!(state(id).unwrap(), OperationState::Process { alive: true });
        end(id, "cmd.exe").unwrap();
        assert!(child.try_wait().unwrap().is_some(), "it has ended");
        assert_eq!(state(id).unwrap(), OperationState::Process { alive: false });
        end(id, "cmd.exe").unwrap();
    }

    #[test]
    fn another_process_with_the_same_number_is_not_touched() {
        let (mut child, id) = waiting();
        let earlier = ProcessId { started: id.started - 1, ..id };
        assert_eq!(state(earlier).unwrap(), OperationState::Process { alive: false });
        end(earlier, "cmd.exe").unwrap();
        assert_eq!(child.try_wait().unwrap(), None, "it lives on");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn windows_and_we_ourselves_are_refused() {
        let own = std::process::id();
        let own = ProcessId { pid: own, started: ffi::processes().unwrap()[&own].started };
        for id in [own, ProcessId { pid: 4, started: 0 }, ProcessId { pid: 0, started: 0 }] {
            let refused = |answer: Result<(), PlatformError>| matches!(answer, Err(PlatformError::Refused(_)));
            assert!(refused(check(id)) && refused(end(id, "portmedic.exe")), "{id:?}");
        }
    }
}
