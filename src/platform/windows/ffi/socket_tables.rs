//! The socket tables with owners.

use std::ffi::c_void;
use std::mem::transmute;
use std::slice;
use std::sync::LazyLock;

use windows::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, HANDLE, NO_ERROR};
use windows::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, GetExtendedUdpTable, TCP_TABLE_OWNER_MODULE_ALL, TCP_TABLE_OWNER_MODULE_CONNECTIONS,
    TCP_TABLE_OWNER_MODULE_LISTENER, UDP_TABLE_OWNER_MODULE,
};
use windows::Win32::Networking::WinSock::{AF_INET, AF_INET6};
use windows::Win32::System::Memory::{GetProcessHeap, HEAP_NONE, HeapFree, HeapSize};
use windows::core::{PCSTR, s, w};

use super::library;
use crate::machine::Family;
use crate::platform::windows_tables::search::NoTable;
use crate::platform::windows_tables::sockets::{Table, TcpPart};

/// Room for the table of a quiet computer, so that one call is enough.
const FIRST_ROOM: u32 = 64 << 10;
/// The table may grow between two calls, but not each time.
const TRIES: usize = 20;

/// The table as Windows writes it.
///
/// # Errors
/// Where this Windows does not have it, or refuses it.
pub fn socket_table(table: Table) -> Result<Vec<u8>, NoTable> {
    match table {
        Table::Tcp(family, part) => {
            let class = match part {
                TcpPart::Listeners => TCP_TABLE_OWNER_MODULE_LISTENER,
                TcpPart::Connections => TCP_TABLE_OWNER_MODULE_CONNECTIONS,
                TcpPart::All => TCP_TABLE_OWNER_MODULE_ALL,
            };
            // SAFETY: `fill` gives a buffer and its length.
            fill(|buffer, length| unsafe { GetExtendedTcpTable(Some(buffer), length, false, number(family), class, 0) })
        }
        Table::Udp(family) => {
            let class = UDP_TABLE_OWNER_MODULE;
            // SAFETY: as above.
            fill(|buffer, length| unsafe { GetExtendedUdpTable(Some(buffer), length, false, number(family), class, 0) })
        }
        Table::Bound(Family::Ipv4) => bound(*BOUND4),
        Table::Bound(Family::Ipv6) => bound(*BOUND6),
    }
}

fn number(family: Family) -> u32 {
    u32::from(match family {
        Family::Ipv4 => AF_INET.0,
        Family::Ipv6 => AF_INET6.0,
    })
}

/// Calls with a buffer that is made larger until it is large enough.
fn fill(call: impl Fn(*mut c_void, *mut u32) -> u32) -> Result<Vec<u8>, NoTable> {
    let mut length = FIRST_ROOM;
    for _ in 0..TRIES {
        let mut buffer = vec![0; usize::try_from(length).unwrap_or(0)];
        match call(buffer.as_mut_ptr().cast(), &raw mut length) {
            code if code == NO_ERROR.0 => return Ok(buffer),
            // Room for some sockets that are opened meanwhile.
            code if code == ERROR_INSUFFICIENT_BUFFER.0 => length = length.saturating_add(length / 8),
            code => return Err(NoTable::Refused(code)),
        }
    }
    Err(NoTable::Refused(ERROR_INSUFFICIENT_BUFFER.0))
}

/// Gives a `MIB_TCPTABLE2` or `MIB_TCP6TABLE2` on the heap that it gets, with flags of that heap. Not documented; System Informer and
/// `netstat -q` use it.
type BoundTable = unsafe extern "system" fn(table: *mut *mut c_void, heap: HANDLE, flags: u32) -> u32;

static BOUND4: LazyLock<Option<BoundTable>> = LazyLock::new(|| bound_table(s!("InternalGetBoundTcpEndpointTable")));
static BOUND6: LazyLock<Option<BoundTable>> = LazyLock::new(|| bound_table(s!("InternalGetBoundTcp6EndpointTable")));

fn bound_table(name: PCSTR) -> Option<BoundTable> {
    let function = library::function(w!("iphlpapi.dll"), name)?;
    // SAFETY: every Windows that has a function of this name gives it these parameters.
    Some(unsafe { transmute::<library::Function, BoundTable>(function) })
}

fn bound(table: Option<BoundTable>) -> Result<Vec<u8>, NoTable> {
    let table = table.ok_or(NoTable::Missing)?;
    // SAFETY: this call has no conditions.
    let heap = unsafe { GetProcessHeap() }.map_err(|_| NoTable::Missing)?;
    let mut answer = std::ptr::null_mut();
    // SAFETY: the place for the answer is ours, and the heap is that of this process.
    let code = unsafe { table(&raw mut answer, HANDLE(heap.0), 0) };
    if code != NO_ERROR.0 {
        return Err(NoTable::Refused(code));
    }
    if answer.is_null() {
        // No row at all.
        return Ok(vec![0; 4]);
    }
    // SAFETY: Windows has just taken the block from this heap.
    let length = unsafe { HeapSize(heap, HEAP_NONE, answer) };
    // SAFETY: the block is as long as the heap says (`usize::MAX` where it does not know it), and nobody else has it.
    let bytes = (length != usize::MAX).then(|| unsafe { slice::from_raw_parts(answer.cast::<u8>(), length) }.to_vec());
    // SAFETY: the block is ours and is not used afterwards. One that cannot be freed is lost, and nothing else.
    let _freed = unsafe { HeapFree(heap, HEAP_NONE, Some(answer.cast_const())) };
    bytes.ok_or(NoTable::Missing)
}
