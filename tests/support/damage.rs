//! What becomes of a file or a message that somebody damaged, by accident or on purpose.
//!
//! `PROPTEST_CASES=20000` looks for longer.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Bytes that mean something to a reader, a terminal, a page of code or a number.
pub const NASTY: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\t",
    b" ",
    b"\"",
    b"'",
    b",",
    b";",
    b":",
    b"::",
    b"[",
    b"]",
    b"{",
    b"}",
    b"<",
    b"<a>",
    b"-",
    b"=",
    b"*",
    b"%",
    b"...",
    b"\x1a",
    b"\x1b[31m",
    b"\x1b[",
    b"\xff",
    b"\xc3",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    "\u{202e}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{fffd}".as_bytes(),
    "ß".as_bytes(),
    "İ".as_bytes(),
    "端口".as_bytes(),
    b"0",
    b"-1",
    b"65536",
    b"4294967296",
    b"18446744073709551616",
    b"9999999999999999999999999999",
    b"1e999",
    b"PS C:\\> ",
    b"$ ",
    b"\\\\",
    b"TCP",
    b"netsh",
];

/// A change to a file.
#[derive(Debug, Clone)]
enum Damage {
    Cut(Index),
    Remove(Index, usize),
    Insert(Index, &'static [u8]),
    Replace(Index, u8),
    Repeat(Index, usize),
    /// The rest of another file.
    Splice(Index, Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        1 => at().prop_map(Damage::Cut),
        4 => (at(), 1..200_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        8 => (at(), select(NASTY)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        2 => (at(), 1..400_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
        2 => (at(), at(), at()).prop_map(|(at, file, from)| Damage::Splice(at, file, from)),
    ]
}

/// The file with these changes made to it; others lend their rests.
fn damaged(mut bytes: Vec<u8>, damages: &[Damage], files: &[Vec<u8>]) -> Vec<u8> {
    for damage in damages {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match damage {
            Damage::Cut(at) => bytes.truncate(place(at)),
            Damage::Remove(at, length) => {
                let start = place(at);
                let end = (start + length).min(bytes.len());
                bytes.drain(start..end);
            }
            Damage::Insert(at, nasty) => {
                let start = place(at);
                bytes.splice(start..start, nasty.iter().copied());
            }
            Damage::Replace(at, byte) => {
                let start = place(at);
                if let Some(old) = bytes.get_mut(start) {
                    *old = *byte;
                }
            }
            Damage::Repeat(at, length) => {
                let start = place(at);
                let part = bytes[start..(start + length).min(bytes.len())].to_vec();
                bytes.splice(start..start, part);
            }
            Damage::Splice(at, file, from) => {
                let start = place(at);
                let other = file.get(files);
                bytes.truncate(start);
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
    bytes
}

/// One of these files, damaged a few times.
pub fn damaged_one_of(files: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (any::<Index>(), proptest::collection::vec(damage(), 1..12))
        .prop_map(move |(file, damages)| damaged(file.get(&files).clone(), &damages, &files))
}
