//! The command line of a process.

use std::io;

use windows::Win32::Foundation::{HANDLE, NTSTATUS, RtlNtStatusToDosError, STATUS_INFO_LENGTH_MISMATCH, STATUS_SUCCESS};
use windows::core::{s, w};

use super::library;
use super::process::RunningProcess;
use crate::platform::windows_tables::unicode_string;

/// `ProcessCommandLineInformation`, since Windows 8.1: unlike the memory of the process it can be read with little rights.
const COMMAND_LINE: u32 = 60;
/// The longest command line that Windows passes on has 32,767 letters; its `UNICODE_STRING` stands before it.
const ROOM: u32 = 66_000;

type NtQueryInformationProcess =
    unsafe extern "system" fn(HANDLE, class: u32, information: *mut u64, length: u32, needed: *mut u32) -> NTSTATUS;

impl RunningProcess {
    /// What it was started with, as one text.
    ///
    /// # Errors
    /// Where this Windows is older, or does not tell.
    pub fn command_line(&self) -> io::Result<String> {
        let function = library::function(w!("ntdll.dll"), s!("NtQueryInformationProcess"))
            .ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))?;
        // SAFETY: this is the function's documented type.
        let query: NtQueryInformationProcess = unsafe { std::mem::transmute(function) };
        // Numbers of eight bytes, so that it is aligned for the record.
        let mut buffer = vec![0_u64; usize::try_from(ROOM).unwrap_or(0).div_ceil(8)];
        let start = buffer.as_mut_ptr();
        let mut needed = 0;
        // SAFETY: the handle is open; the buffer is ours and at least as long as told.
        match unsafe { query(self.raw(), COMMAND_LINE, start, ROOM, &raw mut needed) } {
            STATUS_SUCCESS => {}
            STATUS_INFO_LENGTH_MISMATCH => return Err(io::Error::other("the command line is longer than Windows allows")),
            // SAFETY: this call has no conditions.
            other => return Err(io::Error::from_raw_os_error(unsafe { RtlNtStatusToDosError(other) }.cast_signed())),
        }
        // SAFETY: every byte of the numbers is a byte of the slice.
        let bytes = unsafe { std::slice::from_raw_parts(start.cast_const().cast::<u8>(), buffer.len() * 8) };
        unicode_string::read(bytes, start.addr(), 0)
            .ok_or_else(|| io::Error::other("the command line that Windows gave is not whole"))
    }
}
