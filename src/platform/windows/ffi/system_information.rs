//! What Windows tells of the whole computer, as the records that it writes.

use std::io;

use windows::Wdk::System::SystemInformation::{NtQuerySystemInformation, SYSTEM_INFORMATION_CLASS};
use windows::Win32::Foundation::{RtlNtStatusToDosError, STATUS_INFO_LENGTH_MISMATCH, STATUS_SUCCESS};

/// Room for what begins between two calls.
const MORE_ROOM: u32 = 64 << 10;
const TRIES: usize = 20;

/// Reads what Windows tells of `class`, which `read` gets with the place where it was written: some records point into themselves.
/// `room` is enough for a quiet computer, so that one call is; more than `most` bytes are not read.
///
/// # Errors
/// What Windows says where it does not tell, and where the answer is too long.
pub(super) fn system_information<T>(
    class: SYSTEM_INFORMATION_CLASS,
    room: u32,
    most: u32,
    read: impl FnOnce(&[u8], usize) -> T,
) -> io::Result<T> {
    let mut length = room;
    for _ in 0..TRIES {
        if length > most {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "there is more than PortMedic reads"));
        }
        // Numbers of eight bytes, so that it is aligned for the records.
        let mut buffer = vec![0_u64; usize::try_from(length).unwrap_or(0).div_ceil(8)];
        let start = buffer.as_mut_ptr();
        let mut needed = 0;
        // SAFETY: the buffer is ours and at least as long as told.
        let status = unsafe { NtQuerySystemInformation(class, start.cast(), length, &raw mut needed) };
        match status {
            STATUS_SUCCESS => {
                // SAFETY: every byte of the numbers is a byte of the slice.
                let bytes = unsafe { std::slice::from_raw_parts(start.cast_const().cast::<u8>(), buffer.len() * 8) };
                return Ok(read(bytes, start.addr()));
            }
            STATUS_INFO_LENGTH_MISMATCH => length = needed.max(length).saturating_add(MORE_ROOM),
            // SAFETY: this call has no conditions.
            other => return Err(io::Error::from_raw_os_error(unsafe { RtlNtStatusToDosError(other) }.cast_signed())),
        }
    }
    Err(io::Error::other("it grew each time it was read"))
}
