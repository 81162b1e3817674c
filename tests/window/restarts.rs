//! What the window tells of changes after a restart of the computer.

use std::sync::Arc;

use eframe::egui::Key;
use portmedic::app::Page;

use crate::computer::{Computer, Script};
use crate::screen::Screen;

fn restarted() -> Screen {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::Restarted)));
    screen.wait_for("Lost again after the restart: backup has port 5432");
    screen
}

/// Fixes what fails and has it proven.
fn fix(screen: &mut Screen) {
    screen.write("postgresql");
    screen.press(Key::Enter);
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    for _ in 0..3 {
        screen.press(Key::Enter);
    }
    screen.wait_for("All 3 steps are done");
    screen.press(Key::Enter);
    screen.wait_for("Fixed: PostgreSQL");
}

#[test]
fn home_shows_what_was_lost_and_leads_into_the_wizard() {
    let mut screen = restarted();
    screen.press_button("Check postgresql.service again");
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    assert_eq!(screen.page(), Page::Port);
}

#[test]
fn home_counts_what_waits_and_history_tells_which() {
    let mut screen = restarted();
    assert!(!screen.has("waits for the next restart"), "nothing was changed yet");
    fix(&mut screen);
    screen.press_button("History");
    screen.wait_for("waits for a restart");
}

#[test]
fn a_check_by_itself_is_asked_for_on_verify_and_installed_only_then() {
    let mut screen = restarted();
    fix(&mut screen);
    screen.wait_for("Check again by itself after the next restart");
    screen.press_button("Check again by itself after the next restart");
    screen.wait_for("practice machine has no tasks");
}

#[test]
fn a_computer_that_is_never_restarted_is_not_asked_about_it() {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::Healed)));
    screen.until("the services", |screen| !screen.is_looking_at_services());
    fix(&mut screen);
    assert!(!screen.has("after the next restart") && screen.has("Will it last?"));
}
