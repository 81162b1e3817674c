//! Who a process runs as, and with which rights.

use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use windows::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, HANDLE, LUID};
use windows::Win32::Security::Authorization::{ConvertSidToStringSidW, ConvertStringSidToSidW};
use windows::Win32::Security::{
    AdjustTokenPrivileges, CheckTokenMembership, DuplicateToken, GetTokenInformation, LUID_AND_ATTRIBUTES, LookupAccountSidW,
    LookupPrivilegeValueW, PSID, SE_PRIVILEGE_ENABLED, SID_NAME_USE, SecurityIdentification, TOKEN_ADJUST_PRIVILEGES,
    TOKEN_ELEVATION_TYPE, TOKEN_INFORMATION_CLASS, TOKEN_PRIVILEGES, TOKEN_QUERY, TOKEN_USER, TokenElevationType,
    TokenElevationTypeFull, TokenLinkedToken, TokenUser,
};
use windows::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};
use windows::core::{BOOL, HSTRING, PWSTR, w};

use super::os_error;
use super::process::RunningProcess;
use super::security::{free, take_text};

/// The group of the administrators, in SDDL.
const ADMINISTRATORS: &str = "BA";

/// Whether this process has the rights of an administrator: the group is in its token and counts there. In the lesser half of an account
/// that UAC splits it is there and does not count.
pub fn is_administrator() -> bool {
    is_member(None, ADMINISTRATORS).unwrap_or(false)
}

/// Whether a group counts in a token for questions; in that of this process for `None`.
fn is_member(token: Option<&OwnedHandle>, group: &str) -> io::Result<bool> {
    let group = Sid::new(group)?;
    let mut member = BOOL::default();
    let token = token.map(|token| HANDLE(token.as_raw_handle()));
    // SAFETY: token and SID live until the call is over, and the place for the answer is ours.
    unsafe { CheckTokenMembership(token, group.0, &raw mut member) }.map_err(os_error)?;
    Ok(member.as_bool())
}

/// Whether UAC splits this account, and this is the half with the rights: programs without the rights have the same account then.
pub fn is_split() -> bool {
    let read = || -> io::Result<bool> {
        let own = token(None)?;
        let kind = information(&own, TokenElevationType)?;
        if kind.first_chunk().copied().map(i32::from_ne_bytes).map(TOKEN_ELEVATION_TYPE) != Some(TokenElevationTypeFull) {
            return Ok(false);
        }
        // Wine gives the other half the rights as well.
        is_member(Some(&other_half(&own)?), ADMINISTRATORS).map(|member| !member)
    };
    // Where it is not known, the careful answer.
    read().unwrap_or(true)
}

