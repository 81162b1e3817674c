//! Practising in the window: from the real computer to a made-up one and back, and every turn that things can take there.

use std::sync::Arc;

use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;
use portmedic::app::{Page, Turn};

use super::computer::{Computer, Script};
use super::screen::Screen;

/// A window on a computer where everything is well, gone to the practice machine on which a client has SQL Server's port.
fn practise(turn: Turn) -> Screen {
    go_to("sql-client", "SQL Server does not start: a client has port 1433, Windows", turn)
}

/// The same for another machine, by its name and what its button says.
fn go_to(machine: &str, says: &str, turn: Turn) -> Screen {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::NothingFound)));
    screen.until("the services", |screen| !screen.is_looking_at_services());
    screen.press_button("Practise. On computers that are made up");
    assert_eq!(screen.page(), Page::Practice);
    screen.press_button(turn.as_str());
    screen.press_button(says);
    screen.click("Go to this machine");
    screen.wait_for(&format!("Practice machine {machine}: nothing real is changed"));
    screen
}

fn to_fixes(screen: &mut Screen) {
    screen.type_into("Service, port or error text", "MSSQLSERVER");
    screen.press(Key::Enter);
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    screen.click("Find the owner");
    assert!(screen.has("Practice machine sql-client: nothing real is changed"), "every page says so");
    screen.click("Show the fixes");
}

fn apply(screen: &mut Screen) {
    to_fixes(screen);
    screen.click("Apply 3 steps\u{2026}");
}

#[test]
fn a_practice_machine_is_healed_and_left_again() {
    let mut screen = practise(Turn::AsWritten);
    apply(&mut screen);
    screen.wait_for("All 3 steps are done");
    screen.click("Verify");
    screen.wait_for("Fixed: SQL Server runs and listens on 1433");
    screen.click("Leave practice");
    screen.until("the services", |screen| !screen.is_looking_at_services());
    assert_eq!(screen.page(), Page::Home);
    assert!(!screen.has("Practice machine"), "the window is on the real computer again");
    assert!(screen.harness.state().state().case().is_none(), "nothing of the practice machine is kept");
    assert!(screen.has("No service fails"));
}

#[test]
fn a_machine_that_is_begun_again_is_as_at_the_beginning() {
    let mut screen = practise(Turn::AsWritten);
    apply(&mut screen);
    screen.wait_for("All 3 steps are done");
    screen.click("Start");
    screen.press_button("Practise. On computers that are made up");
    screen.click("Go to this machine");
    screen.until("the services", |screen| !screen.is_looking_at_services());
    assert!(screen.has("1 service does not run"));
}

#[test]
fn a_declined_prompt_is_practised() {
    let mut screen = practise(Turn::Declined);
    apply(&mut screen);
    screen.wait_for("The prompt was declined");
}

#[test]
fn a_prompt_that_nobody_answers_is_practised() {
    let mut screen = practise(Turn::Unanswered);
    apply(&mut screen);
    screen.wait_for("Waiting for approval");
    screen.click("Leave practice");
    assert!(screen.has("Steps still run. Wait until they have ended"));
    screen.click("Cancel");
    screen.wait_for("The prompt was declined");
}

#[test]
fn a_step_that_could_not_be_done_is_practised_where_the_trainee_wants_it() {
    let mut screen = practise(Turn::AsWritten);
    screen.click("Start");
    screen.press_button("Practise. On computers that are made up");
    screen.press_button(Turn::StepFails.as_str());
    screen.press_button("2");
    screen.click("Go to this machine");
    apply(&mut screen);
    screen.wait_for("The fix stopped after 1 of 3 steps");
}

#[test]
fn a_helper_that_ends_is_practised() {
    let mut screen = practise(Turn::HelperEnds);
    apply(&mut screen);
    screen.wait_for("The helper ended unexpectedly");
}

#[test]
fn a_service_that_ends_again_is_practised() {
    let mut screen = practise(Turn::StaysDown);
    apply(&mut screen);
    screen.wait_for("All 3 steps are done");
    screen.click("Verify");
    screen.wait_for("Not fixed");
}

#[test]
fn a_change_of_somebody_else_is_practised() {
    let mut screen = practise(Turn::SomebodyElse);
    apply(&mut screen);
    screen.wait_for(
        "Nothing was changed: the computer has changed since the plan was made: the list of excluded ports was changed",
    );
}

#[test]
fn a_trace_of_windows_is_started_and_stopped_from_its_guide() {
    let mut screen =
        go_to("leak-windows", "A server cannot connect anywhere: a sync program leaks connections, Windows", Turn::AsWritten);
    screen.press_button("Exhaustion");
    screen.wait_for("Prove it by a trace");
    let place = |label: &str| screen.harness.get_by_label(label).rect();
    let (start, stop) = (place("Start a trace of the network\u{2026}"), place("Stop the trace of the network\u{2026}"));
    assert!(stop.left() - start.right() >= 8.0, "two buttons with a gap: {start:?} {stop:?}");
    screen.press_button("Start a trace of the network\u{2026}");
    screen.wait_for("Start a trace of the network?");
    assert!(screen.has("netsh trace start scenario=netconnection"), "{:#?}", screen.says());
    screen.press_button("Start a trace of the network");
    screen.wait_for("The trace runs");
    screen.press_button("Stop the trace of the network\u{2026}");
    screen.wait_for("Stop the trace of the network?");
    screen.press_button("Stop the trace of the network");
    screen.wait_for("The trace is stopped");
}
