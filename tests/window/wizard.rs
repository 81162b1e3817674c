//! The whole way, from a failing service to the proof.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use portmedic::app::{Backend, Cancel, Page};
use portmedic::remedy::{Operation, Stores};

use super::computer::{Computer, Script};
use super::screen::Screen;

#[test]
fn a_failing_service_is_healed_from_the_first_page_to_the_report() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.wait_for("PostgreSQL, postgresql.service");
    screen.click("Check PostgreSQL");
    screen.wait_for("PostgreSQL needs port\u{a0}5432\u{a0}TCP");
    assert!(screen.has("TCP over IPv4, Any address In use, Loopback Free"));
    screen.click("Find the owner");
    assert!(screen.has("Process bkagent, PID 4312, m.weber, since 02:41:07"));
    assert!(screen.has("Connection Established, 10.20.0.15:5432, to 10.20.0.40:443, blocks the port"));
    assert!(screen.has("Looks only. Nothing is changed."));
    screen.click("Show the fixes");
    assert!(screen.has("systemctl start postgresql.service"), "the exact commands are shown before anything runs");
    assert_eq!(computer.runs.load(Ordering::SeqCst), 0, "nothing ran before the approval");
    screen.click("Apply 3 steps\u{2026}");
    screen.wait_for("All 3 steps are done");
    assert!(screen.has("Step 2, Close the connection of bkagent: Done"));
    screen.click("Verify");
    screen.wait_for("Fixed: PostgreSQL runs and listens on 5432. All 6 checks passed.");
    assert!(screen.has("Port 5432 stays excluded after a restart"));
    screen.click("Make the report");
    assert_eq!(screen.page(), Page::Report);
    assert!(screen.has("connection of bkagent took port 5432"), "the report shows its text");
}

#[test]
fn steps_before_are_locked_once_something_was_applied() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.click("Apply 3 steps\u{2026}");
    screen.wait_for("All 3 steps are done");
    screen.click_starting_with("Step 3 of 7, Owner, locked");
    assert_eq!(screen.page(), Page::Apply, "the page stays");
    assert!(screen.has("Changes were applied, start a new check"));
    screen.click("New check");
    assert_eq!(screen.page(), Page::Home);
    assert!(screen.harness.state().state().case().is_none(), "the old check is forgotten");
}

#[test]
fn an_administrator_is_not_asked() {
    let computer = Arc::new(Computer::as_administrator(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    assert!(screen.has("You have the rights: no prompt appears"));
    screen.click("Apply 3 steps");
    screen.wait_for("All 3 steps are done");
}

#[test]
fn a_free_port_is_a_result_and_leads_to_the_report() {
    let computer = Arc::new(Computer::new(Script::NothingFound));
    let mut screen = Screen::open(&computer);
    screen.wait_for("No service fails");
    screen.type_into("Service, port or error text", "5432");
    screen.click("Check");
    screen.wait_for("Show the finding");
    screen.click("Show the finding");
    assert!(screen.says_a_heading_about("5432"));
    assert!(!screen.has("Show the fixes"));
    screen.click("Make the report");
    assert_eq!(screen.page(), Page::Report);
}

#[test]
fn a_change_is_taken_back_in_the_history() {
    let computer = Arc::new(Computer::new(Script::Healed));
    let mut screen = Screen::open(&computer);
    screen.go_to_fixes();
    screen.click("Apply 3 steps\u{2026}");
    screen.wait_for("All 3 steps are done");
    screen.click("History");
    screen.wait_for("Exclude 5432: none before, 5432 after");
    screen.click("Undo: Close the connection and exclude port 5432, then start PostgreSQL (postgresql.service)");
    screen.wait_for("Undo \"Close the connection and exclude port 5432, then start PostgreSQL (postgresql.service)\"?");
    screen.wait_for("sysctl -w net.ipv4.ip_local_reserved_ports=");
    // The button of the question, drawn over the page.
    screen.click("Undo\u{2026}");
    screen.wait_for("The change was taken back");
    screen.wait_for("03:12:40, undone");
}

#[test]
fn where_a_later_change_is_in_the_way_the_question_says_so_and_leaves_the_choice() {
    let computer = Arc::new(Computer::new(Script::Healed));
    for port in ["5433", "8080"] {
        let range = port.parse().unwrap();
        let operation = Operation::AddExclusion { range, protocol: None, stores: Stores::Both };
        let mut asked = computer.prepare_change(operation.into()).unwrap();
        computer.apply(&mut asked.case, 0, &Cancel::default(), &mut |_| {}).unwrap();
    }
    let mut screen = Screen::open(&computer);
    screen.click("History");
    screen.wait_for("Exclude 8080: 5433 before, 5433,8080 after, check passed");
    screen.click("Undo: Exclude port 5433, now and after a restart");
    screen.wait_for("Somebody changed this since. What shall be taken back?");
    assert!(screen.has("8080 is excluded") && screen.has("PortMedic's change") && screen.has("All as it was\u{2026}"));
    assert!(!screen.has(".."), "a sentence ends with one full stop: {:?}", screen.says());
    screen.click("Only PortMedic's part\u{2026}");
    screen.wait_for("PortMedic's part of the change was taken back; what others changed stays");
    assert_eq!(computer.history().unwrap()[0].steps[0].record.after.as_ref().unwrap().to_string(), "8080");
}
