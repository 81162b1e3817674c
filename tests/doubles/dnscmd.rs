//! A double of `dnscmd.exe` for Wine, which has none: the list of ports that the DNS server leaves alone, kept in the registry as the server
//! keeps it (<https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/dnscmd>). It knows nothing of PortMedic.

use std::process::ExitCode;

#[cfg(windows)]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (Some(verb), Some(property)) = (words.first(), words.get(1)) else { return refuse("ERROR_INVALID_PARAMETER", 87) };
    if !verb.eq_ignore_ascii_case("/config") || !property.eq_ignore_ascii_case("/SocketPoolExcludedPortRanges") {
        return refuse("DNS_ERROR_INVALID_PROPERTY", 9553);
    }
    let ranges: Vec<&str> = words[2..].iter().map(String::as_str).collect();
    // It takes pairs only, the lower port first.
    if !ranges.iter().all(|range| is_range(range)) {
        return refuse("ERROR_INVALID_DATA", 13);
    }
    let key = windows_registry::LOCAL_MACHINE.options().read().write().open(r"SYSTEM\CurrentControlSet\Services\DNS\Parameters");
    match key.and_then(|key| key.set_multi_string("SocketPoolExcludedPortRanges", &ranges)) {
        Ok(()) => {
            println!(
                "\r\nRegistry property SocketPoolExcludedPortRanges successfully reset.\r\nCommand completed successfully.\r\n"
            );
            ExitCode::SUCCESS
        }
        Err(_) => refuse("RPC_S_SERVER_UNAVAILABLE", 1722),
    }
}

#[cfg(windows)]
fn is_range(text: &str) -> bool {
    let ends = text.split_once('-').map(|(low, high)| (low.parse::<u16>(), high.parse::<u16>()));
    matches!(ends, Some((Ok(low), Ok(high))) if low <= high)
}

#[cfg(windows)]
fn refuse(name: &str, code: u32) -> ExitCode {
    println!("\r\nCommand failed:  {name}     {code}    0x{code:X}\r\n");
    ExitCode::FAILURE
}

/// Only Windows has such a tool.
#[cfg(not(windows))]
fn main() -> ExitCode {
    ExitCode::FAILURE
}
