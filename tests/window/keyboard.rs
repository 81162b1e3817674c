//! Everything works without a pointer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use eframe::egui::{Key, Modifiers};
use portmedic::app::{Command, Page};

use super::computer::{Computer, Script};
use super::screen::Screen;

#[test]
fn a_service_is_healed_with_keys_only() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.wait_for("PostgreSQL, postgresql.service");
    assert_eq!(screen.focus().as_deref(), Some("Service, port or error text"), "one can type at once");
    screen.write("postgresql");
    screen.press(Key::Enter);
    screen.wait_for("PostgreSQL needs port");
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Owner);
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Fix);
    screen.press(Key::Enter);
    screen.wait_for("All 3 steps are done");
    screen.press(Key::Enter);
    screen.wait_for("Fixed: PostgreSQL");
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Report);
}

#[test]
fn arrow_keys_choose_and_enter_stays_with_the_page() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.press(Key::Tab);
    assert!(
        screen.focus().is_some_and(
            |name| name.starts_with("Close the connection and exclude port 5432, then start PostgreSQL, recommended")
        )
    );
    screen.press(Key::ArrowDown);
    assert!(screen.focus().is_some_and(|name| name.starts_with("Move the dynamic range back")), "the focus moves along");
    assert_eq!(screen.harness.state().state().option, 1);
    screen.press(Key::ArrowUp);
    screen.press(Key::ArrowUp);
    assert_eq!(screen.harness.state().state().option, 2, "the group goes round");
    screen.press(Key::Enter);
    screen.wait_for("End bkagent, then start PostgreSQL?");
    assert_eq!(screen.focus().as_deref(), Some("Keep it running"), "the safe answer has the focus");
    screen.press(Key::Escape);
    assert!(!screen.has("End bkagent, then start PostgreSQL?"), "Esc closes the question");
    assert_eq!(computer.runs.load(Ordering::SeqCst), 0);
}

#[test]
fn enter_on_a_button_presses_that_button_and_not_the_primary_one() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.until_focus("Back to Owner");
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Owner);
    assert_eq!(computer.runs.load(Ordering::SeqCst), 0);
}

#[test]
fn shortcuts_go_back_forth_and_look_again() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.press_with(Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(screen.page(), Page::Owner);
    screen.press_with(Modifiers::ALT, Key::Num2);
    assert_eq!(screen.page(), Page::Port);
    screen.press_with(Modifiers::ALT, Key::Num5);
    assert_eq!(screen.page(), Page::Port, "Apply was not reached");
    let looks = computer.looks.load(Ordering::SeqCst);
    screen.press(Key::F5);
    screen.until("another look", |_| computer.looks.load(Ordering::SeqCst) == looks + 1);
    screen.press_with(Modifiers::COMMAND, Key::N);
    assert_eq!(screen.page(), Page::Home);
}

#[test]
fn the_list_of_keys_names_those_of_the_page_and_of_every_command() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.press(Key::F1);
    assert!(screen.has("Up, Down: Choose a fix"));
    for (command, keys) in Command::with_keys().into_iter().filter(|(command, _)| !matches!(command, Command::GoTo(_))) {
        assert!(screen.has(&format!("{keys}: {}", command.label())), "{keys}");
    }
    screen.press(Key::Escape);
    assert!(!screen.has("Up, Down: Choose a fix"), "Esc closes the list");
    assert_eq!(screen.page(), Page::Fix);
}

#[test]
fn keys_change_the_size_as_far_as_the_window_has_room() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.press_with(Modifiers::COMMAND, Key::Equals);
    assert!((screen.harness.ctx.zoom_factor() - 1.25).abs() < 0.01, "the plus sign without Shift");
    for _ in 0..3 {
        screen.press_with(Modifiers::COMMAND, Key::Plus);
    }
    let zoom = screen.harness.ctx.zoom_factor();
    assert!((1.5..1.7).contains(&zoom), "{zoom}: the page keeps the room that it needs");
    screen.press_with(Modifiers::COMMAND, Key::Num0);
    assert!((screen.harness.ctx.zoom_factor() - 1.0).abs() < 0.01);
    screen.press_with(Modifiers::COMMAND, Key::Minus);
    assert!((screen.harness.ctx.zoom_factor() - 0.8).abs() < 0.01);
}

#[test]
fn every_step_of_the_side_bar_says_where_one_is() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    for said in [
        "Step 1 of 7, Service, done, PostgreSQL",
        "Step 2 of 7, Port, done, 5432 TCP, from its log",
        "Step 3 of 7, Owner, done, bkagent",
        "Step 4 of 7, Fix, current",
        "Step 5 of 7, Apply, to do",
    ] {
        assert!(screen.says().iter().any(|own| own == said), "{said}");
    }
}