/// The other half of an account that is split, for questions about it.
fn other_half(own: &OwnedHandle) -> io::Result<OwnedHandle> {
    let bytes = information(own, TokenLinkedToken)?;
    let number = bytes.first_chunk().copied().map(usize::from_ne_bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
    // SAFETY: Windows opened this handle for us, and nobody else closes it.
    let linked = unsafe { OwnedHandle::from_raw_handle(std::ptr::with_exposed_provenance_mut(number)) };
    let mut copy = HANDLE::default();
    // SAFETY: the token is open, and the place for the copy is ours.
    unsafe { DuplicateToken(HANDLE(linked.as_raw_handle()), SecurityIdentification, &raw mut copy) }.map_err(os_error)?;
    // SAFETY: as above.
    Ok(unsafe { OwnedHandle::from_raw_handle(copy.0) })
}

/// The account that a process runs as, as a SID (`S-1-5-…`); this process for `None`.
///
/// # Errors
/// Where Windows does not tell.
pub fn account_of(process: Option<&RunningProcess>) -> io::Result<String> {
    let bytes = information(&token(process)?, TokenUser)?;
    if bytes.len() < size_of::<TOKEN_USER>() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // SAFETY: Windows wrote a TOKEN_USER to the beginning of the buffer, which is that long; it is copied, whatever its alignment.
    let user = unsafe { bytes.as_ptr().cast::<TOKEN_USER>().read_unaligned() };
    let mut text = PWSTR::null();
    // SAFETY: the SID lies in the same buffer, which lives until the end of this function.
    unsafe { ConvertSidToStringSidW(user.User.Sid, &raw mut text) }.map_err(os_error)?;
    Ok(take_text(text))
}

/// The name of an account, as `DOMAIN\name`; `None` where nobody knows it (any more). Takes SIDs and the two letters of SDDL.
pub fn account_name(sid: &str) -> Option<String> {
    let sid = Sid::new(sid).ok()?;
    let (mut name, mut domain) = ([0_u16; 257], [0_u16; 257]);
    let (mut name_length, mut domain_length) = (257, 257);
    let mut kind = SID_NAME_USE::default();
    // SAFETY: the SID lives until the call is over; both buffers are ours and as long as told.
    unsafe {
        LookupAccountSidW(
            None,
            sid.0,
            Some(PWSTR(name.as_mut_ptr())),
            &raw mut name_length,
            Some(PWSTR(domain.as_mut_ptr())),
            &raw mut domain_length,
            &raw mut kind,
        )
    }
    .ok()?;
    let text = |buffer: &[u16], length: u32| {
        let length = usize::try_from(length).ok()?;
        buffer.get(..length).map(String::from_utf16_lossy)
    };
    let (name, domain) = (text(&name, name_length)?, text(&domain, domain_length)?);
    Some(if domain.is_empty() { name } else { format!("{domain}\\{name}") })
}

/// Makes use of the right of administrators to look at the processes of other users. Without it those are refused, one by one.
///
/// # Errors
/// Where this process does not have the right.
pub fn look_at_all_processes() -> io::Result<()> {
    let mut right = LUID::default();
    // SAFETY: the name ends with a zero, and the place for the answer is ours.
    unsafe { LookupPrivilegeValueW(None, w!("SeDebugPrivilege"), &raw mut right) }.map_err(os_error)?;
    let token = open_token(None, TOKEN_ADJUST_PRIVILEGES.0)?;
    let privileges = [LUID_AND_ATTRIBUTES { Luid: right, Attributes: SE_PRIVILEGE_ENABLED }];
    let wish = TOKEN_PRIVILEGES { PrivilegeCount: 1, Privileges: privileges };
    // SAFETY: the token is open, and the wish lives until the call is over. No answer is asked for.
    unsafe { AdjustTokenPrivileges(HANDLE(token.as_raw_handle()), false, Some(&raw const wish), 0, None, None) }.map_err(os_error)
}

fn token(process: Option<&RunningProcess>) -> io::Result<OwnedHandle> {
    open_token(process, TOKEN_QUERY.0)
}

fn open_token(process: Option<&RunningProcess>, access: u32) -> io::Result<OwnedHandle> {
    // SAFETY: this call has no conditions; what it gives is always valid and not to be closed.
    let process = process.map_or_else(|| unsafe { GetCurrentProcess() }, RunningProcess::raw);
    let mut token = HANDLE::default();
    // SAFETY: the process is open, and the place for the token is ours.
    unsafe { OpenProcessToken(process, windows::Win32::Security::TOKEN_ACCESS_MASK(access), &raw mut token) }
        .map_err(os_error)?;
    // SAFETY: the token was just opened for us, and nobody else closes it.
    Ok(unsafe { OwnedHandle::from_raw_handle(token.0) })
}

/// What Windows tells of a token, as it lies in memory.
fn information(token: &OwnedHandle, what: TOKEN_INFORMATION_CLASS) -> io::Result<Vec<u8>> {
    let token = HANDLE(token.as_raw_handle());
    let mut length = 0;
    // SAFETY: without a buffer only the length that it would need is told.
    match unsafe { GetTokenInformation(token, what, None, 0, &raw mut length) } {
        Err(error) if error.code() != ERROR_INSUFFICIENT_BUFFER.to_hresult() => return Err(os_error(error)),
        _ => {}
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    // SAFETY: the buffer is ours and as long as told.
    unsafe { GetTokenInformation(token, what, Some(bytes.as_mut_ptr().cast()), length, &raw mut length) }.map_err(os_error)?;
    Ok(bytes)
}

/// A SID that Windows made from a text.
struct Sid(PSID);

impl Sid {
    fn new(text: &str) -> io::Result<Self> {
        let mut sid = PSID::default();
        // SAFETY: the text ends with a zero, and the place for the answer is ours.
        unsafe { ConvertStringSidToSidW(&HSTRING::from(text), &raw mut sid) }.map_err(os_error)?;
        Ok(Self(sid))
    }
}

impl Drop for Sid {
    fn drop(&mut self) {
        free(self.0.0);
    }
}
