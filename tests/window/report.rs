//! The report page: what is seen is what is saved.

use std::sync::Arc;

use eframe::egui::Key;
use portmedic::case::Case;

use super::computer::{Computer, Script};
use super::screen::Screen;

fn at_the_report() -> Screen {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.click_starting_with("Step 7 of 7, Report");
    screen
}

#[test]
fn what_is_seen_is_what_is_saved_and_nothing_is_replaced_without_consent() {
    let folder = tempfile::tempdir().unwrap();
    let mut screen = at_the_report();
    screen.replace_in("Folder", folder.path().to_str().unwrap());
    screen.replace_in("File name", "ticket.md");
    screen.click("Save report");
    screen.wait_for("Report saved");
    let saved = std::fs::read(folder.path().join("ticket.md")).unwrap();
    assert_eq!(String::from_utf8(saved).unwrap(), screen.harness.state().state().report.text);

    std::fs::write(folder.path().join("ticket.md"), "of somebody else").unwrap();
    screen.click("Save report");
    screen.wait_for("A file of this name is there");
    assert_eq!(std::fs::read(folder.path().join("ticket.md")).unwrap(), b"of somebody else");
    screen.click("Replace the file");
    screen.until("the replaced file", |_| std::fs::read(folder.path().join("ticket.md")).unwrap() != b"of somebody else");
}

#[test]
fn a_folder_that_is_not_there_is_told_at_its_place() {
    let mut screen = at_the_report();
    screen.replace_in("Folder", "/no/such/folder");
    screen.press(Key::Enter);
    screen.wait_for("The report could not be saved");
}

#[test]
fn the_json_report_is_a_case_that_opens_again() {
    let mut screen = at_the_report();
    screen.click("JSON, opens again, for tools");
    let text = &screen.harness.state().state().report.text;
    let case = Case::from_json(text).unwrap();
    assert_eq!(case.target.port, Some(5432));
    assert_eq!(screen.harness.state().state().report.name.rsplit_once('.').map(|(_, end)| end), Some("json"));
}
