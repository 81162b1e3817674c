//! Binary event logs, written here in the form that [MS-EVEN6] describes: a header, then blocks of 64 KiB with records of binary XML.

use std::fs;

use assert_cmd::Command;
use portmedic::evidence::{Input, read};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The bytes in front of the blocks, and of a block.
const HEADER: usize = 4096;
const BLOCK: usize = 65_536;
/// The bytes in front of the records of a block.
const BLOCK_HEADER: usize = 512;
/// Says that a block has no checksums.
const NO_CHECKSUM: u32 = 4;

/// An element with its attributes and what is in it.
struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Self>,
    text: String,
}

fn element(name: &'static str, children: Vec<Element>) -> Element {
    Element { name, attributes: Vec::new(), children, text: String::new() }
}

fn text(name: &'static str, text: &str) -> Element {
    Element { text: text.to_owned(), ..element(name, Vec::new()) }
}

fn with(name: &'static str, attribute: &'static str, value: &str) -> Element {
    Element { attributes: vec![(attribute, value.to_owned())], ..element(name, Vec::new()) }
}

fn event(provider: &str, id: u32, data: &[&str]) -> Element {
    let system = vec![
        with("Provider", "Name", provider),
        text("EventID", &id.to_string()),
        with("TimeCreated", "SystemTime", "2026-06-01T05:00:00.1234567Z"),
        text("Computer", "KASSE-3"),
    ];
    let data = data.iter().map(|value| text("Data", value)).collect();
    element("Event", vec![element("System", system), element("EventData", data)])
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn length(text: &str) -> [u8; 2] {
    u16::try_from(text.encode_utf16().count()).unwrap().to_le_bytes()
}

fn four(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_le_bytes()
}

/// A name stands right behind the place that refers to it.
fn write_name(block: &mut Vec<u8>, name: &str) {
    block.extend(four(block.len() + 4));
    block.extend([0; 6]);
    block.extend(length(name));
    block.extend(wide(name));
    block.extend([0; 2]);
}

fn write_value(block: &mut Vec<u8>, value: &str) {
    block.extend([5, 1]);
    block.extend(length(value));
    block.extend(wide(value));
}

fn write_element(block: &mut Vec<u8>, element: &Element) {
    let has_attributes = !element.attributes.is_empty();
    block.push(if has_attributes { 0x41 } else { 1 });
    block.extend([0; 4]);
    write_name(block, element.name);
    if has_attributes {
        block.extend([0; 4]);
    }
    for (name, value) in &element.attributes {
        block.push(6);
        write_name(block, name);
        write_value(block, value);
    }
    block.push(2);
    if !element.text.is_empty() {
        write_value(block, &element.text);
    }
    element.children.iter().for_each(|child| write_element(block, child));
    block.push(4);
}

/// A block with events, the first one with the record number `first`.
fn block(first: u64, events: &[Element]) -> Vec<u8> {
    let mut block = vec![0; BLOCK_HEADER];
    let mut last = block.len();
    for (number, event) in (first..).zip(events) {
        last = block.len();
        block.extend(*b"\x2a\x2a\0\0\0\0\0\0");
        block.extend(number.to_le_bytes());
        block.extend(0x01DC_0000_0000_0000_u64.to_le_bytes());
        block.extend([0x0f, 1, 1, 0]);
        write_element(&mut block, event);
        block.push(0);
        let size = four(block.len() + 4 - last);
        block.extend(size);
        block[last + 4..last + 8].copy_from_slice(&size);
    }
    let behind = first + events.len() as u64 - 1;
    let mut header = b"ElfChnk\0".to_vec();
    header.extend([first, behind, first, behind].into_iter().flat_map(u64::to_le_bytes));
    header.extend([four(128), four(last), four(block.len())].concat());
    block[..header.len()].copy_from_slice(&header);
    block[120..124].copy_from_slice(&NO_CHECKSUM.to_le_bytes());
    block.resize(BLOCK, 0);
    block
}

fn log(blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut log = b"ElfFile\0".to_vec();
    log.extend([0_u64, blocks.len() as u64 - 1, 1000].into_iter().flat_map(u64::to_le_bytes));
    log.extend(128_u32.to_le_bytes());
    log.extend([1_u16, 3, 4096, u16::try_from(blocks.len()).unwrap()].into_iter().flat_map(u16::to_le_bytes));
    log.resize(HEADER, 0);
    log[120..124].copy_from_slice(&NO_CHECKSUM.to_le_bytes());
    log.extend(blocks.concat());
    log
}

fn analyze(bytes: &[u8]) -> Value {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("System.evtx"), bytes).unwrap();
    let mut command = Command::cargo_bin("portmedic").unwrap();
    let output = command.args(["analyze", "--json", "System.evtx"]).current_dir(folder.path()).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn blocks() -> [Vec<u8>; 2] {
    [
        block(41, &[event("Service Control Manager", 7024, &["SQL Server (KASSE)", "%%10013"])]),
        block(42, &[event("Service Control Manager", 7036, &["Themes", "x"]), event("Tcpip", 4231, &["", "TCP"])]),
    ]
}

#[test]
fn the_events_of_a_binary_log_tell_what_those_of_xml_do() {
    let answer = analyze(&log(&blocks()));
    assert_eq!((&answer["kind"], &answer["encoding"]), (&json!("evtx"), &json!("binary")), "{answer}");
    assert_eq!(answer["failed_services"], json!(["SQL Server (KASSE)"]));
    let failures = answer["failures"].as_array().unwrap();
    let told = |failure: &Value| ["product", "code", "cause", "line", "time"].map(|key| failure[key].clone());
    let time = "2026-06-01T05:00:00.1234567Z";
    assert_eq!(
        failures.iter().map(told).collect::<Vec<_>>(),
        [
            [json!("sqlserver"), json!("10013"), json!("forbidden"), json!(41), json!(time)],
            [json!("tcpip"), json!("4231"), json!("exhausted"), json!(43), json!(time)],
        ]
    );
    assert_eq!(answer["files"][0]["problems"], json!([]));
}

#[test]
fn a_damaged_block_leaves_the_others() {
    let [mut first, second] = blocks();
    first[..8].copy_from_slice(b"damaged!");
    let answer = analyze(&log(&[first, second]));
    assert_eq!((&answer["failures"][0]["line"], &answer["failures"][1]), (&json!(43), &Value::Null), "{answer}");
    let because = answer["files"][0]["problems"][0]["because"].as_str().unwrap();
    assert!(because.contains("could not be read, 1 in all"), "{because}");
}

#[test]
fn a_log_that_is_cut_off_is_read_up_to_there_or_refused() {
    let whole = log(&blocks());
    let answer = analyze(&whole[..HEADER + BLOCK + 100]);
    assert_eq!(answer["failures"][0]["line"], json!(41), "{answer}");
    let answer = analyze(&whole[..64]);
    assert_eq!((&answer["kind"], &answer["failures"]), (&json!("unknown"), &json!([])));
    assert!(answer["files"][0]["problems"][0]["because"].as_str().unwrap().contains("damaged"), "{answer}");
}

/// A change of some bytes in the used part of a log: its header, or the beginning of one of its blocks.
fn change() -> impl Strategy<Value = (usize, Index, Vec<u8>)> {
    let bytes = prop_oneof![
        any::<[u8; 1]>().prop_map(Vec::from),
        any::<[u8; 4]>().prop_map(Vec::from),
        (0..32_u32).prop_map(|power| (1_u32 << power).to_le_bytes().to_vec()),
        Just(vec![0xff; 4]),
    ];
    (0..3_usize, any::<Index>(), bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_binary_logs_are_read_to_their_end(
        changes in proptest::collection::vec(change(), 1..8),
        cut in proptest::option::weighted(0.1, any::<Index>()),
    ) {
        let mut bytes = log(&blocks());
        for (part, at, new) in changes {
            let (start, used) = if part == 0 { (0, 128) } else { (HEADER + (part - 1) * BLOCK, 2000) };
            let at = start + at.index(used);
            bytes[at..at + new.len()].copy_from_slice(&new);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let reading = read(&[Input::new("System.evtx".to_owned(), bytes)]);
        prop_assert!(reading.failures.len() + reading.failed_services.len() <= 6);
    }
}
