//! The Ranges page: what it says of a port, and what it does about it.

use std::sync::Arc;

use eframe::egui::Key;
use portmedic::app::Page;
use portmedic::app::ranges::View;

use super::computer::{Computer, Script};
use super::facts::{Facts, Manner};
use super::machine::{With as _, listener};
use super::screen::Screen;

/// The page, as soon as the computer has answered.
fn page(facts: &Arc<Facts>) -> Screen {
    let mut screen = Screen::open(&facts.computer());
    screen.wait_for("db.service");
    screen.click("Ranges");
    screen.wait_for("All ports: dynamic range 1024-9000");
    screen
}

fn view(screen: &Screen) -> View {
    screen.harness.state().state().ranges.view
}

#[test]
fn the_port_of_a_service_that_a_client_may_get_is_chosen_first() {
    let mut screen = page(&Facts::new(Manner::Obeys));
    assert_eq!(screen.page(), Page::Ranges);
    assert!(screen.has("Port\u{a0}5432 is not protected. backup has it for a connection now."));
    assert!(screen.has("Exclude 5432\u{2026}"));
    assert!(screen.has("Excluded: Never handed out"), "the legend");
    screen.click("Check port\u{a0}5432");
    screen.wait_for("needs port");
    assert_eq!(screen.page(), Page::Port);
}

#[test]
fn a_typed_port_is_excluded_and_the_exclusion_removed_again() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = page(&facts);
    screen.replace_in("Ports or ranges", "1433");
    screen.wait_for("Port\u{a0}1433 is not protected. Free now, but inside the dynamic range. A client may get it.");
    screen.click("Exclude 1433\u{2026}");
    screen.wait_for("Exclude port 1433, now and after a restart?");
    screen.click("Exclude port 1433, now and after a restart");
    screen.wait_for("Port 1433 is excluded, now and after a restart");
    screen.wait_for("Port\u{a0}1433 is protected. Never handed out to clients, now and after a restart.");
    assert_eq!(facts.excluded_now(), "1433");
    screen.click("Remove the exclusion of 1433\u{2026}");
    screen.wait_for("Take port 1433 out of the exclusions, now and after a restart?");
    screen.click("Take port 1433 out of the exclusions, now and after a restart");
    screen.wait_for("Port\u{a0}1433 is not protected");
    assert_eq!(facts.excluded_now(), "");
}

#[test]
fn undo_from_the_message_shows_on_the_map_at_once() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = page(&facts);
    screen.replace_in("Ports or ranges", "8080-8090");
    screen.click("Exclude 8080\u{2013}8090\u{2026}");
    screen.wait_for("Exclude ports 8080\u{2013}8090, now and after a restart?");
    screen.click("Exclude ports 8080\u{2013}8090, now and after a restart");
    screen.wait_for("Ports\u{a0}8080\u{2013}8090 are protected");
    screen.click("Undo\u{2026}");
    screen.wait_for("What was there before the change is put back");
    screen.click("Undo");
    screen.wait_for("Ports\u{a0}8080\u{2013}8090 are not protected");
    assert_eq!(facts.excluded_now(), "");
}

#[test]
fn a_declined_prompt_leaves_the_map_as_it_was() {
    let facts = Facts::new(Manner::Declines);
    let mut screen = page(&facts);
    screen.click("Exclude 5432\u{2026}");
    screen.wait_for("Exclude port 5432, now and after a restart?");
    screen.click("Exclude port 5432, now and after a restart");
    screen.wait_for("The prompt was declined");
    screen.click("Close");
    assert!(screen.has("Port\u{a0}5432 is not protected"));
    assert_eq!(facts.excluded_now(), "");
}

#[test]
fn excluding_every_port_for_clients_is_refused_before_the_prompt() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = page(&facts);
    screen.replace_in("Ports or ranges", "1000-9000");
    screen.click("Exclude 1000\u{2013}9000\u{2026}");
    screen.wait_for("Excluding ports 1000\u{2013}9000 would leave no port for clients");
    screen.click("Close");
    assert_eq!(facts.excluded_now(), "");
}

