//! Every case, through the executable.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

use crate::expected::differences;

#[test]
fn the_cases_of_this_repository_are_read_exactly() {
    read_all(Path::new("tests/evidence/cases"));
}

/// More cases, where they lie beside the repository.
#[test]
fn the_cases_beside_the_repository_are_read_exactly() {
    let beside = Path::new("../shared/evidence");
    if beside.is_dir() {
        read_all(beside);
    } else {
        println!("skipped: {} does not exist", beside.display());
    }
}

fn read_all(folder: &Path) {
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "{} has cases", folder.display());
    let wrong: Vec<String> = cases.iter().filter_map(|case| read(case)).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What is read otherwise than the case says.
fn read(case: &Path) -> Option<String> {
    let expected: Value = serde_json::from_slice(&fs::read(case.join("expect.json")).unwrap()).unwrap();
    let mut files: Vec<PathBuf> = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !file.ends_with("expect.json"));
    files.sort();
    let output = Command::cargo_bin("portmedic").unwrap().args(["analyze", "--json"]).args(&files).output().unwrap();
    let name = case.file_name().unwrap().to_string_lossy();
    let Ok(answer) = serde_json::from_slice(&output.stdout) else {
        return Some(format!("{name}: no answer: {}", String::from_utf8_lossy(&output.stderr)));
    };
    let wrong = differences(&expected, &answer);
    (!wrong.is_empty()).then(|| format!("{name}:\n    {}", wrong.join("\n    ")))
}
