//! Traces of Windows, written here in the form that the Windows SDK describes (`WMI_BUFFER_HEADER`, `TRACE_LOGFILE_HEADER`, `EVENT_HEADER`).

use std::fs;

use assert_cmd::Command;
use portmedic::evidence::{Input, Kind, read};
use portmedic::machine::FailureKind;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

/// The bytes of a buffer, of its head, and of the heads of events.
const BUFFER: usize = 4096;
const BUFFER_HEAD: usize = 72;
const SYSTEM_HEAD: usize = 32;
/// What a program gets that asks for a port when none is left.
const TOO_MANY_ADDRESSES: u32 = 0xC000_0209;
/// Microsoft-Windows-Winsock-AFD, and a provider of another kind.
const AFD: [u8; 16] = 0x23683ce5_b87b_bb44_90dc_3f86090d48a6_u128.to_be_bytes();
const OTHER: [u8; 16] = 0xea07e22f_db15_f140_90ef_9d7ba282188a_u128.to_be_bytes();
/// 2026-06-01T05:00:00Z in the time of Windows, in units of 100 ns; the counter of the computer showed another number then.
const BEGIN: i64 = 134_247_636_000_000_000;
const COUNTED: i64 = 500_000;
const FREQUENCY: i64 = 1000;

/// Puts `value` into `bytes` at this place.
fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// A buffer with these events, each on a multiple of eight bytes.
fn buffer(events: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; BUFFER_HEAD];
    for event in events {
        bytes.extend(event);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
    }
    let used = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    put(&mut bytes, 0, &u32::try_from(BUFFER).unwrap().to_le_bytes());
    put(&mut bytes, 0x30, &used);
    bytes.resize(BUFFER, 0xFF);
    bytes
}

/// The first buffer: the event that tells about the file.
fn first() -> Vec<u8> {
    let mut event = vec![0; SYSTEM_HEAD + 280];
    let length = u16::try_from(event.len()).unwrap();
    put(&mut event, 2, &[2, 0xC0]);
    put(&mut event, 4, &length.to_le_bytes());
    put(&mut event, 16, &COUNTED.to_le_bytes());
    let about = &mut event[SYSTEM_HEAD..];
    put(about, 0, &u32::try_from(BUFFER).unwrap().to_le_bytes());
    put(about, 44, &8_u32.to_le_bytes());
    put(about, 256, &FREQUENCY.to_le_bytes());
    put(about, 264, &BEGIN.to_le_bytes());
    put(about, 272, &1_u32.to_le_bytes());
    buffer(&[event])
}

