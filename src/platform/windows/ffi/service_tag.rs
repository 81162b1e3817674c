//! Service tags: which service of a process with several made a socket.

use std::ffi::c_void;
use std::mem::transmute;
use std::sync::LazyLock;

use windows::Win32::Foundation::{HLOCAL, LocalFree};
use windows::core::{PCWSTR, PWSTR, s, w};

use super::library;

/// `eTagInfoLevelNameFromTag`.
const NAME_FROM_TAG: u32 = 1;

/// What the question and its answer share. Not documented; the names are those of phnt.
#[repr(C)]
struct NameFromTag {
    pid: u32,
    tag: u32,
    kind: u32,
    name: PWSTR,
}

type QueryTag = unsafe extern "system" fn(machine: PCWSTR, level: u32, question: *mut c_void) -> u32;

/// Windows 7 and later have it in sechost.dll, older ones in advapi32.dll.
static QUERY_TAG: LazyLock<Option<QueryTag>> = LazyLock::new(|| {
    let name = s!("I_QueryTagInformation");
    let function = library::function(w!("sechost.dll"), name).or_else(|| library::function(w!("advapi32.dll"), name))?;
    // SAFETY: every Windows that has a function of this name gives it these parameters.
    Some(unsafe { transmute::<library::Function, QueryTag>(function) })
});

/// The name of the service with this tag in this process; `None` where Windows does not tell. Tag 0 means no service and is not to be
/// asked for.
pub fn service_of_tag(pid: u32, tag: u32) -> Option<String> {
    let query = (*QUERY_TAG)?;
    let mut question = NameFromTag { pid, tag, kind: 0, name: PWSTR::null() };
    // SAFETY: without a name it is this computer, and the question is of the kind that its level asks for.
    let code = unsafe { query(PCWSTR::null(), NAME_FROM_TAG, (&raw mut question).cast()) };
    if code != 0 || question.name.is_null() {
        return None;
    }
    // SAFETY: Windows gave the name, ended by a zero.
    let name = String::from_utf16_lossy(unsafe { question.name.as_wide() });
    // SAFETY: the name is ours to free and is not used afterwards.
    let _freed = unsafe { LocalFree(Some(HLOCAL(question.name.0.cast()))) };
    Some(name)
}
