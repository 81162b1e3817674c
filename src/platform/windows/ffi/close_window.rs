//! Asking a program to end by closing its windows, as a click on their cross does.

use windows::Win32::Foundation::{HWND, LPARAM, WPARAM};
use windows::Win32::UI::WindowsAndMessaging::{EnumWindows, GetWindowThreadProcessId, IsWindowVisible, PostMessageW, WM_CLOSE};
use windows::core::BOOL;

/// Whose windows are meant, and whether one was asked.
struct Wish {
    pid: u32,
    asked: bool,
}

/// Asks every visible window of a process to close; whether there was one. The windows of other sessions, and so those of services, are out
/// of reach.
pub fn ask_to_close(pid: u32) -> bool {
    let mut wish = Wish { pid, asked: false };
    // SAFETY: the wish lives until the call is over, and only `ask` gets it. A list that breaks off has asked fewer windows.
    let _all = unsafe { EnumWindows(Some(ask), LPARAM((&raw mut wish).expose_provenance().cast_signed())) };
    wish.asked
}

unsafe extern "system" fn ask(window: HWND, wish: LPARAM) -> BOOL {
    // SAFETY: `ask_to_close` gave its wish, which lives as long as the list is read, and nobody else uses it meanwhile.
    let wish = unsafe { &mut *std::ptr::with_exposed_provenance_mut::<Wish>(wish.0.cast_unsigned()) };
    let mut pid = 0;
    // SAFETY: the place for the answer is ours; for a window that is gone it stays 0.
    unsafe { GetWindowThreadProcessId(window, Some(&raw mut pid)) };
    // SAFETY: these calls take any number for a window and refuse one that is none.
    if pid == wish.pid && unsafe { IsWindowVisible(window) }.as_bool() {
        // SAFETY: as above; the message brings nothing with it.
        wish.asked |= unsafe { PostMessageW(Some(window), WM_CLOSE, WPARAM(0), LPARAM(0)) }.is_ok();
    }
    true.into()
}
