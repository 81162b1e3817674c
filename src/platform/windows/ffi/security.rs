//! Security descriptors, in the text form of Windows (SDDL): what is made gets one, and what is there is read as one.

use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsHandle, AsRawHandle as _};
use std::path::Path;

use windows::Win32::Foundation::{HANDLE, HLOCAL, LocalFree};
use windows::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo,
    SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows::Win32::Security::{
    DACL_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES,
};
use windows::Win32::Storage::FileSystem::{FILE_FLAG_BACKUP_SEMANTICS, READ_CONTROL};
use windows::core::{HSTRING, PWSTR};

use super::os_error;

/// A security descriptor that Windows made.
pub(super) struct Descriptor(PSECURITY_DESCRIPTOR);

impl Descriptor {
    /// The descriptor that the text tells.
    pub(super) fn new(sddl: &str) -> io::Result<Self> {
        let mut made = PSECURITY_DESCRIPTOR::default();
        // SAFETY: the text ends with a zero, and the place for the answer is ours.
        unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(&HSTRING::from(sddl), SDDL_REVISION_1, &raw mut made, None)
        }
        .map_err(os_error)?;
        Ok(Self(made))
    }

    /// Attributes for what is made with this descriptor, not inherited by programs that are started. They must not outlive it.
    pub(super) fn attributes(&self) -> SECURITY_ATTRIBUTES {
        let size = u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or(u32::MAX);
        SECURITY_ATTRIBUTES { nLength: size, lpSecurityDescriptor: self.0.0, bInheritHandle: false.into() }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        free(self.0.0);
    }
}

/// The owner and the access list of an open file, folder or pipe, as text.
///
/// # Errors
/// Where Windows does not tell.
pub fn descriptor_of(thing: &impl AsHandle) -> io::Result<String> {
    let parts = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let handle = HANDLE(thing.as_handle().as_raw_handle());
    let mut descriptor = PSECURITY_DESCRIPTOR::default();
    // SAFETY: the handle is open as long as it is borrowed; only the place for the descriptor is given, and it is ours.
    unsafe { GetSecurityInfo(handle, SE_FILE_OBJECT, parts, None, None, None, None, Some(&raw mut descriptor)) }
        .ok()
        .map_err(os_error)?;
    let descriptor = Descriptor(descriptor);
    let mut text = PWSTR::null();
    // SAFETY: the descriptor is the one that Windows just gave; the place for the text is ours.
    unsafe { ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor.0, SDDL_REVISION_1, parts, &raw mut text, None) }
        .map_err(os_error)?;
    Ok(take_text(text))
}

/// The same of whatever lies at this path.
///
/// # Errors
/// Where it is not there, or Windows does not tell.
pub fn descriptor_of_path(path: &Path) -> io::Result<String> {
    let file = OpenOptions::new().access_mode(READ_CONTROL.0).custom_flags(FILE_FLAG_BACKUP_SEMANTICS.0).open(path)?;
    descriptor_of(&file)
}

/// Copies a text that Windows allocated, and frees it.
pub(super) fn take_text(text: PWSTR) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: Windows gave it, ended by a zero; it is not used after it is freed.
    let copy = String::from_utf16_lossy(unsafe { text.as_wide() });
    free(text.0.cast());
    copy
}

/// Gives memory back that Windows allocated for us.
pub(super) fn free(memory: *mut core::ffi::c_void) {
    // SAFETY: each caller owns what it gives and forgets it. A null pointer is allowed.
    let _unfreed = unsafe { LocalFree(Some(HLOCAL(memory))) };
}