#[test]
fn what_is_typed_is_checked_while_it_is_typed() {
    let mut screen = page(&Facts::new(Manner::Obeys));
    for (typed, said) in [
        ("0", "A port range looks like 1433 or 1433-1440, with numbers from 1 to 65535"),
        ("70000", "with numbers from 1 to 65535"),
        ("9-8", "The range 9-8 ends before it starts"),
        ("53/sctp", "names no protocol that has ports"),
    ] {
        screen.replace_in("Ports or ranges", typed);
        assert!(screen.has(said), "{typed}: {:?}", screen.says());
        assert!(!screen.has("Exclude 5432"), "{typed}: nothing is chosen");
    }
    screen.replace_in("Ports or ranges", "53/udp");
    assert!(screen.has("Port\u{a0}53 is outside the dynamic range. Clients get no port outside 1024\u{2013}9000."));
}

#[test]
fn the_list_has_the_same_facts_and_chooses_too() {
    let facts = Facts::new(Manner::Obeys);
    facts.change(|facts| {
        let snapshot = facts.clone().with_exclusion(3306).with_socket(listener("0.0.0.0:80", &[]));
        *facts = snapshot;
    });
    let mut screen = page(&facts);
    screen.click("List");
    assert!(screen.has("1024\u{2013}9000, Dynamic range, now and after a restart, Clients"));
    assert!(
        screen.has("3306, Excluded, administered, now and after a restart, An administrator, /etc/sysctl.d/50-ports.conf"),
        "{:?}",
        screen.says()
    );
    assert!(screen.has("5432, Wanted, a client may get it, db.service"));
    assert!(screen.has("80, In use, Program not seen, 1 socket"));
    screen.click_starting_with("3306, Excluded");
    assert!(screen.has("Port\u{a0}3306 is protected"));
    assert!(screen.has("which is not PortMedic's: to hand it out again, take it out there"));
    assert!(!screen.has("Remove the exclusion"), "what others keep is not removed here");
    screen.click("Map");
    assert!(screen.has("Find 3306"));
}

#[test]
fn the_map_is_moved_zoomed_and_walked_with_keys() {
    let facts = Facts::new(Manner::Obeys);
    facts.change(|facts| *facts = facts.clone().with_exclusion(3306));
    let mut screen = page(&facts);
    let start = view(&screen);
    assert!(start.first() < 5432 && start.last() > 5432);
    let map = format!(
        "Map of the ports {} to {}. Arrow keys move it, plus and minus zoom, Home shows all, Page Up and Page Down go from thing to thing",
        start.first(),
        start.last()
    );
    screen.until_focus(&map);
    screen.press(Key::ArrowRight);
    assert_eq!(view(&screen).first(), start.first() + 70, "a tenth of what is shown");
    screen.press(Key::ArrowLeft);
    screen.press(Key::Plus);
    assert_eq!(view(&screen).count(), 350);
    screen.press(Key::Minus);
    assert_eq!(view(&screen).count(), start.count());
    screen.press(Key::Home);
    assert_eq!(view(&screen), View::ALL);
    screen.press(Key::PageUp);
    assert!(screen.has("Port\u{a0}3306 is protected"), "the thing before 5432");
    assert!(view(&screen).first() > 0, "and it is shown large");
    screen.press(Key::PageDown);
    assert!(screen.has("Port\u{a0}5432 is not protected"));
}

#[test]
fn commands_can_be_shown_without_asking_for_anything() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = page(&facts);
    screen.click("Show commands");
    screen.wait_for("sysctl -w net.ipv4.ip_local_reserved_ports=5432");
    screen.click("Hide commands");
    assert!(!screen.has("sysctl -w"));
}

#[test]
fn a_change_made_elsewhere_shows_after_f5() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = page(&facts);
    facts.change(|facts| *facts = facts.clone().with_exclusion(5432));
    assert!(screen.has("Port\u{a0}5432 is not protected"));
    screen.press(Key::F5);
    screen.wait_for("Port\u{a0}5432 is protected");
}

#[test]
fn ranges_that_cannot_be_read_are_told() {
    let facts = Facts::new(Manner::Blind);
    let mut screen = Screen::open(&facts.computer());
    screen.click("Ranges");
    screen.wait_for("The port ranges could not be read");
    assert!(screen.has("the kernel does not answer") || screen.has("The kernel does not answer"));
}

