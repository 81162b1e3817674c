//! A service for tests: this test program itself, which the service control manager starts.
#![expect(unsafe_code, reason = "the protocol of services has no safe interface")]

use std::ffi::c_void;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, OnceLock, mpsc};
use std::time::{Duration, Instant};

use windows::Win32::System::Services::{
    CloseServiceHandle, ControlService, CreateServiceW, DeleteService, OpenSCManagerW, OpenServiceW, QueryServiceStatus,
    RegisterServiceCtrlHandlerExW, SC_HANDLE, SC_MANAGER_ALL_ACCESS, SERVICE_ACCEPT_STOP, SERVICE_ALL_ACCESS, SERVICE_AUTO_START,
    SERVICE_CONTROL_STOP, SERVICE_ERROR_NORMAL, SERVICE_RUNNING, SERVICE_START_PENDING, SERVICE_STATUS,
    SERVICE_STATUS_CURRENT_STATE, SERVICE_STATUS_HANDLE, SERVICE_STOPPED, SERVICE_TABLE_ENTRYW, SERVICE_WIN32_OWN_PROCESS,
    SetServiceStatus, StartServiceCtrlDispatcherW, StartServiceW,
};
use windows::core::{HSTRING, PCWSTR, PWSTR, w};

use crate::answer::EXECUTABLE;

/// The argument of a service that ends with an error as soon as it listens.
const ENDS: &str = "ends";
/// That error: access is denied.
const ACCESS_DENIED: u32 = 5;

/// The service control manager, open as long as the tests run: Wine mixes up the handles of programs that connect several times at once.
static MANAGER: LazyLock<Handle> = LazyLock::new(|| {
    // SAFETY: without names it is the manager of this computer.
    Handle(unsafe { OpenSCManagerW(PCWSTR::null(), PCWSTR::null(), SC_MANAGER_ALL_ACCESS) }.unwrap())
});

/// An open handle. Windows lets every thread use it.
struct Handle(SC_HANDLE);

// SAFETY: a handle is a number, and belongs to the whole program.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and open; nobody uses it afterwards.
        let _closed = unsafe { CloseServiceHandle(self.0) };
    }
}

/// An installed service, removed when it goes.
pub struct Installed(Handle);

impl Installed {
    /// Installs an automatic service that listens on `port`, and needs the services `needs`. It does not start.
    pub fn new(name: &str, port: u16, needs: &[&str]) -> Self {
        Self::with(name, &format!("0.0.0.0:{port}"), needs)
    }

    /// Installs one that listens on `port` and then ends with an error, whoever has the port.
    pub fn that_ends(name: &str, port: u16) -> Self {
        Self::with(name, &format!("0.0.0.0:{port} {ENDS}"), &[])
    }

    fn with(name: &str, arguments: &str, needs: &[&str]) -> Self {
        // SAFETY: the manager is open, and the name ends with a zero.
        if let Ok(old) = unsafe { OpenServiceW(MANAGER.0, &HSTRING::from(name), SERVICE_ALL_ACCESS) } {
            // A test that was ended from outside has left it behind.
            drop(Self(Handle(old)));
        }
        // What the test harness does not know is one more name of a test, and no test is called so.
        let command =
            format!("\"{}\" --exact support::service::program_of_service --ignored {arguments}", program(name).display());
        let needs: Vec<u16> = needs.iter().flat_map(|name| name.encode_utf16().chain([0])).chain([0]).collect();
        // SAFETY: every text ends with a zero and lives until the call is over.
        let service = unsafe {
            CreateServiceW(
                MANAGER.0,
                &HSTRING::from(name),
                &HSTRING::from(format!("{name} of a test")),
                SERVICE_ALL_ACCESS,
                SERVICE_WIN32_OWN_PROCESS,
                SERVICE_AUTO_START,
                SERVICE_ERROR_NORMAL,
                &HSTRING::from(command),
                PCWSTR::null(),
                None,
                PCWSTR(needs.as_ptr()),
                PCWSTR::null(),
                PCWSTR::null(),
            )
        };
        Self(Handle(service.unwrap()))
    }

