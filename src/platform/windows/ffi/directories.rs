//! Where Windows keeps its own programs.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt as _;
use std::path::PathBuf;

use windows::Win32::System::SystemInformation::GetSystemDirectoryW;

/// The folder of the system's own programs, usually `C:\\Windows\\system32`: what the kernel says, not the environment, which whoever starts
/// us can set. `None` where Windows does not tell.
pub fn system_directory() -> Option<PathBuf> {
    let mut name = [0_u16; 261];
    // SAFETY: the buffer is ours, and the call gets its length.
    let length = usize::try_from(unsafe { GetSystemDirectoryW(Some(&mut name)) }).ok()?;
    // 0 is a failure; more than the buffer holds is the length that it would need.
    let name = name.get(..length).filter(|name| !name.is_empty())?;
    Some(OsString::from_wide(name).into())
}
