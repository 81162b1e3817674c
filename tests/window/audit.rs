//! The audit on the Ranges page: what is at risk, why, what helps, and one plan against it.

use std::sync::Arc;

use eframe::egui::{Key, Theme};
use portmedic::app::Page;

use super::computer::{Computer, Script};
use super::screen::Screen;

/// The audit of a computer, as soon as it has ended.
fn audit(script: Script, said: &str) -> Screen {
    let mut screen = Screen::open(&Arc::new(Computer::new(script)));
    screen.press_button("Ranges");
    screen.press_button("Audit");
    screen.wait_for(said);
    screen
}

#[test]
fn every_risk_says_which_port_how_likely_why_and_what_helps() {
    let screen = audit(Script::AtRisk, "3 ports are at risk at the next restart");
    let says = screen.says();
    let risk = |start: &str| says.iter().find(|said| said.starts_with(start)).unwrap_or_else(|| panic!("{start}: {says:?}"));
    let orders = risk("Port 33000 TCP, orders, Possible.");
    assert!(orders.contains("In the plan: Exclude port 33000, now and after a restart."), "{orders}");
    let stock = risk("Port 50051 TCP, stock,");
    assert!(stock.contains("In the plan: Exclude port 50051"), "{stock}");
    let shared = risk("Port 8080 TCP,");
    assert!(shared.contains("For you to decide. Give"), "no exclusion helps two services that want one port: {shared}");
    assert!(screen.has("9100 TCP, ") && screen.has("outside the dynamic range"), "what is safe is told with its reason");
}

#[test]
fn all_that_can_be_protected_is_protected_with_one_prompt_and_keys_only() {
    let computer = Arc::new(Computer::new(Script::AtRisk));
    let mut screen = Screen::open(&computer);
    screen.press_button("Ranges");
    screen.until_focus("Map");
    for _ in 0..3 {
        screen.press(Key::ArrowRight);
    }
    screen.wait_for("3 ports are at risk at the next restart");
    screen.until_focus("Protect all 2 ports\u{2026}");
    screen.press(Key::Enter);
    screen.wait_for("Exclude 2 ports?");
    assert_eq!(screen.focus().as_deref(), Some("Leave it as it is"), "the safe answer has the focus");
    screen.until_focus("Exclude 2 ports");
    screen.press(Key::Enter);
    screen.wait_for("What the plan is for; one risk is left for you");
    screen.wait_for("1 port is at risk at the next restart");
    assert_eq!(computer.runs.load(std::sync::atomic::Ordering::SeqCst), 1, "one plan, one prompt");
    assert!(!screen.has("Protect "), "what is left needs a person");
    screen.click("Undo\u{2026}");
    screen.wait_for("What was there before the change is put back");
    screen.click("Undo");
    screen.wait_for("3 ports are at risk at the next restart");
}

#[test]
fn a_risk_is_shown_on_the_map() {
    let mut screen = audit(Script::AtRisk, "are at risk");
    screen.press_button("Show port 33000 TCP on the map");
    assert_eq!(screen.page(), Page::Ranges);
    assert!(screen.has("Port\u{a0}33000 is not protected"), "{:?}", screen.says());
}

#[test]
fn nothing_at_risk_is_a_result() {
    let screen = audit(Script::NothingFound, "The one fixed port is not at risk");
    assert!(screen.has("Each was checked against the dynamic range"), "{:?}", screen.says());
    assert!(!screen.has("Protect "));
}

#[test]
fn an_audit_that_could_not_be_made_says_why() {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::CannotLook)));
    screen.press_button("Ranges");
    screen.press_button("Audit");
    screen.wait_for("The ports of the services could not be audited");
    assert!(screen.has("Operation not permitted"), "{:?}", screen.says());
}

#[test]
fn the_audit_is_readable_in_a_narrow_dark_window() {
    let mut screen = Screen::open_as(&Arc::new(Computer::new(Script::AtRisk)), Theme::Dark, 760.0, 560.0, false);
    screen.press_button("Ranges");
    screen.press_button("Audit");
    screen.wait_for("Port 33000 TCP, orders, Possible.");
}
