//! The console that a program of the command line has.

use windows::Win32::System::Console::{FreeConsole, GetConsoleProcessList};

/// Lets the console go that Windows opened for this program alone, as it does where it is started from the desktop. A console that a shell
/// or another program has as well stays.
pub fn leave_own_console() {
    let mut processes = [0; 2];
    // SAFETY: the buffer is ours, and the call gets its length. No console at all gives 0.
    if unsafe { GetConsoleProcessList(&mut processes) } == 1 {
        // SAFETY: this call has no conditions. Where it is refused the console stays, which harms nothing.
        let _stays = unsafe { FreeConsole() };
    }
}
