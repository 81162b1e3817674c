//! A change that was asked for by itself: shown, asked for, made, proven, taken back; and told truthfully where it comes to nothing.

use std::sync::Arc;

use eframe::egui::Key;
use portmedic::app::{Backend as _, Cancel, Page};
use portmedic::machine::Protocol;
use portmedic::remedy::{Operation, Outcome, RefusalKind};

use super::facts::{Facts, Manner};
use super::machine::end;
use super::screen::Screen;

/// The page with the finding about the port of the database.
fn finding(facts: &Arc<Facts>) -> Screen {
    let mut screen = Screen::open(&facts.computer());
    screen.wait_for("db.service");
    screen.click("Check db.service");
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    screen.click("Find the owner");
    screen
}

/// The dialog that asks whether the port shall be excluded.
fn asked(manner: Manner) -> (Arc<Facts>, Screen) {
    let facts = Facts::new(manner);
    let mut screen = finding(&facts);
    screen.click("Exclude port\u{a0}5432\u{2026}");
    screen.wait_for("Exclude port 5432, now and after a restart?");
    (facts, screen)
}

const MAKE: &str = "Exclude port 5432, now and after a restart";

#[test]
fn a_port_is_excluded_from_a_verdict_and_taken_back_from_the_message() {
    let (facts, mut screen) = asked(Manner::Obeys);
    assert!(screen.has("Excluded now: none becomes 5432"), "before and after");
    assert!(screen.has("sysctl -w net.ipv4.ip_local_reserved_ports=5432"), "the exact command");
    assert!(screen.has("Risk: Low, Can be undone: Yes, exactly"));
    assert!(screen.has("Port 5432 is in use by backup now"), "who has it is said");
    assert_eq!(screen.focus().as_deref(), Some("Leave it as it is"), "the safe answer has the focus");
    assert_eq!(facts.excluded_now(), "", "nothing is done before it is agreed to");
    screen.click(MAKE);
    screen.wait_for("Port 5432 is excluded, now and after a restart");
    assert_eq!(facts.excluded_now(), "5432");
    assert!(!screen.has("This is what will run"), "the dialog is gone");
    screen.click("Undo\u{2026}");
    screen.wait_for("What was there before the change is put back");
    screen.click("Undo");
    screen.wait_for("The change was taken back");
    assert_eq!(facts.excluded_now(), "");
    screen.click("History");
    screen.wait_for("Exclude 5432");
}

#[test]
fn a_change_is_made_with_keys_only() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = finding(&facts);
    screen.until_focus("Exclude port\u{a0}5432\u{2026}");
    screen.press(Key::Enter);
    screen.wait_for("Exclude port 5432, now and after a restart?");
    screen.press(Key::Enter);
    assert_eq!(facts.excluded_now(), "", "Enter alone leaves everything as it is");
    screen.until_focus("Exclude port\u{a0}5432\u{2026}");
    screen.press(Key::Enter);
    screen.wait_for("Exclude port 5432, now and after a restart?");
    screen.until_focus(MAKE);
    screen.press(Key::Enter);
    screen.wait_for("Port 5432 is excluded, now and after a restart");
    assert_eq!(facts.excluded_now(), "5432");
}

#[test]
fn a_declined_prompt_is_told_with_the_commands_and_can_be_tried_again() {
    let (facts, mut screen) = asked(Manner::Declines);
    screen.click(MAKE);
    screen.wait_for("The prompt was declined");
    assert!(screen.has("Nothing was changed"));
    assert!(screen.has("An administrator can type"));
    assert!(screen.has("sysctl -w net.ipv4.ip_local_reserved_ports=5432"));
    screen.click("Try again");
    screen.wait_for("The prompt was declined");
    screen.press(Key::Escape);
    assert!(!screen.has("The prompt was declined"), "Esc closes the dialog");
    assert_eq!((screen.page(), facts.excluded_now()), (Page::Owner, String::new()));
}

#[test]
fn waiting_for_the_rights_can_be_given_up() {
    let facts = Facts::new(Manner::WaitsForEver);
    facts.change(|facts| facts.host.elevated = false);
    let mut screen = finding(&facts);
    screen.click("Exclude port\u{a0}5432\u{2026}");
    screen.wait_for("This is what will run as administrator");
    screen.click(MAKE);
    screen.wait_for("Waiting for approval");
    assert!(screen.has("Nothing has been changed yet"));
    screen.click("Cancel");
    screen.wait_for("The prompt was declined");
}

#[test]
fn a_step_that_fails_says_why_and_that_nothing_was_changed() {
    let (_, mut screen) = asked(Manner::Fails);
    screen.click(MAKE);
    screen.wait_for("The change could not be made");
    assert!(screen.has("Input/output error"));
    assert!(screen.has("Nothing was changed."));
    assert!(screen.has("An administrator can type"));
}

#[test]
fn what_the_system_cannot_keep_is_refused_before_the_prompt() {
    let facts = Facts::new(Manner::ReadOnly);
    let mut screen = finding(&facts);
    screen.click("Exclude port\u{a0}5432\u{2026}");
    screen.wait_for("The system does not allow this change");
    assert!(screen.has("/etc/sysctl.d is on a file system that is mounted read-only"));
    assert!(screen.has("nobody is asked for rights"));
    assert!(!screen.has("This is what will run"), "there is nothing to agree to");
}

#[test]
fn a_connection_is_closed_and_looked_for_again() {
    let facts = Facts::new(Manner::Obeys);
    let computer = facts.computer();
    let (local, remote) = (end("10.0.0.5:5432"), end("10.0.0.9:9392"));
    let close = Operation::CloseConnection { protocol: Protocol::Tcp, local, remote, cookie: None };
    let connected = facts.change(|facts| facts.sockets.clone());

    let mut asked = computer.prepare_change(close.clone().into()).unwrap();
    assert_eq!(asked.refusal, None);
    computer.apply(&mut asked.case, 0, &Cancel::default(), &mut |_| {}).unwrap();
    // A program that is as quick as this one to connect again: then it is not closed.
    let closed = facts.change(|facts| std::mem::replace(&mut facts.sockets, connected));
    computer.prove_change(&mut asked);
    assert_eq!(asked.case.outcome, Some(Outcome::NotFixed));

    facts.change(|facts| facts.sockets = closed);
    computer.prove_change(&mut asked);
    assert_eq!(asked.case.outcome, Some(Outcome::Fixed));
    let headline = asked.case.verification.unwrap().headline;
    assert_eq!(headline, "Fixed: the connection from 10.0.0.5:5432 to 10.0.0.9:9392 is closed");
    let again = computer.prepare_change(close.into()).unwrap();
    assert_eq!(again.refusal.map(|refusal| refusal.kind), Some(RefusalKind::AlreadySo));
}
