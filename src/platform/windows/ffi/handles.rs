//! The handles of all processes, and what device the file behind one is of.

use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use windows::Wdk::Storage::FileSystem::{FileVolumeNameInformation, NtQueryInformationFile};
use windows::Wdk::System::SystemInformation::SYSTEM_INFORMATION_CLASS;
use windows::Win32::Foundation::{
    DUPLICATE_SAME_ACCESS, DuplicateHandle, ERROR_INVALID_HANDLE, HANDLE, RtlNtStatusToDosError, STATUS_BUFFER_OVERFLOW,
    STATUS_SUCCESS,
};
use windows::Win32::System::IO::IO_STATUS_BLOCK;
use windows::Win32::System::Threading::{GetCurrentProcess, OpenProcess, PROCESS_DUP_HANDLE};
use windows::core::HRESULT;

use super::os_error;
use super::system_information::system_information;

/// `SystemExtendedHandleInformation`. Not documented; the name is that of phnt.
const EVERY_HANDLE: SYSTEM_INFORMATION_CLASS = SYSTEM_INFORMATION_CLASS(64);
/// Room for a hundred thousand handles; a quiet computer has fewer.
const FIRST_ROOM: u32 = 4 << 20;
/// Room for a million and a half.
const MOST_ROOM: u32 = 64 << 20;

/// Reads the table of the handles of all processes, as Windows writes it.
///
/// # Errors
/// What Windows says where it does not tell, and where there are more than a million and a half.
pub fn with_all_handles<T>(read: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
    system_information(EVERY_HANDLE, FIRST_ROOM, MOST_ROOM, |bytes, _| read(bytes))
}

/// A process whose handles may be looked at.
#[derive(Debug)]
pub struct HandlesOf(OwnedHandle);

impl HandlesOf {
    /// The process with this number.
    ///
    /// # Errors
    /// Where there is none, or this process may not look at its handles.
    pub fn open(pid: u32) -> io::Result<Self> {
        // SAFETY: this call has no conditions.
        let process = unsafe { OpenProcess(PROCESS_DUP_HANDLE, false, pid) }.map_err(os_error)?;
        // SAFETY: the handle was just opened for us, and nobody else closes it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(process.0) }))
    }

    /// The device of the file behind a handle, as `FILE_VOLUME_NAME_INFORMATION`; nothing where the process has closed the handle
    /// meanwhile. System Informer asks the same (`PhAfdIsSocketHandle`). The question cannot wait for what the process does with the
    /// file: it is answered from the object itself, without its lock and without its driver. Questions for the name of a file
    /// (`NtQueryObject`) and for its kind (`GetFileType`) can, and for ever.
    ///
    /// # Errors
    /// What Windows says where it does not tell.
    pub fn device(&self, handle: usize) -> io::Result<Vec<u8>> {
        let process = HANDLE(self.0.as_raw_handle());
        let mut copy = HANDLE::default();
        let theirs = HANDLE(std::ptr::with_exposed_provenance_mut(handle));
        // SAFETY: the process is open, ours needs no handle, and the place for the answer is ours.
        let copied =
            unsafe { DuplicateHandle(process, theirs, GetCurrentProcess(), &raw mut copy, 0, false, DUPLICATE_SAME_ACCESS) };
        match copied {
            Err(error) if error.code() == HRESULT::from_win32(ERROR_INVALID_HANDLE.0) => return Ok(Vec::new()),
            answer => answer.map_err(os_error)?,
        }
        // SAFETY: the copy was just made for us, and nobody else closes it.
        let copy = unsafe { OwnedHandle::from_raw_handle(copy.0) };
        let mut state = IO_STATUS_BLOCK::default();
        // Numbers of four bytes, so that it is aligned for the record.
        let mut told = [0_u32; 64];
        let length = u32::try_from(size_of_val(&told)).unwrap_or(0);
        let (file, place) = (HANDLE(copy.as_raw_handle()), told.as_mut_ptr().cast());
        // SAFETY: the copy is open; the places for the answer are ours and as long as told.
        match unsafe { NtQueryInformationFile(file, &raw mut state, place, length, FileVolumeNameInformation) } {
            // A name that is too long is told as far as there is room.
            STATUS_SUCCESS | STATUS_BUFFER_OVERFLOW => Ok(told.into_iter().flat_map(u32::to_le_bytes).collect()),
            // SAFETY: this call has no conditions.
            other => Err(io::Error::from_raw_os_error(unsafe { RtlNtStatusToDosError(other) }.cast_signed())),
        }
    }
}
