//! A saved Case opens again; what is none is refused with what is wrong and what to do.

use portmedic::case::{Case, MAX_BYTES};
use portmedic::report::{Format, Hide, report};
use serde_json::{Value, json};

use crate::cases::{fixed, office};

fn saved() -> String {
    report(&fixed(office()), Format::Json, &Hide::nothing()).text
}

/// A saved Case in which something was changed by hand.
fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut value = serde_json::from_str(&saved()).unwrap();
    change(&mut value);
    value.to_string()
}

#[test]
fn a_saved_case_is_the_same_again() {
    assert_eq!(Case::from_json(&saved()).unwrap(), fixed(office()));
    let with_mark = format!("\u{feff}{}", saved());
    assert_eq!(Case::from_json(&with_mark).unwrap(), fixed(office()));
}

#[test]
fn what_is_no_case_is_refused_with_why_and_what_to_do() {
    let cut_off = saved()[..saved().len() / 2].to_owned();
    let cases: Vec<(String, &[&str])> = vec![
        (String::new(), &["not JSON", ".json"]),
        ("<html></html>".to_owned(), &["not JSON"]),
        (cut_off, &["not JSON", "cut off"]),
        ("[1, 2]".to_owned(), &["no case", "names no form"]),
        ("{\"schema\": \"portmedic.ports/1\"}".to_owned(), &["no case", "portmedic.ports/1"]),
        ("{\"schema\": 7}".to_owned(), &["no case"]),
        (
            with(|case| case["schema"] = json!("portmedic.case/2")),
            &["portmedic.case/2", "portmedic.case/1", "version that wrote it"],
        ),
        (with(|case| case["schema"] = json!("portmedic.case/\u{202e}")), &["\\u{202e}"]),
        (with(|case| case["verdict"]["cause"] = json!("bad_luck")), &["not a whole one", "bad_luck"]),
        (with(|case| drop(case.as_object_mut().unwrap().remove("verdict"))), &["not a whole one", "verdict"]),
        (with(|case| case["chosen"] = json!(9)), &["option that its plan does not have"]),
        (with(|case| case["owners"] = json!("nobody")), &["not a whole one"]),
    ];
    for (text, wanted) in cases {
        let why = Case::from_json(&text).unwrap_err().to_string();
        for words in wanted {
            assert!(why.contains(words), "\"{words}\" is not in: {why}");
        }
    }
}

#[test]
fn a_case_that_is_too_long_or_too_deep_is_refused() {
    let long = " ".repeat(MAX_BYTES + 1);
    assert!(Case::from_json(&long).unwrap_err().to_string().contains("16 MB"));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Case::from_json(&deep).unwrap_err().to_string().contains("not JSON"));
}

#[test]
fn no_case_keeps_the_arguments_of_an_owner() {
    let mut case = office();
    assert!(!case.owners.is_empty());
    for owner in &mut case.owners {
        owner.command_line = Some(vec!["/usr/sbin/demo".to_owned(), "--password=hunter2".to_owned()]);
    }
    let json = case.to_json().unwrap();
    assert!(!json.contains("hunter2"), "{json}");
}

#[test]
fn no_case_keeps_the_arguments_of_a_service() {
    let mut snapshot = office().snapshot();
    assert!(!snapshot.services.is_empty());
    for service in &mut snapshot.services {
        service.command_line = vec!["/usr/sbin/demo".to_owned(), "--password=hunter2".to_owned()];
    }
    let json = office().with_facts(&snapshot).to_json().unwrap();
    assert!(!json.contains("hunter2"), "{json}");
}
