//! Every page in every state that it has, and the way there with keys: for tests that look at all of them.

use std::sync::Arc;

use eframe::egui::{Key, Modifiers};
use portmedic::app::Page;

use super::computer::{Computer, Script};
use super::screen::{Screen, View};

/// A page in one of its states.
pub struct State {
    /// What it is called.
    pub name: &'static str,
    script: Script,
    go: fn(&mut Screen),
}

impl State {
    /// Opens a window and goes there.
    pub fn open(&self, view: View) -> Screen {
        let computer = Arc::new(Computer::new(self.script));
        let mut screen = Screen::open_with(&computer, view);
        screen.until("the services", |screen| !screen.is_looking_at_services());
        (self.go)(&mut screen);
        screen
    }
}

/// All states, page by page.
pub const ALL: &[State] = &[
    state("01-home", Script::Healed, |_| {}),
    state("01-home-nothing-fails", Script::NothingFound, |_| {}),
    state("12-evidence", Script::NothingFound, super::evidence::open_netstat),
    state("12-evidence-verdict", Script::NothingFound, |screen| {
        super::evidence::open_netstat(screen);
        screen.press(Key::Enter);
    }),
    state("01-home-error", Script::CannotLook, |_| {}),
    state("01-home-restarted", Script::Restarted, |screen| screen.wait_for("Lost again after the restart")),
    state("01-home-not-a-target", Script::Healed, |screen| check(screen, "70000")),
    state("02-service", Script::Healed, to_services),
    state("02-service-empty", Script::NothingFound, to_services),
    state("02-service-not-found", Script::Healed, |screen| {
        to_services(screen);
        screen.type_into("Find a service", "sqlserver");
    }),
    state("02-service-error", Script::CannotLook, to_services),
    state("02-service-other-port", Script::Healed, |screen| {
        to_services(screen);
        screen.press_button("Check a port");
    }),
    state("03-port", Script::Healed, to_port),
    state("03-port-free", Script::NothingFound, |screen| {
        check(screen, "5432");
        screen.until("the finding", is_found);
    }),
    state("03-port-error", Script::CannotLook, |screen| {
        check(screen, "5432");
        screen.wait_for("could not be looked into");
    }),
    state("04-owner", Script::Healed, to_owner),
    state("04-owner-free", Script::NothingFound, |screen| {
        check(screen, "5432");
        screen.until("the finding", is_found);
        screen.press(Key::Enter);
    }),
    state("05-fix", Script::Healed, to_fix),
    state("05-fix-confirm", Script::Healed, |screen| {
        to_dangerous_fix(screen);
        screen.press(Key::Enter);
    }),
    state("06-apply-waiting", Script::WaitsForEver, |screen| apply(screen, "Waiting for approval")),
    state("06-apply-running", Script::RunsForEver, |screen| apply(screen, "Step 3 of 3")),
    state("06-apply-declined", Script::Declined, |screen| apply(screen, "The prompt was declined")),
    state("06-apply-stopped", Script::SecondStepFails, |screen| apply(screen, "The fix stopped after 1 of 3 steps")),
    state("06-apply-done", Script::Healed, |screen| apply(screen, "All 3 steps are done")),
    state("07-verify", Script::Healed, to_verify),
    state("07-verify-task", Script::Restarted, |screen| {
        to_verify(screen);
        screen.wait_for("Check again by itself after the next restart");
    }),
    state("07-verify-not-fixed", Script::NotFixed, |screen| {
        apply(screen, "All 3 steps are done");
        screen.press(Key::Enter);
        screen.wait_for("Not fixed");
    }),
    state("07-verify-locked", Script::Healed, |screen| {
        to_verify(screen);
        screen.press_with(Modifiers::ALT, Key::Num3);
    }),
    state("08-report", Script::Healed, |screen| {
        to_verify(screen);
        screen.press(Key::Enter);
        assert_eq!(screen.page(), Page::Report);
        screen.replace_in("Folder", "/home/user/tickets");
    }),
    state("08-report-replace", Script::Healed, |screen| {
        to_verify(screen);
        screen.press(Key::Enter);
        screen.replace_in("Folder", "/");
        screen.replace_in("File name", "tmp");
        screen.press(Key::Enter);
        screen.wait_for("Replace the file of this name?");
    }),
    state("09-ports", Script::Windows, |screen| {
        to_ports(screen);
        screen.press(Key::ArrowDown);
    }),
    state("09-ports-nothing-found", Script::Windows, |screen| {
        to_ports(screen);
        screen.press_with(Modifiers::COMMAND, Key::F);
        screen.write("no such name");
        screen.wait_for("No socket here has");
    }),
    state("09-ports-error", Script::CannotLook, |screen| {
        screen.press_button("Ports");
        screen.wait_for("could not be read");
    }),
    state("10-ranges", Script::Windows, to_ranges),
    state("10-ranges-list", Script::Windows, |screen| {
        to_ranges(screen);
        screen.press_button("List");
    }),
    state("10-ranges-several", Script::Windows, |screen| {
        to_ranges(screen);
        screen.replace_in("Ports or ranges", "1433, 5000-5010");
        screen.wait_for("ports in 2 blocks");
        screen.press(Key::End);
    }),
    state("10-ranges-dynamic", Script::Windows, |screen| {
        to_ranges(screen);
        screen.press_button("Dynamic range");
        screen.replace_in("New dynamic range", "49152-65535");
        screen.wait_for("Left for clients");
        screen.press(Key::End);
    }),
    state("10-ranges-dynamic-refused", Script::Windows, |screen| {
        to_ranges(screen);
        screen.press_button("Dynamic range");
        screen.replace_in("New dynamic range", "1024-9000");
        screen.wait_for("begins below port 1025");
        screen.press(Key::End);
    }),
    state("10-ranges-audit", Script::AtRisk, |screen| {
        to_ranges(screen);
        screen.press_button("Audit");
        screen.wait_for("are at risk at the next restart");
    }),
    state("10-ranges-audit-error", Script::CannotLook, |screen| {
        screen.press_button("Ranges");
        screen.press_button("Audit");
        screen.wait_for("could not be audited");
    }),
    state("10-ranges-exclude", Script::Healed, |screen| {
        to_ranges(screen);
        screen.replace_in("Ports or ranges", "8080-8090");
        screen.press_button("Exclude 8080–8090\u{2026}");
        screen.wait_for("Exclude ports 8080–8090, now and after a restart?");
    }),
    state("11-practise", Script::Healed, |screen| {
        screen.press_button("Practise. On computers that are made up");
        assert_eq!(screen.page(), Page::Practice);
    }),
    state("11-exhaustion", Script::FillsUp, |screen| {
        screen.press_button("Exhaustion");
        screen.wait_for("Full in about");
    }),
    state("11-exhaustion-none-left", Script::Exhausted, to_exhaustion),
    state("11-exhaustion-paused", Script::Healed, |screen| {
        to_exhaustion(screen);
        screen.press_button("Pause");
    }),
    state("11-exhaustion-error", Script::CannotLook, |screen| {
        screen.press_button("Exhaustion");
        screen.wait_for("could not be read");
    }),
    state("11-exhaustion-files", Script::FillsUp, super::exhaustion::open_other_computer),
    state("11-refused", Script::Healed, |screen| screen.press_button("Refused")),
    state("11-refused-service-down", Script::LostPort, |screen| {
        super::refused::ask(screen, "SQL01 1433");
        screen.wait_for("Find out why, and fix it");
    }),
    state("11-refused-works", Script::AtRisk, |screen| {
        super::refused::ask(screen, "127.0.0.1 41235");
        screen.wait_for("Check again");
        screen.press_starting_with("Does the address lead back to the name?");
    }),
    state("11-refused-running", Script::NobodyAnswers, |screen| {
        super::refused::ask(screen, "SQL01 1433");
        screen.wait_for("Connecting (look");
    }),
    state("11-refused-stopped", Script::NobodyAnswers, |screen| {
        super::refused::ask(screen, "SQL01 1433");
        screen.wait_for("Connecting (look");
        screen.press_button("Stop");
        screen.wait_for("The checklist was stopped before its end");
    }),
    state("11-refused-not-a-target", Script::Healed, |screen| super::refused::ask(screen, "db1:70000")),
    state("11-refused-error", Script::CannotLook, |screen| {
        super::refused::ask(screen, "db1 5432");
        screen.wait_for("This computer could not be looked at");
    }),
    state("12-history", Script::Healed, to_history),
    state("12-history-restarted", Script::Restarted, |screen| {
        to_history(screen);
        screen.wait_for("waits for a restart");
    }),
    state("12-history-empty", Script::Healed, |screen| {
        screen.press_button("History");
        screen.wait_for("Nothing was changed");
    }),
    state("12-history-undo", Script::Healed, |screen| {
        to_history(screen);
        screen.press_button("Undo: Close the connection and exclude port 5432, then start PostgreSQL (postgresql.service)");
        screen.wait_for("sysctl -w net.ipv4.ip_local_reserved_ports=");
    }),
    state("14-keys", Script::Healed, |screen| screen.press(Key::F1)),
    state("13-settings", Script::Healed, |screen| screen.press_with(Modifiers::COMMAND, Key::Comma)),
];

