//! The table of all handles that `NtQuerySystemInformation` gives, and the name of the device behind one of them.

use std::collections::{BTreeSet, HashMap};

use super::bytes::{u16_at, u32_at, usize_at};

// `SYSTEM_HANDLE_INFORMATION_EX` of phnt: a number and a reserved one, then `SYSTEM_HANDLE_TABLE_ENTRY_INFO_EX` again and again.
const WIDTH: usize = size_of::<usize>();
const HEAD: usize = 2 * WIDTH;
const PID: usize = WIDTH;
const HANDLE: usize = 2 * WIDTH;
const TYPE: usize = 3 * WIDTH + 6;
const ENTRY: usize = 3 * WIDTH + 16;

/// The device of every socket of Winsock.
const SOCKETS: &str = r"\Device\Afd";

/// The handles of these processes that are of the same type as `like`, a handle of the process `own`: types have other numbers in every
/// Windows. A process that has none is not there. `None` where the table is cut, or lacks `like`.
pub fn of_same_type(bytes: &[u8], (own, like): (u32, usize), pids: &BTreeSet<u32>) -> Option<HashMap<u32, Vec<usize>>> {
    let number = usize_at(bytes, 0)?;
    let entries = bytes.get(HEAD..HEAD.checked_add(number.checked_mul(ENTRY)?)?)?.chunks_exact(ENTRY);
    let read = |entry: &[u8]| {
        // A number of a process that is none fits no one.
        let pid = u32::try_from(usize_at(entry, PID)?).unwrap_or(u32::MAX);
        Some((pid, usize_at(entry, HANDLE)?, u16_at(entry, TYPE)?))
    };
    let of_like = entries.clone().filter_map(read).find(|(pid, handle, _)| (*pid, *handle) == (own, like));
    let (_, _, kind) = of_like?;
    let mut found: HashMap<u32, Vec<usize>> = HashMap::new();
    for (pid, handle, _) in entries.filter_map(read).filter(|(pid, _, own)| *own == kind && pids.contains(pid)) {
        found.entry(pid).or_default().push(handle);
    }
    Some(found)
}

/// Whether this `FILE_VOLUME_NAME_INFORMATION` names the device of sockets. A name with room for a part of it only is another one.
pub fn is_of_sockets(bytes: &[u8]) -> bool {
    let name = || {
        let length = usize::try_from(u32_at(bytes, 0)?).ok()?;
        let name = bytes.get(4..length.checked_add(4)?)?;
        let units = name.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        Some(char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>())
    };
    name().is_some_and(|name| name.eq_ignore_ascii_case(SOCKETS))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ENTRY, HANDLE, PID, TYPE, WIDTH, is_of_sockets, of_same_type};

    const FILE: u16 = 0x25;
    const KEY: u16 = 0x2C;

    /// A table as Windows writes it, with room left behind it.
    fn table(handles: &[(usize, usize, u16)]) -> Vec<u8> {
        let mut bytes = handles.len().to_le_bytes().to_vec();
        bytes.extend([0; WIDTH]);
        for (pid, handle, kind) in handles {
            let mut entry = [0xCC; ENTRY];
            entry[PID..PID + WIDTH].copy_from_slice(&pid.to_le_bytes());
            entry[HANDLE..HANDLE + WIDTH].copy_from_slice(&handle.to_le_bytes());
            entry[TYPE..TYPE + 2].copy_from_slice(&kind.to_le_bytes());
            bytes.extend(entry);
        }
        bytes
    }

    fn device(name: &str) -> Vec<u8> {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u32::try_from(name.len()).unwrap().to_le_bytes();
        [length.as_slice(), &name, &[0; 16]].concat()
    }

    #[test]
    fn handles_of_the_type_are_found_by_process() {
        let bytes = table(&[
            (4, 0x10, FILE),
            (7, 0x10, KEY),
            (7, 0x14, FILE),
            (900, 0x44, FILE),
            (7, 0x18, FILE),
            (8, 0x20, FILE),
            (9, 0x20, KEY),
        ]);
        let found = of_same_type(&[bytes, vec![0; 100]].concat(), (900, 0x44), &BTreeSet::from([7, 8, 9])).unwrap();
        assert_eq!((&found[&7], &found[&8], found.len()), (&vec![0x14, 0x18], &vec![0x20], 2));
    }

    #[test]
    fn a_table_that_is_cut_or_lacks_our_own_handle_is_not_read() {
        let whole = table(&[(7, 0x14, FILE), (900, 0x44, FILE)]);
        for length in 0..whole.len() {
            assert_eq!(of_same_type(&whole[..length], (900, 0x44), &BTreeSet::from([7])), None, "{length} bytes");
        }
        assert_eq!(of_same_type(&whole, (900, 0x48), &BTreeSet::from([7])), None);
        assert_eq!(of_same_type(&[0xFF; 64], (900, 0x44), &BTreeSet::from([7])), None);
    }

    #[test]
    fn only_the_device_of_sockets_is_one() {
        assert!(is_of_sockets(&device(r"\Device\Afd")));
        assert!(is_of_sockets(&device(r"\DEVICE\AFD")));
        for other in ["", r"\Device\AfdX", r"\Device\NamedPipe", r"\Device\HarddiskVolume3", r"\Device"] {
            assert!(!is_of_sockets(&device(other)), "{other}");
        }
        assert!(!is_of_sockets(&[]), "nothing is told of a handle that is closed");
        let cut = [&64_u32.to_le_bytes()[..], &device(r"\Device\Afd")[4..26]].concat();
        assert!(!is_of_sockets(&cut), "the name is longer than what there is of it");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>, pid: u32, handle: usize) {
            let _found = of_same_type(&bytes, (pid, handle), &BTreeSet::from([pid]));
            let _is = is_of_sockets(&bytes);
        }
    }
}
