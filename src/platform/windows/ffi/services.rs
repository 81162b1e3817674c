//! The service control manager.

use std::io;
use std::slice;

use windows::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, ERROR_MORE_DATA, WIN32_ERROR};
use windows::Win32::System::Services::{
    CloseServiceHandle, ControlService, ENUM_SERVICE_STATUS_PROCESSW, ENUM_SERVICE_TYPE, EnumServicesStatusExW, OpenSCManagerW,
    OpenServiceW, QUERY_SERVICE_CONFIGW, QueryServiceConfig2W, QueryServiceConfigW, QueryServiceStatusEx, SC_ENUM_PROCESS_INFO,
    SC_HANDLE, SC_MANAGER_CONNECT, SC_MANAGER_ENUMERATE_SERVICE, SC_STATUS_PROCESS_INFO, SERVICE_ACCEPT_STOP,
    SERVICE_CONFIG_DELAYED_AUTO_START_INFO, SERVICE_CONTROL_STOP, SERVICE_DELAYED_AUTO_START_INFO, SERVICE_DRIVER,
    SERVICE_QUERY_CONFIG, SERVICE_QUERY_STATUS, SERVICE_START, SERVICE_STATE_ALL, SERVICE_STATUS, SERVICE_STATUS_PROCESS,
    SERVICE_STOP, SERVICE_WIN32, StartServiceW,
};
use windows::core::{HSTRING, PCWSTR, PWSTR};

use super::os_error;
use crate::platform::windows_text::services::record::{Config, Phase, StartType, Status};

/// The character in front of a dependency that is a group of services, not a service (`SC_GROUP_IDENTIFIER`).
const GROUP: char = '+';

/// What is to be done with a service; Windows asks for the right to it when the service is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Reading its state.
    Status,
    /// Reading its state and how it is set up.
    Look,
    /// Starting it, and reading its state.
    Start,
    /// Stopping it, and reading its state.
    Stop,
}

/// A handle of the service control manager, closed when it goes.
#[derive(Debug)]
struct Handle(SC_HANDLE);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and open; nobody uses it afterwards.
        let closed = unsafe { CloseServiceHandle(self.0) };
        debug_assert!(closed.is_ok(), "a handle of our own can be closed");
    }
}

/// A connection to the service control manager of this computer.
#[derive(Debug)]
pub struct ServiceManager(Handle);

impl ServiceManager {
    /// Connects, with the rights that every user has.
    pub fn open() -> io::Result<Self> {
        let rights = SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE;
        // SAFETY: without names it is the manager of this computer.
        let handle = unsafe { OpenSCManagerW(PCWSTR::null(), PCWSTR::null(), rights) }.map_err(os_error)?;
        Ok(Self(Handle(handle)))
    }

    /// Every service that is a program: name, displayed name and state.
    pub fn services(&self) -> io::Result<Vec<(String, String, Status)>> {
        self.list(SERVICE_WIN32)
    }

    /// Every service that is a driver, such as HTTP and winnat.
    pub fn drivers(&self) -> io::Result<Vec<(String, String, Status)>> {
        self.list(SERVICE_DRIVER)
    }

    /// The whole list at once, never piece by piece: services may come and go between two pieces.
    fn list(&self, kind: ENUM_SERVICE_TYPE) -> io::Result<Vec<(String, String, Status)>> {
        let mut buffer = Buffer::new(64 << 10);
        loop {
            let (mut needed, mut count) = (0, 0);
            // SAFETY: the buffer is ours, aligned for the records, and the call gets its length.
            let listed = unsafe {
                EnumServicesStatusExW(
                    self.0.0,
                    SC_ENUM_PROCESS_INFO,
                    kind,
                    SERVICE_STATE_ALL,
                    Some(buffer.bytes()),
                    &raw mut needed,
                    &raw mut count,
                    None,
                    PCWSTR::null(),
                )
            };
            match listed {
                Ok(()) => {
                    let count = usize::try_from(count).unwrap_or(0);
                    // SAFETY: the call has written so many records at the start of the buffer.
                    let rows = unsafe { slice::from_raw_parts(buffer.start::<ENUM_SERVICE_STATUS_PROCESSW>(), count) };
                    return Ok(rows.iter().filter_map(row).collect());
                }
                // What is missing comes on top of what fits.
                Err(error) if is(&error, ERROR_MORE_DATA) => buffer = buffer.larger_by(needed),
                Err(error) => return Err(os_error(error)),
            }
        }
    }

    /// Opens a service. A name that no service has is `ERROR_SERVICE_DOES_NOT_EXIST` (1060).
    pub fn service(&self, name: &str, right: Right) -> io::Result<Service> {
        let rights = match right {
            Right::Status => SERVICE_QUERY_STATUS,
            Right::Look => SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG,
            Right::Start => SERVICE_QUERY_STATUS | SERVICE_START,
            Right::Stop => SERVICE_QUERY_STATUS | SERVICE_STOP,
        };
        // SAFETY: the manager is open, and the name ends with a zero.
        let handle = unsafe { OpenServiceW(self.0.0, &HSTRING::from(name), rights) }.map_err(os_error)?;
        Ok(Service(Handle(handle)))
    }
}

/// An open service.
#[derive(Debug)]
pub struct Service(Handle);

