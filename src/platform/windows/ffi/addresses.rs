//! The addresses of this computer.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use windows::Win32::Foundation::{ERROR_BUFFER_OVERFLOW, ERROR_NO_DATA, NO_ERROR};
use windows::Win32::NetworkManagement::IpHelper::{
    GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_DNS_SERVER, GAA_FLAG_SKIP_FRIENDLY_NAME, GAA_FLAG_SKIP_MULTICAST, GetAdaptersAddresses,
    IP_ADAPTER_ADDRESSES_LH, IP_ADAPTER_UNICAST_ADDRESS_LH,
};
use windows::Win32::Networking::WinSock::{AF_INET, AF_INET6, AF_UNSPEC, SOCKADDR_IN, SOCKADDR_IN6, SOCKET_ADDRESS};

/// The list may grow between two calls, but not each time.
const TRIES: usize = 20;

/// Every address of this computer, in the order of its adapters.
///
/// # Errors
/// What Windows says where it does not tell.
pub fn addresses() -> io::Result<Vec<IpAddr>> {
    let flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER | GAA_FLAG_SKIP_FRIENDLY_NAME;
    let mut length: u32 = 16 << 10;
    for _ in 0..TRIES {
        // Numbers of eight bytes, so that it is aligned for the records.
        let mut buffer = vec![0_u64; usize::try_from(length).unwrap_or(0).div_ceil(8)];
        let first: *mut IP_ADAPTER_ADDRESSES_LH = buffer.as_mut_ptr().cast();
        // SAFETY: the buffer is ours and at least as long as told.
        let code = unsafe { GetAdaptersAddresses(u32::from(AF_UNSPEC.0), flags, None, Some(first), &raw mut length) };
        match code {
            // SAFETY: the call has written the list, and all that it points to, into the buffer.
            code if code == NO_ERROR.0 => return Ok(unsafe { of_adapters(first) }),
            code if code == ERROR_NO_DATA.0 => return Ok(Vec::new()),
            code if code == ERROR_BUFFER_OVERFLOW.0 => {}
            code => return Err(io::Error::from_raw_os_error(code.cast_signed())),
        }
    }
    Err(io::Error::from_raw_os_error(ERROR_BUFFER_OVERFLOW.0.cast_signed()))
}

/// # Safety
/// The list must be one that Windows has written, and still be there.
unsafe fn of_adapters(first: *const IP_ADAPTER_ADDRESSES_LH) -> Vec<IpAddr> {
    let mut all = Vec::new();
    let mut next_adapter = first;
    // SAFETY: a link leads to the next adapter of the list or is null.
    while let Some(adapter) = unsafe { next_adapter.as_ref() } {
        let mut next: *const IP_ADAPTER_UNICAST_ADDRESS_LH = adapter.FirstUnicastAddress;
        // SAFETY: likewise to the next address.
        while let Some(unicast) = unsafe { next.as_ref() } {
            // SAFETY: the address lies in the same list.
            all.extend(unsafe { address(unicast.Address) });
            next = unicast.Next;
        }
        next_adapter = adapter.Next;
    }
    all
}

/// # Safety
/// The record must be one that Windows has written, and still be there.
unsafe fn address(record: SOCKET_ADDRESS) -> Option<IpAddr> {
    // SAFETY: it points to an address or is null.
    let family = unsafe { record.lpSockaddr.as_ref() }?.sa_family;
    if family == AF_INET {
        // SAFETY: the family says which record it is.
        let v4 = unsafe { record.lpSockaddr.cast::<SOCKADDR_IN>().read_unaligned() };
        // SAFETY: every form of the union is the same four bytes.
        return Some(Ipv4Addr::from(unsafe { v4.sin_addr.S_un.S_addr }.to_ne_bytes()).into());
    }
    if family == AF_INET6 {
        // SAFETY: as above.
        let v6 = unsafe { record.lpSockaddr.cast::<SOCKADDR_IN6>().read_unaligned() };
        // SAFETY: every form of the union is the same sixteen bytes.
        return Some(Ipv6Addr::from(unsafe { v6.sin6_addr.u.Byte }).into());
    }
    None
}
