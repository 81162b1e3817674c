//! Ending a process, by the handle that means it and no other.

use std::io;
use std::os::windows::io::{FromRawHandle as _, OwnedHandle};

use windows::Win32::Foundation::FILETIME;
use windows::Win32::System::Threading::{
    GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE, TerminateProcess,
};

use super::os_error;
use super::process::RunningProcess;

/// What a process that was ended leaves as its exit code, as the task manager has it.
const ENDED: u32 = 1;

impl RunningProcess {
    /// The process with this number, to be ended.
    ///
    /// # Errors
    /// Where there is none (`ERROR_INVALID_PARAMETER`), or this process may not end it.
    pub fn open_to_end(pid: u32) -> io::Result<Self> {
        let rights = PROCESS_TERMINATE | PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE;
        // SAFETY: this call has no conditions.
        let handle = unsafe { OpenProcess(rights, false, pid) }.map_err(os_error)?;
        // SAFETY: the handle was just opened for us, and nobody else closes it.
        Ok(Self::of(unsafe { OwnedHandle::from_raw_handle(handle.0) }))
    }

    /// When it started, in 100 ns since 1601.
    ///
    /// # Errors
    /// Where Windows does not tell.
    pub fn started(&self) -> io::Result<u64> {
        let (mut started, mut other) = (FILETIME::default(), [FILETIME::default(); 3]);
        let [ended, kernel, user] = &mut other;
        // SAFETY: the handle is open, and the places for the answers are ours.
        unsafe { GetProcessTimes(self.raw(), &raw mut started, ended, kernel, user) }.map_err(os_error)?;
        Ok(u64::from(started.dwHighDateTime) << 32 | u64::from(started.dwLowDateTime))
    }

    /// Tells Windows to end it, and does not wait for that.
    ///
    /// # Errors
    /// Where it was not opened for that, or is over already.
    pub fn terminate(&self) -> io::Result<()> {
        // SAFETY: the handle is open. What the process did not finish is lost, which is known to whoever asks for it.
        unsafe { TerminateProcess(self.raw(), ENDED) }.map_err(os_error)
    }
}