/// An event so many seconds after the beginning: what a program did with a socket, and what came of it. The address in it is 9.2.0.192, whose
/// bytes are those of `STATUS_TOO_MANY_ADDRESSES`.
fn event(provider: [u8; 16], id: u16, pid: u32, seconds: i64, status: u32) -> Vec<u8> {
    let mut event = vec![0; 80];
    put(&mut event, 2, &[0x13, 0xC0]);
    put(&mut event, 12, &pid.to_le_bytes());
    put(&mut event, 16, &(COUNTED + seconds * FREQUENCY).to_le_bytes());
    put(&mut event, 24, &provider);
    put(&mut event, 40, &id.to_le_bytes());
    event.extend(1_u32.to_le_bytes());
    event.extend(3022_u32.to_le_bytes());
    event.extend([0xAB; 16]);
    if matches!(id, 1018 | 1021) {
        event.extend([0xCD; 12]);
    }
    event.extend(status.to_le_bytes());
    event.extend(16_u32.to_le_bytes());
    event.extend([2, 0, 0, 0, 9, 2, 0, 192, 0, 0, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(event.len()).unwrap().to_le_bytes();
    put(&mut event, 0, &length);
    event
}

fn trace(buffers: &[Vec<Vec<u8>>]) -> Vec<u8> {
    first().into_iter().chain(buffers.iter().flat_map(|events| buffer(events))).collect()
}

/// Two processes without a port: one once, one three times, of which the first in time is not the first in the file.
fn used_up() -> Vec<u8> {
    let bind = |pid, seconds, status| event(AFD, 1030, pid, seconds, status);
    trace(&[
        vec![bind(700, 1, 0), bind(4242, 9, TOO_MANY_ADDRESSES), event(OTHER, 1030, 800, 2, TOO_MANY_ADDRESSES)],
        vec![
            bind(4242, 7, TOO_MANY_ADDRESSES),
            event(AFD, 1021, 4242, 8, TOO_MANY_ADDRESSES),
            bind(900, 3, TOO_MANY_ADDRESSES),
            event(AFD, 3001, 800, 2, TOO_MANY_ADDRESSES),
        ],
    ])
}

#[test]
fn a_trace_tells_which_process_got_no_port_how_often_and_since_when() {
    let reading = read(&[Input::new("ports.etl".to_owned(), used_up())]);
    assert_eq!(reading.kind(), Kind::Etl);
    assert!(reading.files[0].problems.is_empty(), "{:?}", reading.files);
    let [failure] = reading.failures.as_slice() else { panic!("{reading:#?}") };
    assert_eq!(failure.cause, FailureKind::Exhausted);
    let told =
        "4 times a program asked for a port and got STATUS_TOO_MANY_ADDRESSES, as none was left: PID 4242 (3), PID 900 (1)";
    assert_eq!(failure.message, told);
    // The first event of the file tells about the file itself; the earliest of those is the last but one.
    assert_eq!((failure.time.as_deref(), failure.place.line), (Some("2026-06-01T05:00:03Z"), 7));
}

#[test]
fn a_process_got_no_port_since_the_earliest_of_its_events_wherever_it_stands() {
    let bind = |seconds| event(AFD, 1030, 4242, seconds, TOO_MANY_ADDRESSES);
    let reading = read(&[Input::new("ports.etl".to_owned(), trace(&[vec![bind(9), bind(7)], vec![bind(8)]]))]);
    let [failure] = reading.failures.as_slice() else { panic!("{reading:#?}") };
    assert_eq!((failure.time.as_deref(), failure.place.line), (Some("2026-06-01T05:00:07Z"), 3));
}

#[test]
fn the_executable_says_that_ports_ran_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ports.etl");
    fs::write(&file, used_up()).unwrap();
    let output = Command::cargo_bin("portmedic").unwrap().args(["analyze", "--json"]).arg(&file).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((answer["kind"].as_str(), output.status.code()), (Some("etl"), Some(1)), "{answer:#}");
    assert_eq!(answer["failures"][0]["cause"], "exhausted", "{answer:#}");
}

#[test]
fn a_trace_in_which_every_program_got_its_port_tells_of_no_failure() {
    let reading = read(&[Input::new("ports.etl".to_owned(), trace(&[vec![event(AFD, 1030, 700, 1, 0)]]))]);
    assert!(reading.failures.is_empty() && reading.files[0].problems.is_empty(), "{reading:?}");
}

#[test]
fn what_a_trace_has_lost_or_overwritten_is_told() {
    let about = BUFFER_HEAD + SYSTEM_HEAD;
    let problems = |changes: &[(usize, u32)]| {
        let mut bytes = used_up();
        for (at, value) in changes {
            put(&mut bytes, about + at, &value.to_le_bytes());
        }
        let reading = read(&[Input::new("ports.etl".to_owned(), bytes)]);
        reading.files[0].problems.iter().map(|own| own.because.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(problems(&[(32, 2), (36, 3)]), "", "as many buffers as there are");
    assert!(problems(&[(32, 2), (36, 4)]).contains("longer than its file"));
    assert_eq!(problems(&[(32, 1), (36, 4)]), "", "a file that was not written in a circle");
    assert!(problems(&[(48, 5), (276, 2)]).contains("7 events or buffers"));
}

#[test]
fn a_trace_of_something_else_says_that_it_cannot_tell() {
    let reading = read(&[Input::new("boot.etl".to_owned(), trace(&[vec![event(OTHER, 1, 4, 1, 0)]]))]);
    assert_eq!(reading.kind(), Kind::Etl);
    assert!(reading.files[0].problems[0].because.contains("no event of a program that connects or binds"), "{reading:?}");
}

#[test]
fn a_damaged_buffer_costs_only_its_own_events() {
    let mut bytes = used_up();
    // The first event of the first of two gets a head that nobody knows.
    bytes[BUFFER + BUFFER_HEAD + 2] = 0x77;
    let reading = read(&[Input::new("ports.etl".to_owned(), bytes)]);
    assert!(reading.files[0].problems[0].because.contains("could not be read to the end"), "{reading:?}");
    assert!(reading.failures[0].message.starts_with("3 times "), "{reading:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_traces_are_read_to_their_end(
        changes in proptest::collection::vec((any::<Index>(), any::<[u8; 4]>()), 1..12),
        cut in proptest::option::weighted(0.2, any::<Index>()),
    ) {
        let mut bytes = used_up();
        for (at, new) in changes {
            // Only what stands before the last buffer.
            let at = at.index(2 * BUFFER - new.len());
            put(&mut bytes, at, &new);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        } else if bytes[..4] == [0, 16, 0, 0] {
            bytes[BUFFER_HEAD..BUFFER_HEAD + SYSTEM_HEAD + 4].copy_from_slice(&used_up()[BUFFER_HEAD..BUFFER_HEAD + SYSTEM_HEAD + 4]);
            let reading = read(&[Input::new("ports.etl".to_owned(), bytes.clone())]);
            prop_assert!(reading.failures[0].message.contains("PID 900 (1)"), "the last buffer is whole: {:?}", reading.failures);
        }
        let reading = read(&[Input::new("ports.etl".to_owned(), bytes)]);
        prop_assert!(reading.failures.len() <= 1);
    }
}
