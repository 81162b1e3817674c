//! Starts a trace of the network by netsh, and stops it.
//!
//! netsh tells in the language of the display whether one runs; what counts is the name of its file, which stands there in every language.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::platform::PlatformError;
use crate::platform::kept_files::{KeptError, make_folder, make_private_folder};
use crate::platform::windows::{ffi, netsh};
use crate::remedy::paths::TRACE_FILE_WINDOWS;
use crate::remedy::{OperationState, TRACE_OPTIONS, TRACE_SCENARIO, TraceState};

/// How long netsh may take to end a trace: it waits until all is written.
const END_PATIENCE: Duration = Duration::from_mins(10);

/// See [`now`].
pub fn state() -> Result<OperationState, PlatformError> {
    Ok(OperationState::Trace { now: now()? })
}

/// Starts it, with its file where only administrators and the system read.
pub fn start() -> Result<(), PlatformError> {
    // That it is not refused is the check.
    now()?;
    let file = file()?;
    make_folders(&file).map_err(not_started)?;
    let to = format!("tracefile={}", file.display());
    let arguments: Vec<&str> = ["trace", "start", TRACE_SCENARIO].into_iter().chain(TRACE_OPTIONS).chain([to.as_str()]).collect();
    netsh::change(&arguments).map_err(not_started)
}

/// Stops it; one that does not run is no error. netsh has an exit code for an end that wants a restart of the computer as well, so what counts
/// is that it runs no more.
pub fn stop() -> Result<(), PlatformError> {
    if now()? == TraceState::Off {
        return Ok(());
    }
    let said = netsh::change_within(&["trace", "stop"], END_PATIENCE);
    if now()? == TraceState::Off {
        return Ok(());
    }
    let why = said.err().unwrap_or_else(|| "netsh reported success, and it still runs".to_owned());
    Err(PlatformError::Failed { what: "the trace could not be stopped".to_owned(), why })
}

fn not_started(why: String) -> PlatformError {
    PlatformError::Failed { what: "the trace could not be started".to_owned(), why }
}

/// The folder of PortMedic, which users may read, and that of traces in it, which they may not.
fn make_folders(file: &Path) -> Result<(), String> {
    let own = file.parent().and_then(|folder| Some((folder.parent()?, folder)));
    let Some((portmedic, traces)) = own else { return Err("it has no folder".to_owned()) };
    make_folder(portmedic).and_then(|()| make_private_folder(traces)).map_err(|error| match error {
        KeptError::Unsafe(path, why) => format!("{} {}", path.display(), why.as_str()),
        KeptError::Io(path, error) => format!("{}: {error}", path.display()),
        KeptError::Busy => "another process uses its folder".to_owned(),
    })
}

fn file() -> Result<PathBuf, PlatformError> {
    let programs = ffi::program_files().ok_or_else(|| PlatformError::Failed {
        what: "the file of the trace has no place".to_owned(),
        why: "Windows does not tell where the folder %ProgramFiles% is".to_owned(),
    })?;
    Ok(programs.join(TRACE_FILE_WINDOWS))
}

/// Whether our trace runs. Refuses where somebody else's does: Windows runs one at a time, and theirs is not ours to end.
fn now() -> Result<TraceState, PlatformError> {
    let said = netsh::ask(&["trace", "show", "status"])?;
    match read(&said.stdout, &file()?) {
        Some(Whose::Ours) => Ok(TraceState::Running),
        Some(Whose::Others) => Err(PlatformError::Refused(
            "somebody else's trace of the network runs, and Windows runs only one at a time; `netsh trace show status` tells its file"
                .to_owned(),
        )),
        // It says that none runs, or that the rights are missing, with the same exit code.
        Some(Whose::Nobodys) if !ffi::is_administrator() => Ok(TraceState::NotTold),
        Some(Whose::Nobodys) => Ok(TraceState::Off),
        None => Err(PlatformError::Failed {
            what: "\"netsh trace show status\" gave no answer".to_owned(),
            why: "it printed nothing".to_owned(),
        }),
    }
}

/// Whose trace runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Ours,
    Others,
    Nobodys,
}

/// What the status says: a trace has a file, and a line tells its name. `None` where nothing is said.
fn read(said: &str, own: &Path) -> Option<Whose> {
    let said = said.to_lowercase();
    let own = own.to_string_lossy().to_lowercase();
    if said.trim().is_empty() {
        None
    } else if said.contains(&own) {
        Some(Whose::Ours)
    } else if said.contains(".etl") {
        Some(Whose::Others)
    } else {
        Some(Whose::Nobodys)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Whose, read};

    fn of(said: &str) -> Option<Whose> {
        read(said, Path::new(r"C:\Program Files\PortMedic\trace\ports.etl"))
    }

    #[test]
    fn a_trace_is_known_by_its_file_in_any_language() {
        let own = "Konfiguration:\r\n---\r\nStatus:  L\u{e4}uft\r\nDatei:  c:\\program files\\PortMedic\\trace\\PORTS.ETL\r\n";
        assert_eq!(of(own), Some(Whose::Ours));
        assert_eq!(of("Status: Running\r\nTrace File: D:\\dumps\\NetTrace.etl\r\n"), Some(Whose::Others));
        assert_eq!(of("No session is in progress.\r\n"), Some(Whose::Nobodys));
        assert_eq!(of("\r\n"), None);
    }
}
