//! The list of all processes.

use std::collections::BTreeMap;
use std::io;

use windows::Wdk::System::SystemInformation::{NtQuerySystemInformation, SystemProcessInformation};
use windows::Win32::Foundation::{RtlNtStatusToDosError, STATUS_INFO_LENGTH_MISMATCH, STATUS_SUCCESS};

use crate::platform::windows_tables::processes::{Listed, list};

/// Room for the processes of a quiet computer with their threads, so that one call is enough.
const FIRST_ROOM: u32 = 512 << 10;
/// Room for processes that start between two calls.
const MORE_ROOM: u32 = 64 << 10;
const TRIES: usize = 20;

/// Every process by its number, whatever our rights: Windows tells name, parent and start of each to everybody.
///
/// # Errors
/// What Windows says where it does not tell.
pub fn processes() -> io::Result<BTreeMap<u32, Listed>> {
    let mut length = FIRST_ROOM;
    for _ in 0..TRIES {
        // Numbers of eight bytes, so that it is aligned for the records.
        let mut buffer = vec![0_u64; usize::try_from(length).unwrap_or(0).div_ceil(8)];
        let start = buffer.as_mut_ptr();
        let mut needed = 0;
        // SAFETY: the buffer is ours and at least as long as told.
        let status = unsafe { NtQuerySystemInformation(SystemProcessInformation, start.cast(), length, &raw mut needed) };
        match status {
            STATUS_SUCCESS => {
                // SAFETY: every byte of the numbers is a byte of the slice.
                let bytes = unsafe { std::slice::from_raw_parts(start.cast_const().cast::<u8>(), buffer.len() * 8) };
                return list(bytes, start.addr())
                    .ok_or_else(|| io::Error::other("the list of processes that Windows gave is not whole"));
            }
            STATUS_INFO_LENGTH_MISMATCH => length = needed.max(length).saturating_add(MORE_ROOM),
            // SAFETY: this call has no conditions.
            other => return Err(io::Error::from_raw_os_error(unsafe { RtlNtStatusToDosError(other) }.cast_signed())),
        }
    }
    Err(io::Error::other("the list of processes grew each time it was read"))
}
