//! The report page: what is seen is what is saved.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use eframe::egui::{Key, Modifiers};
use jiff::tz::TimeZone;
use portmedic::app::{AppState, Chosen, Event, Input, Page, Settings, update};
use portmedic::case::Case;
use portmedic::report::{Format, Hide, report};

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

    screen.press(Key::Enter);
    screen.until("the second answer", |screen| !screen.harness.state().state().report.busy);
    assert!(!screen.has("Replace the file"), "to save the same again is no question");

    std::fs::write(folder.path().join("ticket.md"), "of somebody else").unwrap();
    screen.click("Save report");
    screen.wait_for("Replace the file of this name?");
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

#[test]
fn names_are_hidden_until_somebody_wants_them_shown() {
    let mut screen = at_the_report();
    let text = |screen: &Screen| screen.harness.state().state().report.text.clone();
    assert!(screen.has("values hidden in this report"));
    assert!(!text(&screen).contains("m.weber") && !text(&screen).contains("10.20.0.40"));
    assert!(screen.has("user-1"), "the paper shows the word");
    let name = screen.harness.state().state().report.name.clone();
    assert!(name.starts_with("computer-1_5432_"), "the name of the file tells nothing either: {name}");
    screen.click("Hide user names, 1 hidden");
    assert!(text(&screen).contains("m.weber") && !text(&screen).contains("10.20.0.40"));
    assert!(screen.has("Hide user names, shown"));
    screen.click("Script, to repeat by hand");
    assert!(screen.has("A script works only with the real names, so nothing is hidden"));
    assert!(text(&screen).contains("10.20.0.40"));
}

#[test]
fn what_is_hidden_is_listed_with_its_word() {
    let mut screen = at_the_report();
    assert!(!screen.has("stands for"), "the list opens on demand");
    screen.click("Show what is hidden");
    assert!(screen.has("user-1 stands for m.weber, in "), "{:?}", screen.says());
    screen.click("Hide the list of hidden values");
    assert!(!screen.has("stands for"));
}

#[test]
fn a_dialog_that_was_closed_is_no_trouble_and_one_that_cannot_open_is_told() {
    let settings = Settings::default();
    let mut state = AppState::new("2026-11-20T03:14:10Z".parse().unwrap(), TimeZone::UTC, settings);
    state.report.folder = "/home/m.weber".to_owned();
    update(&mut state, Input::Event(Event::PathChosen(Chosen::Cancelled)));
    assert_eq!((state.report.no_dialog.as_deref(), state.report.folder.as_str()), (None, "/home/m.weber"));
    update(&mut state, Input::Event(Event::PathChosen(Chosen::NoDialog("no portal".to_owned()))));
    assert_eq!((state.report.no_dialog.as_deref(), state.report.folder.as_str()), (Some("no portal"), "/home/m.weber"));
    update(&mut state, Input::Event(Event::PathChosen(Chosen::Files(vec!["/tmp/a.html".into()]))));
    assert_eq!((state.report.folder.as_str(), state.report.name.as_str()), ("/tmp", "a.html"));
}

/// A saved case of a healed computer, in a folder of its own.
fn saved_case(redact: bool) -> (tempfile::TempDir, String) {
    let screen = at_the_report();
    let case = screen.harness.state().state().case().unwrap().clone();
    let hide = if redact { Hide::everything() } else { Hide::nothing() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.json");
    std::fs::write(&path, report(&case, Format::Json, &hide).text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn open(path: &str) -> (Arc<Computer>, Screen) {
    let computer = Arc::new(Computer::new(Script::NothingFound));
    let mut screen = Screen::open(&computer);
    screen.until("the services", |screen| !screen.is_looking_at_services());
    screen.press_starting_with("Open a saved case");
    screen.replace_in("Path of the case", path);
    screen.click("Open case");
    (computer, screen)
}

#[test]
fn a_saved_case_shows_its_pages_and_runs_nothing() {
    let (_folder, path) = saved_case(false);
    let (computer, mut screen) = open(&path);
    screen.wait_for("Saved case of srv1");
    assert_eq!(screen.page(), Page::Owner);
    assert!(screen.has("Process bkagent, PID 4312"));
    screen.click_starting_with("Step 2 of 7, Port");
    assert!(
        screen.has("TCP over IPv4, Any address In use, Loopback Free"),
        "the bind tests are in the file: {:?}",
        screen.says()
    );
    screen.click_starting_with("Step 3 of 7, Owner");
    screen.click("Look again");
    screen.wait_for("This is a saved case, it only shows");
    screen.click("Show the fixes");
    screen.click_primary();
    assert_eq!((computer.runs.load(Ordering::SeqCst), computer.looks.load(Ordering::SeqCst)), (0, 0));
    screen.click_starting_with("Step 7 of 7, Report");
    assert!(screen.has("Report for the ticket"));
    screen.press_with(Modifiers::COMMAND, Key::N);
    assert!(!screen.has("Saved case of"), "a new check leaves it");
}

#[test]
fn a_redacted_case_opens_and_says_so() {
    let (_folder, path) = saved_case(true);
    let (_computer, mut screen) = open(&path);
    screen.wait_for("Saved case of computer-1");
    assert!(screen.has("Names and addresses were hidden when it was saved"));
}

#[test]
fn a_file_that_is_no_case_is_told_at_its_place_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.json");
    std::fs::write(&path, "{\"schema\": \"portmedic.case/9\"}").unwrap();
    let (_computer, mut screen) = open(path.to_str().unwrap());
    screen.wait_for("portmedic.case/9");
    assert!(screen.has("Which saved case?"), "the question stays");
    screen.replace_in("Path of the case", "/no/such/case.json");
    screen.press(Key::Enter);
    screen.wait_for("it is not there");
}
