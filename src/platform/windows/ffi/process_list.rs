//! The list of all processes.

use std::collections::BTreeMap;
use std::io;

use windows::Wdk::System::SystemInformation::SystemProcessInformation;

use super::system_information::system_information;
use crate::platform::windows_tables::processes::{Listed, list};

/// Room for the processes of a quiet computer with their threads, so that one call is enough.
const FIRST_ROOM: u32 = 512 << 10;

/// Every process by its number, whatever our rights: Windows tells name, parent and start of each to everybody.
///
/// # Errors
/// What Windows says where it does not tell.
pub fn processes() -> io::Result<BTreeMap<u32, Listed>> {
    system_information(SystemProcessInformation, FIRST_ROOM, u32::MAX, list)?
        .ok_or_else(|| io::Error::other("the list of processes that Windows gave is not whole"))
}
