//! Named pipes: one end makes it, the other opens it by its name. Both ends are read and written at the same time, so every call is an
//! overlapped one: with the simple calls a read that waits holds up every write.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsHandle, AsRawHandle as _, BorrowedHandle, FromRawHandle as _, OwnedHandle};
use std::time::Duration;

use windows::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_IO_PENDING, ERROR_OPERATION_ABORTED, ERROR_PIPE_CONNECTED, ERROR_PIPE_NOT_CONNECTED, HANDLE,
    WAIT_OBJECT_0, WIN32_ERROR,
};
use windows::Win32::Security::Cryptography::{BCRYPT_USE_SYSTEM_PREFERRED_RNG, BCryptGenRandom};
use windows::Win32::Storage::FileSystem::{
    FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, FILE_READ_ATTRIBUTES, FILE_READ_DATA, FILE_WRITE_ATTRIBUTES,
    FILE_WRITE_DATA, PIPE_ACCESS_DUPLEX, ReadFile, SECURITY_IDENTIFICATION, SYNCHRONIZE, WriteFile,
};
use windows::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows::Win32::System::Pipes::{
    ConnectNamedPipe, CreateNamedPipeW, GetNamedPipeClientProcessId, GetNamedPipeServerProcessId, PIPE_READMODE_BYTE,
    PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_BYTE, PIPE_WAIT,
};
use windows::Win32::System::Threading::{CreateEventW, WaitForSingleObject};
use windows::core::{HSTRING, PCWSTR};

use super::security::Descriptor;
use super::{milliseconds, os_error};

/// What each direction holds before a writer waits, in bytes.
const BUFFER: u32 = 64 << 10;

/// What one who opens a pipe needs of it: to read and to write. The right to make another end of the same name is not among it.
pub const PIPE_USE: u32 = FILE_READ_DATA.0 | FILE_WRITE_DATA.0 | FILE_READ_ATTRIBUTES.0 | FILE_WRITE_ATTRIBUTES.0 | SYNCHRONIZE.0;

/// One end of a named pipe.
#[derive(Debug)]
pub struct Pipe(OwnedHandle);

