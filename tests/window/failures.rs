//! What can go wrong on the way, each with a clear word and a way on.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use portmedic::app::{AppState, Backend, Command, Effect, Event, Input, Page, Settings, Stage, update};
use portmedic::remedy::{Operation, PreviewKind};

use super::computer::{Computer, Script};
use super::screen::Screen;

#[test]
fn a_declined_prompt_changes_nothing_and_can_be_tried_again() {
    let computer = Arc::new(Computer::new(Script::Declined));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.click("Apply 3 steps\u{2026}");
    screen.wait_for("The prompt was declined");
    assert!(screen.has("Nothing was changed"));
    assert!(screen.has("Step 1, Exclude port 5432, now and after a restart: Not run"));
    assert!(screen.has("For an administrator"), "the commands are there to be handed on");
    screen.click("Try again\u{2026}");
    screen.until("the second try", |_| computer.runs.load(Ordering::SeqCst) == 2);
    screen.wait_for("The prompt was declined");
    screen.click("Back to Fix");
    assert_eq!(screen.page(), Page::Fix, "nothing was changed, so nothing is locked");
}

#[test]
fn a_step_that_fails_stops_the_rest_and_says_why() {
    let computer = Arc::new(Computer::new(Script::SecondStepFails));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.click("Apply 3 steps\u{2026}");
    screen.wait_for("The fix stopped after 1 of 3 steps");
    assert!(screen.has("the kernel refused to close the connection"));
    assert!(screen.has("Step 2, Close the connection of bkagent: Could not"));
    assert!(screen.has("Step 3, Start PostgreSQL: Not run"));
    screen.click("Verify");
    screen.wait_for("Not fixed: PostgreSQL does not run");
}

#[test]
fn waiting_for_the_rights_can_be_given_up() {
    let computer = Arc::new(Computer::new(Script::WaitsForEver));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.click("Apply 3 steps\u{2026}");
    screen.wait_for("Waiting for approval");
    assert!(screen.has("Nothing has been changed yet"));
    screen.click("Cancel");
    screen.wait_for("The prompt was declined");
}

#[test]
fn while_steps_run_no_other_page_opens_and_the_run_can_be_stopped() {
    let computer = Arc::new(Computer::new(Script::RunsForEver));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.click("Apply 3 steps\u{2026}");
    screen.wait_for("Step 3, Start PostgreSQL: Running");
    screen.click("Start");
    assert_eq!(screen.page(), Page::Apply);
    assert_eq!(screen.harness.state().state().run.stage, Stage::Running);
    screen.click("Stop after this step");
    screen.wait_for("All 3 steps are done");
}

#[test]
fn a_fix_of_high_risk_asks_first_and_the_safe_answer_does_nothing() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.click_starting_with("End bkagent, then start PostgreSQL, High risk");
    screen.click("Apply 3 steps\u{2026}");
    screen.wait_for("End bkagent, then start PostgreSQL?");
    screen.click("Keep it running");
    assert_eq!(screen.page(), Page::Fix);
    assert_eq!(computer.runs.load(Ordering::SeqCst), 0);
}

#[test]
fn a_system_that_does_not_answer_is_told_with_a_way_on() {
    let computer = Arc::new(Computer::new(Script::CannotLook));
    let mut screen = Screen::open(&computer);
    screen.wait_for("The services could not be read");
    screen.type_into("Service, port or error text", "5432");
    screen.click("Check");
    screen.wait_for("This could not be looked into");
    assert!(screen.has("The socket table could not be read"));
    assert!(screen.has("Look again"));
}

#[test]
fn what_names_nothing_is_refused_with_what_a_target_looks_like() {
    let computer = Arc::new(Computer::new(Script::NothingFound));
    let mut screen = Screen::open(&computer);
    screen.type_into("Service, port or error text", "70000");
    screen.click("Check");
    assert_eq!(screen.page(), Page::Home);
    assert!(screen.has("ports go from 1 to 65535"));
}

#[test]
fn a_port_that_is_none_is_refused_in_the_question_for_one() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.click_starting_with("Choose from all services");
    screen.click("Check a port");
    screen.type_into("Port", "1433/sctp");
    screen.click("Check port");
    assert!(screen.has("A port is a number from 1 to 65535"));
    assert_eq!(screen.page(), Page::Service);
}

#[test]
fn the_commands_for_an_administrator_leave_out_what_is_no_command() {
    let mut state = AppState::new(Timestamp::UNIX_EPOCH, TimeZone::UTC, Settings::default());
    update(&mut state, Input::Command(Command::Type("5432".to_owned())));
    let effects = update(&mut state, Input::Command(Command::CheckTyped));
    let [Effect::Investigate(number, target)] = &effects[..] else { panic!("nothing was looked into: {effects:?}") };
    let mut found = Computer::new(Script::Healed).investigate(target, &mut |_| {}).unwrap();
    let steps = &mut found.case.plan.options[0].steps;
    let mut call = steps[0].clone();
    call.operation = Operation::Manual { instructions: vec!["Call the backup team".to_owned()] };
    call.preview_kind = PreviewKind::Manual;
    call.preview = "Call the backup team".to_owned();
    steps.push(call);
    update(&mut state, Input::Event(Event::Investigated(*number, Ok(Box::new(found)))));
    let effects = update(&mut state, Input::Command(Command::CopyCommands));
    let [Effect::CopyText(text)] = &effects[..] else { panic!("nothing was copied: {effects:?}") };
    assert!(text.contains("systemctl start postgresql.service\n"), "{text}");
    assert!(!text.contains("Call the backup team"), "{text}");
}
