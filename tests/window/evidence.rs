//! Files of another computer in the window: what they tell beside their lines, and the wizard without a hand on that computer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use eframe::egui::{Event, Key};
use portmedic::app::Page;

use super::computer::{Computer, Script};
use super::screen::Screen;

/// A log with a failure, and the socket table that shows who has the port.
const LOG: &str = "2026/03/12 03:10:01 [emerg] 812#812: bind() to 0.0.0.0:8443 failed (98: Address already in use)\n";
const TABLE: &str = "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n\
                     tcp   LISTEN 0      128    0.0.0.0:8443       0.0.0.0:*         users:((\"java\",pid=4312,fd=9))\n\
                     tcp   LISTEN 0      128    0.0.0.0:22         0.0.0.0:*         users:((\"sshd\",pid=700,fd=3))\n";

/// Opens a folder with a log and a socket table.
pub fn open_netstat(screen: &mut Screen) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("error.log"), LOG).unwrap();
    std::fs::write(folder.path().join("ss.txt"), TABLE).unwrap();
    open(screen, folder.path().to_str().unwrap());
    screen.wait_for("What the files tell");
}

fn open(screen: &mut Screen, path: &str) {
    screen.press_starting_with("Open evidence");
    screen.replace_in("Path of the evidence", path);
    screen.click("Open evidence");
}

fn screen() -> (Arc<Computer>, Screen) {
    let computer = Arc::new(Computer::new(Script::NothingFound));
    let mut screen = Screen::open(&computer);
    screen.until("the services", |screen| !screen.is_looking_at_services());
    (computer, screen)
}

#[test]
fn each_fact_stands_beside_its_lines_and_the_wizard_tells_who_has_the_port() {
    let (computer, mut screen) = screen();
    open_netstat(&mut screen);
    assert_eq!(screen.page(), Page::Evidence);
    assert!(screen.has("Line 1, marked: 2026/03/12"), "the failure is marked: {:?}", screen.says());
    screen.click_starting_with("TCP 0.0.0.0 8443 LISTEN java, PID 4312");
    assert!(screen.has("Line 2, marked: tcp"), "{:?}", screen.says());
    screen.press_button("Show the verdict");
    assert!(screen.has("Known from 2 files of"), "{:?}", screen.says());
    assert!(screen.has("Process java, PID 4312"), "{:?}", screen.says());
    assert_eq!(computer.looks.load(Ordering::SeqCst), 0, "this computer was not looked at");
}

#[test]
fn in_place_of_applying_the_commands_are_copied() {
    let (computer, mut screen) = screen();
    open_netstat(&mut screen);
    screen.click_starting_with("Step 4 of 7, Fix");
    assert!(screen.has("To be run on that computer"), "{:?}", screen.says());
    screen.click_primary();
    screen.wait_for("Copied");
    assert_eq!(computer.runs.load(Ordering::SeqCst), 0);
}

#[test]
fn a_pasted_output_is_read_as_evidence() {
    let (_computer, mut screen) = screen();
    let text = format!("{TABLE}{}", "\n".repeat(10));
    screen.harness.event(Event::Paste(text));
    screen.wait_for("What the files tell");
    assert!(screen.has("pasted text, line 2"), "{:?}", screen.says());
}

#[test]
fn files_that_tell_nothing_say_so_and_files_that_are_not_there_too() {
    let (_computer, mut screen) = screen();
    open(&mut screen, "/no/such/file.txt");
    screen.wait_for("cannot be read");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.txt");
    std::fs::write(&path, "Nothing of interest.\n").unwrap();
    screen.replace_in("Path of the evidence", path.to_str().unwrap());
    screen.press(Key::Enter);
    screen.wait_for("Nothing about ports is in these files");
    assert!(screen.has("tell of no failure over a port"));
}