const fn state(name: &'static str, script: Script, go: fn(&mut Screen)) -> State {
    State { name, script, go }
}

fn is_found(screen: &Screen) -> bool {
    screen.harness.state().state().case().is_some()
}

/// Home has the focus in its field.
fn check(screen: &mut Screen, target: &str) {
    screen.write(target);
    screen.press(Key::Enter);
}

fn to_services(screen: &mut Screen) {
    screen.press_with(Modifiers::ALT, Key::Num1);
    assert_eq!(screen.page(), Page::Service);
}

fn to_port(screen: &mut Screen) {
    check(screen, "postgresql");
    screen.until("the finding", is_found);
    assert_eq!(screen.page(), Page::Port);
}

fn to_owner(screen: &mut Screen) {
    to_port(screen);
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Owner);
}

fn to_fix(screen: &mut Screen) {
    to_owner(screen);
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Fix);
}

fn to_dangerous_fix(screen: &mut Screen) {
    to_fix(screen);
    screen.press(Key::Tab);
    screen.press(Key::ArrowUp);
    assert_eq!(screen.harness.state().state().option, 2);
}

fn apply(screen: &mut Screen, said: &str) {
    to_fix(screen);
    screen.press(Key::Enter);
    screen.wait_for(said);
}

fn to_verify(screen: &mut Screen) {
    apply(screen, "All 3 steps are done");
    screen.press(Key::Enter);
    screen.wait_for("Fixed: PostgreSQL");
}

fn to_ports(screen: &mut Screen) {
    screen.press_button("Ports");
    screen.wait_for("10.20.0.15:1433");
}

fn to_ranges(screen: &mut Screen) {
    screen.press_button("Ranges");
    screen.wait_for("All ports: dynamic range");
    // Whether the field had its text before its cursor or after it is a matter of luck.
    screen.press(Key::End);
}

fn to_exhaustion(screen: &mut Screen) {
    screen.press_button("Exhaustion");
    screen.wait_for("The limit is");
}

fn to_history(screen: &mut Screen) {
    to_verify(screen);
    screen.press_button("History");
    screen.wait_for("Undo: Close");
}
