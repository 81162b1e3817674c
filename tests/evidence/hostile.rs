//! Files that somebody damaged, by accident or on purpose: whatever they hold, reading them ends, and tells no more than they can hold.
//!
//! `PROPTEST_CASES=20000 cargo test --test evidence hostile` looks for longer.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use portmedic::app::analyze::analyze;
use portmedic::evidence::{Input, Place, Reading, read};
use proptest::prelude::*;
use proptest::sample::select;

use crate::damage::{NASTY, damaged_one_of};

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
    fn damaged_outputs_are_read_to_their_end(bytes in damaged_one_of(files())) {
        look_at(bytes);
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
