//! Folders and files that are made with their access list, so that there is no moment in which it is another one.

use std::fs::File;
use std::io;
use std::os::windows::io::{FromRawHandle as _, OwnedHandle};
use std::path::Path;

use windows::Win32::Storage::FileSystem::{
    CreateDirectoryW, CreateFileW, FILE_FLAG_OPEN_REPARSE_POINT, FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_SHARE_MODE,
    FILE_SHARE_READ, OPEN_ALWAYS,
};
use windows::core::HSTRING;

use super::os_error;
use super::security::Descriptor;

/// Makes a folder with this security descriptor.
///
/// # Errors
/// Where something of this name is there ([`io::ErrorKind::AlreadyExists`]), or Windows refuses.
pub fn make_folder(path: &Path, sddl: &str) -> io::Result<()> {
    let descriptor = Descriptor::new(sddl)?;
    let attributes = descriptor.attributes();
    // SAFETY: the path ends with a zero, and the attributes and their descriptor live until the call is over.
    unsafe { CreateDirectoryW(&HSTRING::from(path), Some(&raw const attributes)) }.map_err(os_error)
}

/// Opens a file to read and write, or makes it with this security descriptor. A link is opened itself, not what it leads to. While it is
/// open nobody else can write it; where `alone`, not open it either.
///
/// # Errors
/// Where somebody has it open already, or Windows refuses.
pub fn open_file(path: &Path, sddl: &str, alone: bool) -> io::Result<File> {
    let descriptor = Descriptor::new(sddl)?;
    let attributes = descriptor.attributes();
    let share = if alone { FILE_SHARE_MODE(0) } else { FILE_SHARE_READ };
    let access = (FILE_GENERIC_READ | FILE_GENERIC_WRITE).0;
    // SAFETY: the path ends with a zero, and the attributes and their descriptor live until the call is over.
    let handle = unsafe {
        CreateFileW(
            &HSTRING::from(path),
            access,
            share,
            Some(&raw const attributes),
            OPEN_ALWAYS,
            FILE_FLAG_OPEN_REPARSE_POINT,
            None,
        )
    }
    .map_err(os_error)?;
    // SAFETY: the handle was just opened for us, and nobody else closes it.
    Ok(File::from(unsafe { OwnedHandle::from_raw_handle(handle.0) }))
}