impl Service {
    /// Its state.
    pub fn status(&self) -> io::Result<Status> {
        let mut buffer = Buffer::new(size_of::<SERVICE_STATUS_PROCESS>());
        let mut needed = 0;
        // SAFETY: the buffer is ours, and as large as the record.
        unsafe { QueryServiceStatusEx(self.0.0, SC_STATUS_PROCESS_INFO, Some(buffer.bytes()), &raw mut needed) }
            .map_err(os_error)?;
        // SAFETY: the call has filled the record.
        let status = unsafe { &*buffer.start::<SERVICE_STATUS_PROCESS>() };
        status_of(status).ok_or_else(|| io::Error::other("Windows names a state of services that is not known"))
    }

    /// How it is set up.
    pub fn config(&self) -> io::Result<Config> {
        let mut buffer = Buffer::new(8 << 10);
        loop {
            let mut needed = 0;
            let size = u32::try_from(buffer.bytes().len()).unwrap_or(u32::MAX);
            // SAFETY: the buffer is ours, aligned for the record, and the call gets its length.
            let read = unsafe { QueryServiceConfigW(self.0.0, Some(buffer.start_mut()), size, &raw mut needed) };
            match read {
                Ok(()) => break,
                Err(error) if is(&error, ERROR_INSUFFICIENT_BUFFER) => buffer = buffer.larger_by(needed),
                Err(error) => return Err(os_error(error)),
            }
        }
        // SAFETY: the call has filled the record; its texts lie in the same buffer.
        let config = unsafe { &*buffer.start::<QUERY_SERVICE_CONFIGW>() };
        let start_type = StartType::of_number(config.dwStartType.0, self.is_delayed())
            .ok_or_else(|| io::Error::other("Windows names a start type that is not known"))?;
        Ok(Config {
            start_type,
            command_line: text(config.lpBinaryPathName),
            account: text(config.lpServiceStartName),
            dependencies: list(config.lpDependencies).into_iter().filter(|name| !name.starts_with(GROUP)).collect(),
        })
    }

    /// Whether an automatic service starts some minutes after the computer. An old Windows knows no such thing.
    fn is_delayed(&self) -> bool {
        let mut buffer = Buffer::new(size_of::<SERVICE_DELAYED_AUTO_START_INFO>());
        let mut needed = 0;
        // SAFETY: the buffer is ours, and as large as the record.
        let read = unsafe {
            QueryServiceConfig2W(self.0.0, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, Some(buffer.bytes()), &raw mut needed)
        };
        // SAFETY: the call has filled the record where it says so; otherwise it is zero.
        read.is_ok() && unsafe { &*buffer.start::<SERVICE_DELAYED_AUTO_START_INFO>() }.fDelayedAutostart.as_bool()
    }

    /// Tells Windows to start it, and does not wait for that.
    pub fn start(&self) -> io::Result<()> {
        // SAFETY: the service is open with the right to it.
        unsafe { StartServiceW(self.0.0, None) }.map_err(os_error)
    }

    /// Tells it to stop, and does not wait for that.
    pub fn stop(&self) -> io::Result<()> {
        let mut status = SERVICE_STATUS::default();
        // SAFETY: the service is open with the right to it, and the record is ours.
        unsafe { ControlService(self.0.0, SERVICE_CONTROL_STOP, &raw mut status) }.map_err(os_error)
    }
}

/// A buffer that is aligned for every record.
struct Buffer(Vec<u64>);

impl Buffer {
    fn new(bytes: usize) -> Self {
        Self(vec![0; bytes.div_ceil(8)])
    }

    fn larger_by(&self, bytes: u32) -> Self {
        Self::new(self.0.len() * 8 + usize::try_from(bytes).unwrap_or(0) + (4 << 10))
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: every byte of the numbers is a byte of the slice.
        unsafe { slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), self.0.len() * 8) }
    }

    fn start<T>(&self) -> *const T {
        self.0.as_ptr().cast()
    }

    fn start_mut<T>(&mut self) -> *mut T {
        self.0.as_mut_ptr().cast()
    }
}

fn row(row: &ENUM_SERVICE_STATUS_PROCESSW) -> Option<(String, String, Status)> {
    Some((text(row.lpServiceName), text(row.lpDisplayName), status_of(&row.ServiceStatusProcess)?))
}

fn status_of(status: &SERVICE_STATUS_PROCESS) -> Option<Status> {
    Some(Status {
        phase: Phase::of_number(status.dwCurrentState.0)?,
        exit_code: status.dwWin32ExitCode,
        own_exit_code: status.dwServiceSpecificExitCode,
        checkpoint: status.dwCheckPoint,
        wait_hint_ms: status.dwWaitHint,
        pid: Some(status.dwProcessId).filter(|pid| *pid != 0),
        accepts_stop: status.dwControlsAccepted & SERVICE_ACCEPT_STOP != 0,
    })
}

/// A text that the service control manager has written into a buffer that is still there.
fn text(text: PWSTR) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: it ends with a zero.
    String::from_utf16_lossy(unsafe { text.as_wide() })
}

/// Several texts, one behind the other, with an empty one at the end.
fn list(texts: PWSTR) -> Vec<String> {
    let mut found = Vec::new();
    let mut next = texts;
    loop {
        let one = text(next);
        if one.is_empty() {
            return found;
        }
        // SAFETY: behind the zero of a text that is not empty comes the next one, at least the empty one.
        next = PWSTR(unsafe { next.0.add(next.as_wide().len() + 1) });
        found.push(one);
    }
}

fn is(error: &windows::core::Error, code: WIN32_ERROR) -> bool {
    error.code() == code.to_hresult()
}
