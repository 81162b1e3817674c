//! One running process, by a handle: its number cannot be given to another while it is held.

use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::OsStringExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::PathBuf;
use std::time::Duration;

use windows::Win32::Foundation::{HANDLE, WAIT_OBJECT_0};
use windows::Win32::System::Threading::{
    GetExitCodeProcess, GetProcessId, OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    QueryFullProcessImageNameW, WaitForSingleObject,
};
use windows::core::PWSTR;

use super::{milliseconds, os_error};

/// A process that runs, or has run.
#[derive(Debug)]
pub struct RunningProcess(OwnedHandle);

impl RunningProcess {
    /// The process with this number.
    ///
    /// # Errors
    /// Where there is none, or this process may not look at it.
    pub fn open(pid: u32) -> io::Result<Self> {
        // SAFETY: this call has no conditions.
        let handle =
            unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE, false, pid) }.map_err(os_error)?;
        // SAFETY: the handle was just opened for us, and nobody else closes it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle.0) }))
    }

    /// The process behind a handle that Windows gave.
    pub(super) const fn of(handle: OwnedHandle) -> Self {
        Self(handle)
    }

    pub(super) fn raw(&self) -> HANDLE {
        HANDLE(self.0.as_raw_handle())
    }

    /// Its number; `None` where Windows does not tell.
    pub fn id(&self) -> Option<u32> {
        // SAFETY: the handle is open as long as this lives.
        Some(unsafe { GetProcessId(self.raw()) }).filter(|id| *id != 0)
    }

    /// The file that it runs.
    ///
    /// # Errors
    /// Where Windows does not tell.
    pub fn executable(&self) -> io::Result<PathBuf> {
        // The longest path that Windows knows.
        let mut name = vec![0_u16; 32_768];
        let mut length = 32_768;
        // SAFETY: the handle is open; the buffer is ours and as long as told.
        unsafe { QueryFullProcessImageNameW(self.raw(), PROCESS_NAME_WIN32, PWSTR(name.as_mut_ptr()), &raw mut length) }
            .map_err(os_error)?;
        name.truncate(usize::try_from(length).unwrap_or_default());
        Ok(OsString::from_wide(&name).into())
    }

    /// Waits for its end; whether it has ended. Without a limit it waits for ever.
    pub fn wait(&self, limit: Option<Duration>) -> bool {
        // SAFETY: the handle is open as long as this lives.
        unsafe { WaitForSingleObject(self.raw(), milliseconds(limit)) == WAIT_OBJECT_0 }
    }

    /// The code that it ended with; `None` while it runs, and where Windows does not tell.
    pub fn exit_code(&self) -> Option<u32> {
        let mut code = 0;
        // SAFETY: the handle is open, and the place for the answer is ours.
        let told = self.wait(Some(Duration::ZERO)) && unsafe { GetExitCodeProcess(self.raw(), &raw mut code) }.is_ok();
        told.then_some(code)
    }
}
