//! Files that somebody damaged, by accident or on purpose: whatever they hold, reading them ends, and tells no more than they can hold.
//!
//! `PROPTEST_CASES=20000 cargo test --test evidence hostile` looks for longer.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use portmedic::app::analyze::analyze;
use portmedic::evidence::{Input, Place, Reading, read};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Bytes that mean something to a reader, a terminal, a page of code or a number.
const NASTY: &[&[u8]] = &[
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

/// The files of the cases of this repository.
fn files() -> Vec<Vec<u8>> {
    let folders = fs::read_dir("tests/evidence/cases").unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())).collect();
    paths.retain(|path| !path.ends_with("expect.json"));
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Reads a file and everything that is made of it; what it tells stands in it.
fn look_at(bytes: Vec<u8>) {
    let size = bytes.len();
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let reading = read(&[Input::new("file.txt".to_owned(), bytes)]);
    for place in places(&reading) {
        assert!((1..=place.line_end).contains(&place.line), "{place:?}");
        assert!(place.line_end as usize <= lines, "{place:?} of {lines} lines");
    }
    let problems = &reading.files[0].problems;
    assert!(problems.iter().filter_map(|problem| problem.line).all(|line| (1..=lines).contains(&(line as usize))));
    // The shortest row has a port and what parts it from the next.
    let rows = places(&reading).count() + problems.len();
    assert!(rows <= size / 2 + 1, "{rows} facts and problems in {size} bytes");
    analyze(&Arc::new(reading), "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
}

fn places(reading: &Reading) -> impl Iterator<Item = &Place> {
    let ranges =
        reading.dynamic_ranges.iter().map(|fact| &fact.place).chain(reading.excluded_ranges.iter().map(|fact| &fact.place));
    let sockets = reading.sockets.iter().map(|fact| &fact.place).chain(reading.processes.iter().map(|fact| &fact.place));
    let failures = reading.failures.iter().map(|fact| &fact.place).chain(reading.failed_services.iter().map(|fact| &fact.place));
    let sections = reading.samples.iter().chain(&reading.machines).map(|section| &section.place);
    ranges.chain(sockets).chain(failures).chain(sections)
}

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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..4000)) {
        look_at(bytes);
    }

    #[test]
    fn any_words_of_outputs_are_read_to_their_end(words in proptest::collection::vec(select(NASTY), 0..400)) {
        look_at(words.concat());
    }

    #[test]
    fn damaged_outputs_are_read_to_their_end(
        file in any::<Index>(),
        damages in proptest::collection::vec(damage(), 1..12),
    ) {
        let files = files();
        look_at(damaged(file.get(&files).clone(), &damages, &files));
    }
}

#[test]
fn every_output_may_be_cut_off_anywhere_in_its_last_lines() {
    for file in files() {
        let from = file.len().saturating_sub(120);
        for end in from..file.len() {
            look_at(file[..end].to_vec());
        }
    }
}

#[test]
fn an_output_on_one_long_line_is_read_to_its_end() {
    for file in files() {
        let line: Vec<u8> = file.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        look_at(repeated(&line, 30_000));
    }
}

#[test]
fn lines_of_a_megabyte_are_read_to_their_end() {
    for unit in
        ["a", " ", "[", "{", "\"", "TCP ", "1", ":", "\u{202e}", "0.0.0.0:1 ", "netsh ", "=", "-", "端", "PS C:\\>", "$ ", "<a>"]
    {
        look_at(repeated(unit.as_bytes(), 1 << 20));
    }
}

#[test]
fn outputs_that_repeat_are_read_to_their_end() {
    for file in files() {
        look_at(repeated(&file, 30_000));
    }
}

#[test]
#[ignore = "takes minutes"]
fn a_hundred_thousand_repeats_of_each_line_are_read_to_their_end() {
    for file in files() {
        for line in file.split_inclusive(|byte| *byte == b'\n') {
            look_at(line.repeat(100_000));
        }
    }
}

fn repeated(unit: &[u8], size: usize) -> Vec<u8> {
    unit.repeat(size.div_ceil(unit.len().max(1)))
}
