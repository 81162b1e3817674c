//! The error numbers of Windows that tell of a port.
//! <https://learn.microsoft.com/windows/win32/winsock/windows-sockets-error-codes-2>

use crate::machine::FailureKind;

/// What a number of Winsock says about a port, with the number itself, also where COM and .NET wrap it: `0x80072740`.
pub const fn port_error(number: u32) -> Option<(u32, FailureKind)> {
    let number = if number & 0xFFFF_0000 == 0x8007_0000 { number & 0xFFFF } else { number };
    let kind = match number {
        10048 => FailureKind::InUse,
        10013 => FailureKind::Forbidden,
        10049 => FailureKind::NotLocal,
        10055 => FailureKind::Exhausted,
        10061 => FailureKind::Refused,
        _ => return None,
    };
    Some((number, kind))
}
