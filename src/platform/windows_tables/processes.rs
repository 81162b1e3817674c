//! The list of processes that `NtQuerySystemInformation` gives: name, parent and start of every process, whatever our rights.

use std::collections::BTreeMap;

use super::bytes::{u32_at, u64_at, usize_at};
use super::unicode_string;

/// One process of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub pid: u32,
    /// The number of the process that started it; that one may be over, and its number in use again.
    pub parent: u32,
    /// When it started, in 100 ns since 1601.
    pub started: u64,
    /// The name of its executable's file.
    pub name: String,
    /// How many handles it has.
    pub handles: u32,
}

// `SYSTEM_PROCESS_INFORMATION`, as winternl.h and phnt have it: seven numbers of eight bytes, then the name and what is as wide as a pointer.
const NEXT: usize = 0;
const STARTED: usize = 32;
const NAME_LENGTH: usize = 56;
const WIDTH: usize = size_of::<usize>();
const PID: usize = NAME_LENGTH + 3 * WIDTH;
const PARENT: usize = NAME_LENGTH + 4 * WIDTH;
const HANDLES: usize = NAME_LENGTH + 5 * WIDTH;

/// Reads the list. `address` is where its first byte stood when Windows wrote it: names are told by their address. `None` where it points
/// outside of itself.
pub fn list(bytes: &[u8], address: usize) -> Option<BTreeMap<u32, Listed>> {
    let mut all = BTreeMap::new();
    let mut at = 0;
    loop {
        let entry = bytes.get(at..)?;
        let pid = u32::try_from(usize_at(entry, PID)?).ok()?;
        let parent = u32::try_from(usize_at(entry, PARENT)?).ok()?;
        // The first process has none.
        let name = unicode_string::read(bytes, address, at.checked_add(NAME_LENGTH)?)?;
        all.insert(pid, Listed { pid, parent, started: u64_at(entry, STARTED)?, name, handles: u32_at(entry, HANDLES)? });
        match usize::try_from(u32_at(entry, NEXT)?).ok()? {
            0 => return Some(all),
            next => at = at.checked_add(next)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HANDLES, Listed, NAME_LENGTH, PARENT, PID, STARTED, WIDTH, list};

    const ADDRESS: usize = 0x7FFE_0000;

    /// A list as Windows writes it: each name behind its entry.
    fn record(processes: &[Listed]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (index, process) in processes.iter().enumerate() {
            let name: Vec<u8> = process.name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let begin = bytes.len();
            let mut entry = vec![0xCC; HANDLES + 8];
            entry[STARTED..STARTED + 8].copy_from_slice(&process.started.to_le_bytes());
            entry[NAME_LENGTH..NAME_LENGTH + 2].copy_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
            entry[HANDLES..HANDLES + 4].copy_from_slice(&process.handles.to_le_bytes());
            let behind = ADDRESS + begin + entry.len();
            entry[NAME_LENGTH + WIDTH..NAME_LENGTH + 2 * WIDTH].copy_from_slice(&behind.to_le_bytes());
            for (at, number) in [(PID, process.pid), (PARENT, process.parent)] {
                entry[at..at + WIDTH].copy_from_slice(&usize::try_from(number).unwrap().to_le_bytes());
            }
            let length = if index + 1 == processes.len() { 0 } else { entry.len() + name.len() };
            entry[..4].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
            bytes.extend(entry);
            bytes.extend(name);
        }
        bytes
    }

    fn two() -> [Listed; 2] {
        [
            Listed { pid: 4, parent: 0, started: 1, name: "System".to_owned(), handles: 2_841 },
            Listed { pid: 700, parent: 4, started: 134_079_984_000_000_000, name: "größe.exe".to_owned(), handles: 3_001 },
        ]
    }

    #[test]
    fn every_process_is_read_with_its_name_parent_start_and_handles() {
        let [system, other] = two();
        let found = list(&record(&two()), ADDRESS).unwrap();
        assert_eq!(found.into_values().collect::<Vec<_>>(), [system, other]);
    }

    #[test]
    fn a_list_that_is_cut_or_points_elsewhere_is_not_read() {
        let whole = record(&two());
        for length in 0..whole.len() {
            assert_eq!(list(&whole[..length], ADDRESS), None, "{length} bytes");
        }
        assert_eq!(list(&whole, ADDRESS + whole.len()), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>, address: usize) {
            let _processes = list(&bytes, address);
        }
    }
}
