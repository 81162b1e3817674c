//! Functions that not every Windows has: an import of one that is missing would keep the whole program from starting.

use windows::Win32::System::LibraryLoader::{GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW};
use windows::core::{PCSTR, PCWSTR};

/// A function whose parameters are not told yet.
pub(super) type Function = unsafe extern "system" fn() -> isize;

/// A function of one of the system's own libraries; `None` where this Windows does not have it. The library stays loaded.
pub(super) fn function(library: PCWSTR, name: PCSTR) -> Option<Function> {
    // SAFETY: the name ends with a zero, and only the system's own folder is looked in.
    let library = unsafe { LoadLibraryExW(library, None, LOAD_LIBRARY_SEARCH_SYSTEM32) }.ok()?;
    // SAFETY: the library is loaded, and the name ends with a zero.
    unsafe { GetProcAddress(library, name) }
}