#[test]
fn several_ports_and_blocks_are_excluded_with_one_prompt_and_taken_back_together() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = page(&facts);
    screen.replace_in("Ports or ranges", "1433, 5000-5010; 9500");
    assert!(screen.has("13 ports in 3 blocks: 2 blocks are not safe"), "{:?}", screen.says());
    assert!(screen.has("Port\u{a0}1433 is not protected") && screen.has("Ports\u{a0}5000\u{2013}5010 are not protected"));
    assert!(screen.has("Port\u{a0}9500 is outside the dynamic range"), "each block has its own word");
    screen.click("Show commands");
    assert!(
        screen.has("ip_local_reserved_ports=1433,5000-5010,9500"),
        "the last command has the ports of all: {:?}",
        screen.says()
    );
    screen.click("Exclude 13 ports\u{2026}");
    screen.wait_for("Exclude 13 ports in 3 blocks, now and after a restart?");
    assert!(screen.has("Excluded now: none becomes 1433, 5000-5010, 9500"));
    screen.click("Exclude 13 ports in 3 blocks, now and after a restart");
    screen.wait_for("13 ports in 3 blocks are excluded, now and after a restart");
    assert_eq!(facts.excluded_now(), "1433,5000-5010,9500");
    screen.wait_for("13 ports in 3 blocks: all are safe");
    screen.click("Undo\u{2026}");
    screen.wait_for("What was there before the change is put back");
    screen.click("Undo");
    screen.wait_for("2 blocks are not safe");
    assert_eq!(facts.excluded_now(), "", "all of it, in one go");
}

#[test]
fn blocks_that_are_excluded_already_are_left_out_of_the_plan() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = page(&facts);
    screen.replace_in("Ports or ranges", "1433");
    screen.click("Exclude 1433\u{2026}");
    screen.wait_for("Exclude port 1433, now and after a restart?");
    screen.click("Exclude port 1433, now and after a restart");
    screen.wait_for("Port\u{a0}1433 is protected");
    screen.replace_in("Ports or ranges", "1433 5000");
    screen.wait_for("2 ports in 2 blocks: one block is not safe");
    screen.click("Exclude 2 ports\u{2026}");
    screen.wait_for("Exclude port 5000, now and after a restart?");
}

#[test]
fn an_exclusion_is_removed_from_its_row_with_keys_only() {
    let facts = Facts::new(Manner::Obeys);
    facts.change(|facts| facts.host.elevated = true);
    let mut screen = page(&facts);
    screen.replace_in("Ports or ranges", "1433");
    screen.click("Exclude 1433\u{2026}");
    screen.wait_for("Exclude port 1433, now and after a restart?");
    screen.click("Exclude port 1433, now and after a restart");
    screen.wait_for("Port\u{a0}1433 is protected");
    screen.press_button("List");
    screen.wait_for("1433, Excluded, administered, now and after a restart, PortMedic");
    screen.until_focus("1433, Excluded, administered, now and after a restart, PortMedic, a list");
    screen.press(Key::Tab);
    assert_eq!(screen.focus().as_deref(), Some("Remove the exclusion of 1433\u{2026}"));
    screen.press(Key::Enter);
    screen.wait_for("Take port 1433 out of the exclusions, now and after a restart?");
    screen.until_focus("Take port 1433 out of the exclusions, now and after a restart");
    screen.press(Key::Enter);
    screen.until("the exclusion to be gone", |_| facts.excluded_now().is_empty());
}

#[test]
fn what_windows_would_refuse_is_said_before_the_button_is_pressed() {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::Windows)));
    screen.press_button("Ranges");
    screen.wait_for("All ports: dynamic range");
    screen.replace_in("Ports or ranges", "1433");
    screen.wait_for("Port 1433 cannot be excluded now");
    assert!(screen.has("Windows excludes no port that is in use"), "{:?}", screen.says());
    screen.press_starting_with("Exclude 1433");
    screen.wait_for("Nothing was changed, and nobody is asked for rights.");
    screen.press(Key::Escape);
    screen.replace_in("Ports or ranges", "50000-50100");
    assert!(screen.has("Exclude 50000\u{2013}50100\u{2026}"));
}

#[test]
fn a_narrow_window_has_every_part_and_the_problem_below_the_field() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = Screen::open_as(&facts.computer(), eframe::egui::Theme::Dark, 760.0, 560.0, false);
    screen.wait_for("db.service");
    screen.press_button("Ranges");
    screen.wait_for("All ports: dynamic range 1024-9000");
    screen.replace_in("Ports or ranges", "1433, 70000");
    assert!(screen.has("with numbers from 1 to 65535; this is \"70000\""));
    screen.press_button("List");
    screen.wait_for("5432, Wanted, a client may get it, db.service");
}
