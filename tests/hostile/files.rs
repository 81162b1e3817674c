//! Files that people hand each other: saved cases, practice machines, the log of the recorder.

use std::process::Command;
use std::sync::LazyLock;

use portmedic::case::Case;
use portmedic::diagnosis::{Symptom, diagnose};
use portmedic::platform::practice::{Behaviour, Machine, PracticePlatform};
use portmedic::platform::recorder::Findings;
use portmedic::platform::{Platform, Scope};
use portmedic::report::{Format, Hide, report};
use proptest::prelude::*;

use crate::cases;
use crate::damage::damaged_one_of;

/// Saved cases as the program writes them.
fn saved() -> Vec<Vec<u8>> {
    static SAVED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        [("1433", "sql-client"), ("5432", "postgresql-client"), ("8080", "docker-8080")]
            .map(|(target, machine)| {
                let path = folder.path().join(format!("{machine}.json"));
                #[expect(clippy::disallowed_methods, reason = "a test runs the program")]
                let status = Command::new(env!("CARGO_BIN_EXE_portmedic"))
                    .args(["diagnose", target, "--practice", machine, "--to"])
                    .arg(&path)
                    .output()
                    .unwrap();
                std::fs::read(&path).unwrap_or_else(|error| panic!("{error}: {status:?}"))
            })
            .to_vec()
    });
    SAVED.clone()
}

fn machines() -> Vec<Vec<u8>> {
    let files = std::fs::read_dir("assets/practice").unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "toml")).collect();
    files.sort();
    files.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Everything that is made of a case that was read.
fn show(case: &Case) {
    for format in [Format::Html, Format::Markdown, Format::Json, Format::Csv, Format::Shell, Format::PowerShell] {
        for hide in [Hide::nothing(), Hide::everything()] {
            let _page = report(case, format, &hide);
        }
    }
    let _facts = (case.diagnosis(), case.option(), case.snapshot());
    assert!(Case::from_json(&case.to_json().unwrap()).is_ok(), "what was read is written so that it is read again");
}

#[test]
fn the_files_that_are_damaged_are_some() {
    for case in saved() {
        show(&Case::from_bytes(&case).unwrap());
    }
    assert!(machines().len() > 30);
}

const LOG: &str = r#"{"note":"begin","time":"2026-11-21T03:00:00Z","ports":[{"port":1433,"protocol":"tcp"}]}
{"note":"taken","id":1,"sighting":{"port":1433,"protocol":"tcp","seen":"2026-11-21T03:01:00Z","state":"LISTEN"}}
{"note":"left","id":1,"time":"2026-11-21T03:02:00Z"}
{"note":"alive","time":"2026-11-21T03:03:00Z"}
{"note":"end","time":"2026-11-21T03:04:00Z"}
"#;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_damaged_case_is_opened_or_refused_with_a_reason(bytes in damaged_one_of(saved())) {
        match Case::from_bytes(&bytes) {
            Ok(case) => show(&case),
            Err(why) => prop_assert!(!why.to_string().is_empty()),
        }
    }

    #[test]
    fn a_damaged_practice_machine_works_or_is_refused_with_a_reason(bytes in damaged_one_of(machines())) {
        let text = String::from_utf8_lossy(&bytes);
        match Machine::parse("own", "own.toml", &text) {
            Ok(machine) => {
                let computer = PracticePlatform::new(&machine, &Behaviour::default());
                if let Ok(snapshot) = computer.observe(&Scope::default()) {
                    let _diagnosis = diagnose(&snapshot, &Symptom { port: Some(1433), ..Symptom::default() });
                }
            }
            Err(why) => prop_assert!(!why.to_string().is_empty()),
        }
    }

    #[test]
    fn a_damaged_log_of_the_recorder_is_read(bytes in damaged_one_of(vec![LOG.as_bytes().to_vec()])) {
        let _findings = Findings::read(String::from_utf8_lossy(&bytes).lines());
    }
}
