//! The prompt for administrator rights (UAC).

use std::io;
use std::os::windows::io::{FromRawHandle as _, OwnedHandle};
use std::path::Path;

use windows::Win32::Foundation::{ERROR_CANCELLED, HWND};
use windows::Win32::System::Com::{COINIT_APARTMENTTHREADED, COINIT_DISABLE_OLE1DDE, CoInitializeEx};
use windows::Win32::System::Console::GetConsoleWindow;
use windows::Win32::System::Threading::GetCurrentProcessId;
use windows::Win32::UI::Shell::{
    SEE_MASK_FLAG_NO_UI, SEE_MASK_NOASYNC, SEE_MASK_NOCLOSEPROCESS, SHELLEXECUTEINFOW, ShellExecuteExW,
};
use windows::Win32::UI::WindowsAndMessaging::{GetForegroundWindow, GetWindowThreadProcessId, SW_HIDE};
use windows::core::{HSTRING, PCWSTR, w};

use super::process::RunningProcess;
use super::{os_error, system_directory};

/// Asks for administrator rights and runs the program with them; returns when the prompt is answered. `None` where the user said no. The
/// arguments go to it as they are, so they must need no quotes. For a thread of its own: it waits for the user.
///
/// # Errors
/// What Windows says where it could not ask or start it.
pub fn run_as_administrator(program: &Path, arguments: &str) -> io::Result<Option<RunningProcess>> {
    // SAFETY: this call has no conditions. Where this thread has COM already, that is as good.
    let _ready = unsafe { CoInitializeEx(None, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE) };
    let file = HSTRING::from(program);
    let arguments = HSTRING::from(arguments);
    // Not the folder that the user is in: the helper must not depend on it, and the administrator may not be able to enter it.
    let folder = system_directory().map(|folder| HSTRING::from(folder.as_path())).unwrap_or_default();
    let mut wish = SHELLEXECUTEINFOW {
        cbSize: u32::try_from(size_of::<SHELLEXECUTEINFOW>()).unwrap_or(u32::MAX),
        fMask: SEE_MASK_NOCLOSEPROCESS | SEE_MASK_NOASYNC | SEE_MASK_FLAG_NO_UI,
        hwnd: owner(),
        lpVerb: w!("runas"),
        lpFile: PCWSTR(file.as_ptr()),
        lpParameters: PCWSTR(arguments.as_ptr()),
        lpDirectory: PCWSTR(folder.as_ptr()),
        nShow: SW_HIDE.0,
        ..SHELLEXECUTEINFOW::default()
    };
    // SAFETY: the texts end with a zero and live until the call is over.
    match unsafe { ShellExecuteExW(&raw mut wish) } {
        Err(error) if error.code() == ERROR_CANCELLED.to_hresult() => return Ok(None),
        answer => answer.map_err(os_error)?,
    }
    if wish.hProcess.is_invalid() {
        return Err(io::Error::other("Windows started it and does not tell which process it is"));
    }
    // SAFETY: Windows opened the handle for us, and nobody else closes it.
    Ok(Some(RunningProcess::of(unsafe { OwnedHandle::from_raw_handle(wish.hProcess.0) })))
}

/// The window over which the prompt opens: ours where it is in front, else the console that the command was typed in. Without one the
/// prompt may only blink in the task bar.
fn owner() -> HWND {
    // SAFETY: these calls have no conditions; the place for the number is ours.
    unsafe {
        let front = GetForegroundWindow();
        let mut pid = 0;
        GetWindowThreadProcessId(front, Some(&raw mut pid));
        if pid == GetCurrentProcessId() { front } else { GetConsoleWindow() }
    }
}
