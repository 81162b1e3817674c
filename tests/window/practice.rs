//! The window on practice machines: the real engine under it, and a word that says so on every page.

use std::sync::Arc;

use eframe::egui::Key;
use portmedic::app::{Computer, Page};
use portmedic::platform::practice::{Behaviour, Fault, Machine, Prompt, StepFault};

use super::screen::Screen;

const SAYS_SO: &str = "Practice machine postgresql-client: nothing real is changed";

/// The window on PostgreSQL without its port.
fn open(behaviour: Behaviour) -> Screen {
    let machine = Machine::find("postgresql-client").unwrap();
    Screen::open(&Arc::new(Computer::practice(&machine, behaviour)))
}

fn with_fault(number: usize, fault: Fault) -> Behaviour {
    Behaviour { step: vec![StepFault { number, fault }], ..Behaviour::default() }
}

/// Goes to the ways out and runs the recommended one.
fn apply(behaviour: Behaviour) -> Screen {
    let mut screen = open(behaviour);
    screen.go_to_fixes();
    screen.click("Apply 3 steps\u{2026}");
    screen
}

#[test]
fn a_lesson_is_told_practised_and_summed_up() {
    let mut screen = open(Behaviour::default());
    assert!(screen.has(SAYS_SO) && screen.has("a backup program's connection has its port"));
    screen.go_to_fixes();
    assert!(screen.has(SAYS_SO), "it says so on every page");
    screen.click("Apply 3 steps\u{2026}");
    screen.wait_for("All 3 steps are done");
    screen.click("Verify");
    screen.wait_for("Fixed: PostgreSQL runs and listens on 5432");
    assert!(screen.has("What this machine teaches") && screen.has("An outgoing connection needs a port as well"));
    screen.click("History");
    screen.wait_for("Exclude 5432");
    assert!(screen.has(SAYS_SO));
}

#[test]
fn a_real_computer_is_not_called_practice() {
    let screen = Screen::open(&Arc::new(super::computer::Computer::new(super::computer::Script::Healed)));
    assert!(!screen.has("Practice machine"));
}

#[test]
fn the_whole_lesson_goes_by_keyboard() {
    let mut screen = open(Behaviour::default());
    screen.write("postgresql");
    for page in [Page::Port, Page::Owner, Page::Fix] {
        screen.press(Key::Enter);
        screen.until("the finding", |screen| screen.page() == page && screen.harness.state().state().case().is_some());
    }
    screen.press(Key::Enter);
    screen.wait_for("All 3 steps are done");
    screen.press(Key::Enter);
    screen.wait_for("Fixed: PostgreSQL runs and listens on 5432");
}

#[test]
fn a_declined_prompt_changes_nothing() {
    let mut screen = apply(Behaviour { prompt: Prompt::Declined, ..Behaviour::default() });
    screen.wait_for("The prompt was declined");
    assert!(screen.has("Nothing was changed"));
}

#[test]
fn a_helper_that_dies_is_told_with_the_step_it_was_doing() {
    let mut screen = apply(with_fault(2, Fault::HelperDies));
    screen.wait_for("The helper ended unexpectedly during step 2");
    screen.click("History");
    screen.wait_for("connected before, not known, it was interrupted after");
}

#[test]
fn a_second_step_that_cannot_be_done_stops_the_rest_and_says_why() {
    let mut screen = apply(with_fault(2, Fault::Fails("the kernel refused to close the connection".to_owned())));
    screen.wait_for("The fix stopped after 1 of 3 steps");
    assert!(screen.has("the kernel refused to close the connection"));
}

#[test]
fn a_service_that_ends_again_is_not_fixed() {
    let mut screen = apply(Behaviour { service_stays_down: true, ..Behaviour::default() });
    screen.wait_for("All 3 steps are done");
    screen.click("Verify");
    screen.wait_for("Not fixed: PostgreSQL does not run");
}

#[test]
fn a_port_that_is_not_to_blame_is_a_result() {
    let machine = Machine::find("nginx-certificate").unwrap();
    let mut screen = Screen::open(&Arc::new(Computer::practice(&machine, Behaviour::default())));
    screen.wait_for("nginx, nginx.service");
    screen.click("Check nginx");
    screen.wait_for("Show the finding");
    screen.click("Show the finding");
    assert!(screen.says_a_heading_about("nginx does not start for another reason"));
}
