//! Folders and archives of files.

use std::fs;
use std::io::{Cursor, Write as _};

use assert_cmd::Command;
use portmedic::evidence::{Input, Room, unpack};
use serde_json::Value;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::archives::{gzipped, zipped};

/// One row of a table, with this port.
fn table(port: u16) -> String {
    format!("  Proto  Local Address  Foreign Address  State  PID\r\n  TCP  0.0.0.0:{port}  0.0.0.0:0  LISTENING  4711\r\n")
}

fn write(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn analyze(folder: &TempDir, files: &[&str]) -> Value {
    let mut command = Command::cargo_bin("portmedic").unwrap();
    let output = command.args(["analyze", "--json"]).args(files).current_dir(folder.path()).output().unwrap();
    assert!(!output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The names of the files, in their order.
fn names(answer: &Value) -> Vec<&str> {
    answer["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect()
}

/// Each socket as its file, line and port.
fn sockets(answer: &Value) -> Vec<(&str, u64, u64)> {
    let of = |row: &Value, key: &str| row[key].as_u64().unwrap();
    let rows = answer["sockets"].as_array().unwrap().iter();
    rows.map(|row| (row["file"].as_str().unwrap(), of(row, "line"), of(row, "local_port"))).collect()
}

fn problem(answer: &Value, file: &str) -> String {
    let file = answer["files"].as_array().unwrap().iter().find(|read| read["name"] == file).unwrap();
    file["problems"][0]["because"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn folders_and_archives_are_read_beside_files() {
    let folder = TempDir::new().unwrap();
    write(&folder, "one.txt", table(1001));
    write(&folder, "case/b/two.txt", table(1002));
    write(&folder, "case/a.log.gz", gzipped(table(1003).as_bytes()));
    let inner = zipped(&[("five.txt", table(1005).as_bytes())]);
    let four = table(1004);
    let files: [(&str, &[u8]); 4] =
        [("logs/four.txt", four.as_bytes()), ("__MACOSX/._four.txt", b"\0\x05\x16"), ("x.zip", &inner), ("empty/", b"")];
    write(&folder, "ports.zip", zipped(&files));
    let answer = analyze(&folder, &["ports.zip", "case", "one.txt"]);
    let expected = [
        ("ports.zip/logs/four.txt", 2, 1004),
        ("ports.zip/x.zip/five.txt", 2, 1005),
        ("a.log.gz", 2, 1003),
        ("two.txt", 2, 1002),
        ("one.txt", 2, 1001),
    ];
    assert_eq!(sockets(&answer), expected);
    assert_eq!(names(&answer), expected.map(|(name, ..)| name));
    assert_eq!(answer["kind"], "netstat-windows");
}

#[test]
fn files_of_one_name_are_told_apart_by_their_folders() {
    let folder = TempDir::new().unwrap();
    write(&folder, "case/web01/ports.txt", table(1001));
    write(&folder, "case/web02/ports.txt", table(1002));
    write(&folder, "other/web02/ports.txt", table(1003));
    let answer = analyze(&folder, &["case", "other/web02/ports.txt"]);
    assert_eq!(
        sockets(&answer),
        [("web01/ports.txt", 2, 1001), ("case/web02/ports.txt", 2, 1002), ("other/web02/ports.txt", 2, 1003)]
    );
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = TempDir::new().unwrap();
    write(&folder, "case/ports.txt", table(1001));
    let answer = analyze(&folder, &["case", "case/ports.txt", "./case/ports.txt"]);
    assert_eq!(sockets(&answer), [("ports.txt", 2, 1001)]);
}

#[test]
fn archives_that_cannot_be_unpacked_leave_the_other_files() {
    let folder = TempDir::new().unwrap();
    let text = table(2002);
    let good = zipped(&[("ports.txt", text.as_bytes())]);
    write(&folder, "cut.zip", &good[..good.len() / 2]);
    write(&folder, "locked.zip", locked(&good));
    write(&folder, "no-file.zip", zipped(&[("empty/", b"")]));
    write(&folder, "letter.docx", zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")]));
    write(&folder, "cut.gz", &gzipped(text.as_bytes())[..30]);
    write(&folder, "ports.txt", table(1001));
    let answer = analyze(&folder, &["."]);
    assert_eq!(sockets(&answer), [("ports.txt", 2, 1001)]);
    let expected = [
        ("cut.zip", "damaged or cut off"),
        ("locked.zip/ports.txt", "locked with a password"),
        ("no-file.zip", "holds no file"),
        ("letter.docx", "a document (Office)"),
        ("cut.gz", "damaged or cut off"),
    ];
    for (file, because) in expected {
        assert!(problem(&answer, file).contains(because), "{file}: {}", problem(&answer, file));
    }
    let alone = analyze(&folder, &["cut.zip"]);
    assert_eq!((&alone["kind"], &alone["encoding"]), (&"unknown".into(), &"binary".into()));
}

/// The archive of one file with its files marked as encrypted.
fn locked(archive: &[u8]) -> Vec<u8> {
    let mut archive = archive.to_vec();
    for (header, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = archive.windows(4).position(|here| here == header).unwrap();
        archive[at + flags] |= 1;
    }
    archive
}

#[test]
fn a_file_that_is_damaged_in_an_archive_leaves_the_others() {
    let folder = TempDir::new().unwrap();
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, port) in [("one.txt", 1001), ("two.txt", 1002)] {
        archive.start_file(name, stored).unwrap();
        archive.write_all(table(port).as_bytes()).unwrap();
    }
    let mut bytes = archive.finish().unwrap().into_inner();
    let at = bytes.windows(4).position(|here| here == b"1001").unwrap();
    bytes[at] = b'9';
    write(&folder, "ports.zip", bytes);
    let answer = analyze(&folder, &["ports.zip"]);
    assert_eq!(sockets(&answer), [("ports.zip/two.txt", 2, 1002)]);
    assert!(problem(&answer, "ports.zip/one.txt").contains("damaged in its archive"));
}

#[test]
fn an_archive_that_holds_too_much_stays_packed() {
    let zeros = vec![0; 50_000];
    let archive = zipped(&[("one.txt", b"1"), ("zeros.txt", &zeros)]);
    let held = |files: usize, bytes: u64| unpack(Input::new("a.zip".to_owned(), archive.clone()), &mut Room { files, bytes });
    assert_eq!(held(2, 50_001).len(), 2);
    for (files, bytes) in [(2, 50_000), (1, 60_000), (2, 10)] {
        let [left] = <[Input; 1]>::try_from(held(files, bytes)).unwrap();
        assert_eq!(left.name, "a.zip");
        assert!(left.unread.unwrap().contains("too large or has too many files"));
    }
}

#[test]
fn archives_deep_in_each_other_stay_packed() {
    let mut archive = gzipped(b"text");
    for _ in 0..10 {
        archive = gzipped(&archive);
    }
    let left = unpack(Input::new("a.gz".to_owned(), archive), &mut Room { files: 100, bytes: 1_000_000 });
    assert!(left[0].unread.as_ref().unwrap().contains("too deep"));
}

#[test]
fn too_many_files_are_refused() {
    let folder = TempDir::new().unwrap();
    for number in 0..=1000 {
        write(&folder, &format!("{number}.txt"), "");
    }
    refused(&folder, ".", "more than 1000 files and folders");
}

#[test]
fn a_folder_without_a_file_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("case/inner")).unwrap();
    refused(&folder, "case", "case holds no file");
}

fn refused(folder: &TempDir, file: &str, because: &str) {
    let mut command = Command::cargo_bin("portmedic").unwrap();
    let said = command.args(["analyze", "--json", file]).current_dir(folder.path()).assert().code(2);
    let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(said.contains(because), "{said}");
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_are_not_followed() {
    let folder = TempDir::new().unwrap();
    write(&folder, "secret.txt", table(1001));
    write(&folder, "case/ports.txt", table(1002));
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(std::path::Path::new(to), folder.path().join(name)).unwrap();
    link("../secret.txt", "case/link.txt");
    link("..", "case/round");
    let answer = analyze(&folder, &["case"]);
    assert_eq!(names(&answer), ["ports.txt"]);
}