    /// Starts it, and waits until it runs or has ended.
    pub fn start(&self) {
        // SAFETY: the handle is open.
        unsafe { StartServiceW(self.0.0, None) }.unwrap();
        self.wait_while(SERVICE_START_PENDING);
    }

    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.state() == SERVICE_RUNNING
    }

    fn wait_while(&self, pending: SERVICE_STATUS_CURRENT_STATE) {
        let begin = Instant::now();
        while self.state() == pending {
            assert!(begin.elapsed() < Duration::from_secs(30), "the service does not go on");
            std::thread::yield_now();
        }
    }

    fn state(&self) -> SERVICE_STATUS_CURRENT_STATE {
        let mut status = SERVICE_STATUS::default();
        // SAFETY: the handle is open, and the record is ours.
        unsafe { QueryServiceStatus(self.0.0, &raw mut status) }.unwrap();
        status.dwCurrentState
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        let mut status = SERVICE_STATUS::default();
        // SAFETY: the handle is open, and the record is ours. A service that does not run cannot be stopped, which is as good; a test
        // that fails already is not to end the others with it.
        unsafe {
            let _stopped = ControlService(self.0.0, SERVICE_CONTROL_STOP, &raw mut status);
            let _deleted = DeleteService(self.0.0);
        }
    }
}

/// This test program under the name of a service, so that every service is a program of its own. Windows removes no other name of a
/// program that runs, so it stays for the next tests, which replace it when they are another program.
fn program(name: &str) -> PathBuf {
    let file = EXECUTABLE.with_file_name(name).with_extension("exe");
    let _old = fs::remove_file(&file);
    if !file.exists() {
        let own = std::env::current_exe().unwrap();
        fs::hard_link(&own, &file).or_else(|_| fs::copy(&own, &file).map(drop)).unwrap();
    }
    file
}

/// A port that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port()
}

/// The service itself: the service control manager starts it.
#[test]
#[ignore = "only the service control manager can run it"]
fn program_of_service() {
    let mut name: Vec<u16> = "portmedic-test\0".encode_utf16().collect();
    let table = [
        SERVICE_TABLE_ENTRYW { lpServiceName: PWSTR(name.as_mut_ptr()), lpServiceProc: Some(service_main) },
        SERVICE_TABLE_ENTRYW::default(),
    ];
    // SAFETY: the table ends with an empty entry, and lives until the service ends.
    unsafe { StartServiceCtrlDispatcherW(table.as_ptr()) }.unwrap();
}

/// Told when the service is to stop.
static STOP: OnceLock<Mutex<mpsc::Sender<()>>> = OnceLock::new();

unsafe extern "system" fn service_main(_count: u32, _arguments: *mut PWSTR) {
    let (sender, stop) = mpsc::channel();
    STOP.get_or_init(|| Mutex::new(sender));
    // SAFETY: the handler lives as long as the program.
    let handle = unsafe { RegisterServiceCtrlHandlerExW(w!("portmedic-test"), Some(control), None) }.unwrap();
    report(handle, SERVICE_START_PENDING, 0);
    let place = std::env::args().find(|argument| argument.starts_with("0.0.0.0:")).unwrap();
    match TcpListener::bind(place) {
        Ok(_listener) if std::env::args().any(|argument| argument == ENDS) => report(handle, SERVICE_STOPPED, ACCESS_DENIED),
        Ok(_listener) => {
            report(handle, SERVICE_RUNNING, 0);
            stop.recv().unwrap();
            report(handle, SERVICE_STOPPED, 0);
        }
        Err(error) => report(handle, SERVICE_STOPPED, error.raw_os_error().unwrap().cast_unsigned()),
    }
}

extern "system" fn control(control: u32, _kind: u32, _data: *mut c_void, _context: *mut c_void) -> u32 {
    if control == SERVICE_CONTROL_STOP
        && let Some(stop) = STOP.get()
    {
        stop.lock().unwrap().send(()).unwrap();
    }
    0
}

/// Tells the state, and the error as one of the service's own.
fn report(handle: SERVICE_STATUS_HANDLE, state: SERVICE_STATUS_CURRENT_STATE, error: u32) {
    const OWN_ERROR: u32 = 1066;
    let status = SERVICE_STATUS {
        dwServiceType: SERVICE_WIN32_OWN_PROCESS,
        dwCurrentState: state,
        dwControlsAccepted: if state == SERVICE_RUNNING { SERVICE_ACCEPT_STOP } else { 0 },
        dwWin32ExitCode: if error == 0 { 0 } else { OWN_ERROR },
        dwServiceSpecificExitCode: error,
        dwCheckPoint: 0,
        dwWaitHint: 3000,
    };
    // SAFETY: the handle is that of this service.
    unsafe { SetServiceStatus(handle, &raw const status) }.unwrap();
}