impl Pipe {
    /// Makes a pipe of this name, the only one, for one other end on this computer, open to those whom the security descriptor names.
    ///
    /// # Errors
    /// Where the name is taken, or Windows refuses.
    pub fn create(name: &str, sddl: &str) -> io::Result<Self> {
        let descriptor = Descriptor::new(sddl)?;
        let attributes = descriptor.attributes();
        let access = PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED;
        let kind = PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS;
        let name = HSTRING::from(path(name));
        // SAFETY: the name ends with a zero, and the attributes and their descriptor live until the call is over.
        let handle = unsafe { CreateNamedPipeW(&name, access, kind, 1, BUFFER, BUFFER, 0, Some(&raw const attributes)) };
        if handle.is_invalid() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was just opened for us, and nobody else closes it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle.0) }))
    }

    /// Opens the other end. Whoever made the pipe learns who we are and cannot act in our name.
    ///
    /// # Errors
    /// Where there is no such pipe, its other end is taken, or we may not.
    pub fn open(name: &str) -> io::Result<Self> {
        OpenOptions::new()
            .access_mode(PIPE_USE)
            .custom_flags(FILE_FLAG_OVERLAPPED.0)
            .security_qos_flags(SECURITY_IDENTIFICATION.0)
            .open(path(name))
            .map(|file| Self(file.into()))
    }

    /// Waits for somebody to open the other end; whether somebody has.
    ///
    /// # Errors
    /// Where Windows refuses, or whoever opened it is gone already.
    pub fn accept(&self, limit: Duration) -> io::Result<bool> {
        // SAFETY: the state lives until the call is over (`overlapped` waits for that).
        let began = |state: *mut OVERLAPPED| unsafe { ConnectNamedPipe(self.raw(), Some(state)) };
        match self.overlapped(Some(limit), began) {
            Err(error) if is(&error, ERROR_PIPE_CONNECTED) => Ok(true),
            answer => Ok(answer?.is_some()),
        }
    }

    /// The number of the process that opened the other end.
    ///
    /// # Errors
    /// Where nobody has, or Windows does not tell.
    pub fn client(&self) -> io::Result<u32> {
        let mut pid = 0;
        // SAFETY: the handle is open, and the place for the answer is ours.
        unsafe { GetNamedPipeClientProcessId(self.raw(), &raw mut pid) }.map_err(os_error)?;
        Ok(pid)
    }

    /// The number of the process that made the pipe.
    ///
    /// # Errors
    /// Where Windows does not tell.
    pub fn server(&self) -> io::Result<u32> {
        let mut pid = 0;
        // SAFETY: the handle is open, and the place for the answer is ours.
        unsafe { GetNamedPipeServerProcessId(self.raw(), &raw mut pid) }.map_err(os_error)?;
        Ok(pid)
    }

    /// Reads what is there, or waits for it; 0 where the other end is gone. Without a limit it waits for ever.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] after the limit, or what Windows says.
    pub fn read_within(&self, buffer: &mut [u8], limit: Option<Duration>) -> io::Result<usize> {
        // SAFETY: buffer and state live until the call is over (`overlapped` waits for that).
        let began = |state: *mut OVERLAPPED| unsafe { ReadFile(self.raw(), Some(buffer), None, Some(state)) };
        match self.overlapped(limit, began) {
            Ok(Some(length)) => Ok(length),
            Ok(None) => Err(io::ErrorKind::TimedOut.into()),
            Err(error) if is(&error, ERROR_BROKEN_PIPE) || is(&error, ERROR_PIPE_NOT_CONNECTED) => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn raw(&self) -> HANDLE {
        HANDLE(self.0.as_raw_handle())
    }

    /// Begins a call and waits for its end; gives the bytes that it moved, `None` where the limit was over before. Nothing of it goes on
    /// after this returns.
    fn overlapped(
        &self,
        limit: Option<Duration>,
        begin: impl FnOnce(*mut OVERLAPPED) -> windows::core::Result<()>,
    ) -> io::Result<Option<usize>> {
        // SAFETY: this call has no conditions.
        let event = unsafe { CreateEventW(None, true, false, PCWSTR::null()) }.map_err(os_error)?;
        // SAFETY: the event was just made for us, and nobody else closes it.
        let _closed_at_the_end = unsafe { OwnedHandle::from_raw_handle(event.0) };
        let mut state = OVERLAPPED { hEvent: event, ..OVERLAPPED::default() };
        match begin(&raw mut state) {
            Err(error) if error.code() != ERROR_IO_PENDING.to_hresult() => return Err(os_error(error)),
            _ => {}
        }
        // SAFETY: the event is open until the end of this function.
        if unsafe { WaitForSingleObject(event, milliseconds(limit)) } != WAIT_OBJECT_0 {
            // SAFETY: the state is the one of this call. An error means that it has just ended: the result below tells.
            let _ended = unsafe { CancelIoEx(self.raw(), Some(&raw const state)) };
        }
        let mut moved = 0;
        // SAFETY: the state is the one of this call, and waiting makes sure that Windows is done with it and the buffer.
        match unsafe { GetOverlappedResult(self.raw(), &raw const state, &raw mut moved, true) } {
            Ok(()) => Ok(Some(usize::try_from(moved).unwrap_or_default())),
            Err(error) if error.code() == ERROR_OPERATION_ABORTED.to_hresult() => Ok(None),
            Err(error) => Err(os_error(error)),
        }
    }
}

impl AsHandle for Pipe {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

impl Read for &Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_within(buffer, None)
    }
}

impl Write for &Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: bytes and state live until the call is over (`overlapped` waits for that).
        let began = |state: *mut OVERLAPPED| unsafe { WriteFile(self.raw(), Some(bytes), None, Some(state)) };
        self.overlapped(None, began)?.ok_or_else(|| io::ErrorKind::Interrupted.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes that nobody can guess, from the system's own source, as hexadecimal digits.
///
/// # Errors
/// Where the source does not answer.
pub fn unguessable_name() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    // SAFETY: the buffer is ours, and the call gets its length.
    let status = unsafe { BCryptGenRandom(None, &mut bytes, BCRYPT_USE_SYSTEM_PREFERRED_RNG) };
    status.ok().map_err(os_error)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn path(name: &str) -> String {
    format!(r"\\.\pipe\{name}")
}

fn is(error: &io::Error, code: WIN32_ERROR) -> bool {
    error.raw_os_error().is_some_and(|own| own.cast_unsigned() == code.0)
}
