//! Where Windows keeps its own programs, and programs their data.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt as _;
use std::path::PathBuf;

use windows::Win32::System::Com::CoTaskMemFree;
use windows::Win32::System::SystemInformation::GetSystemDirectoryW;
use windows::Win32::UI::Shell::{FOLDERID_ProgramData, FOLDERID_ProgramFiles, KF_FLAG_DONT_VERIFY, SHGetKnownFolderPath};
use windows::core::GUID;

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

/// The folder for data that belongs to no user, usually `C:\\ProgramData`; not from the environment either. `None` where Windows does not
/// tell.
pub fn program_data() -> Option<PathBuf> {
    known_folder(&FOLDERID_ProgramData)
}

/// The folder of installed programs, usually `C:\\Program Files`. As [`program_data`].
pub fn program_files() -> Option<PathBuf> {
    known_folder(&FOLDERID_ProgramFiles)
}

fn known_folder(folder: &GUID) -> Option<PathBuf> {
    // SAFETY: the folder's name lives until the call is over, and no other user is named.
    let path = unsafe { SHGetKnownFolderPath(folder, KF_FLAG_DONT_VERIFY, None) }.ok()?;
    // SAFETY: Windows gave it, ended by a zero; it is not used after it is freed.
    let copy = OsString::from_wide(unsafe { path.as_wide() });
    // SAFETY: as above.
    unsafe { CoTaskMemFree(Some(path.0.cast_const().cast())) };
    Some(copy.into())
}
