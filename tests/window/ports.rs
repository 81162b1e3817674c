//! The live table: found by port, name and state, sorted, chosen and acted on, with keys alone; steady under the pointer.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use portmedic::app::ports::{PortRow, PortsCommand};
use portmedic::app::{Command, Effect, Input, Page, update};
use portmedic::machine::SocketState;

use super::computer::{Computer, Script};
use super::facts::{Facts, Manner};
use super::machine::{With as _, listener, resting, running, tcp, unit_process};
use super::screen::{Screen, View};

/// The connection that has the port of the database.
const TAKEN: &str = "Port 5432, TCP4, Connected, 10.0.0.5:5432 to 10.0.0.9:9392, bkagent, backup.service, PID 4312";

/// A computer with a web server, a client on the port of the database, and what is left of connections.
fn busy(manner: Manner) -> Arc<Facts> {
    let facts = Facts::new(manner);
    facts.change(|facts| {
        *facts = facts
            .clone()
            .with_process(unit_process(812, "nginx", "nginx.service"))
            .with_service(running("nginx.service", 812))
            .with_socket(listener("0.0.0.0:80", &[812]))
            .with_socket(listener("[::]:8080", &[812]))
            .with_socket(tcp("0.0.0.0:7000", SocketState::Bound, &[4312]))
            .with_socket(resting("10.0.0.5:6001", "10.0.0.9:443", 40_000))
            .with_socket(listener("0.0.0.0:2049", &[]));
    });
    facts
}

/// The page, with rows.
fn open(facts: &Arc<Facts>) -> Screen {
    let mut screen = Screen::open(&facts.computer());
    screen.click("Ports");
    screen.wait_for(TAKEN);
    screen
}

/// The ports of the rows, from top to bottom.
fn ports(screen: &Screen) -> Vec<u16> {
    let says = screen.says();
    let rows = says.iter().filter_map(|said| said.strip_prefix("Port ")?.split_once(", TCP")?.0.parse().ok());
    rows.collect()
}

fn chosen(screen: &Screen) -> Option<u16> {
    screen.harness.state().state().ports.selected_row().map(PortRow::port)
}

/// Replaces what is looked for.
fn find(screen: &mut Screen, text: &str) {
    screen.press_with(Modifiers::COMMAND, Key::F);
    screen.press_with(Modifiers::COMMAND, Key::A);
    screen.write(text);
    screen.until("the rows", |screen| {
        let ports = &screen.harness.state().state().ports;
        ports.filter.text == text && ports.shown.as_ref().is_some_and(|shown| shown.number == ports.arranging)
    });
}

#[test]
fn every_socket_is_a_row_with_its_owner() {
    let screen = open(&busy(Manner::Obeys));
    for said in [
        "Port 80, TCP4, Listening, 0.0.0.0:80, nginx, nginx.service, PID 812",
        "Port 2049, TCP4, Listening, 0.0.0.0:2049, Not seen",
        "Port 6001, TCP4, Resting, 10.0.0.5:6001 to 10.0.0.9:443, No program any more",
        "Port 7000, TCP4, Bound, 0.0.0.0:7000, bkagent, backup.service, PID 4312",
        "Ports, 6 sockets",
        "Linux did not show 1 owner",
    ] {
        assert!(screen.has(said), "{said} is not among {:#?}", screen.says());
    }
    assert_eq!(ports(&screen), [80, 2049, 5432, 6001, 7000, 8080]);
}

#[test]
fn the_filter_has_the_focus_and_narrows_by_every_word() {
    let mut screen = open(&busy(Manner::Obeys));
    assert_eq!(screen.focus().as_deref(), Some("Find a port, address, program or state"));
    find(&mut screen, "80");
    assert_eq!(ports(&screen), [80, 8080], "the very port first");
    find(&mut screen, "NGINX tcp6");
    assert_eq!(ports(&screen), [8080]);
    assert!(screen.has("Ports, 6 sockets, 1 match"));
    find(&mut screen, "apache");
    assert!(screen.has("No socket here has \"apache\""));
    screen.press(Key::Escape);
    screen.until("all rows", |screen| ports(screen).len() == 6);
}

#[test]
fn a_port_that_nobody_has_can_be_checked_at_once() {
    let mut screen = open(&busy(Manner::Obeys));
    find(&mut screen, "1433");
    assert!(screen.has("Nobody has port\u{a0}1433 or speaks to one"));
    screen.click("Check port 1433");
    assert_eq!(screen.page(), Page::Port);
}

#[test]
fn choices_and_heads_narrow_and_sort() {
    let mut screen = open(&busy(Manner::Obeys));
    screen.click("Port, sorted ascending");
    screen.until("the other order", |screen| ports(screen) == [8080, 7000, 6001, 5432, 2049, 80]);
    assert!(screen.has("Port, sorted descending"));
    screen.click("State: Any state");
    screen.click("Bound");
    screen.until("bound ones only", |screen| ports(screen) == [7000]);
    screen.click("State: Bound");
    screen.click("Any state");
    screen.click("Program: Any program");
    screen.click("nginx, 2");
    screen.until("those of nginx", |screen| ports(screen) == [8080, 80]);
    screen.click("UDP");
    screen.wait_for("No socket is like this");
    screen.click("Show all sockets");
    screen.until("all rows", |screen| ports(screen).len() == 6);
}

#[test]
fn keys_alone_choose_a_row_copy_it_and_check_its_port() {
    let mut screen = open(&busy(Manner::Obeys));
    screen.press(Key::ArrowDown);
    assert_eq!(chosen(&screen), Some(80));
    assert!(screen.focus().is_some_and(|name| name.starts_with("Sockets, Port 80")), "the list has the focus, and says the row");
    for (key, port) in [
        (Key::ArrowDown, 2049),
        (Key::End, 8080),
        (Key::ArrowUp, 7000),
        (Key::Home, 80),
        (Key::ArrowUp, 80),
        (Key::PageDown, 8080),
        (Key::PageUp, 80),
    ] {
        screen.press(key);
        assert_eq!(chosen(&screen), Some(port), "after {key:?}");
    }
    assert!(
        screen.has("Port\u{a0}80, listening on any address. nginx, nginx.service, run by root, PID\u{a0}812. Waits for clients.")
    );
    screen.press_with(Modifiers::COMMAND, Key::C);
    screen.wait_for("Copied");
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Port);
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
}

#[test]
fn a_socket_that_goes_says_so_and_stays_chosen() {
    let facts = busy(Manner::Obeys);
    let mut screen = open(&facts);
    screen.click(TAKEN);
    facts.change(|facts| facts.sockets.retain(|socket| socket.local.port() != 5432));
    screen.press(Key::F5);
    screen.wait_for("Port 5432, TCP4, Closed");
    assert!(screen.has("connection to 10.0.0.9:9392, gone. was bkagent"), "{:#?}", screen.says());
    assert_eq!(chosen(&screen), Some(5432));
    let close = screen.harness.get_by_label("Close connection\u{2026}");
    assert!(close.accesskit_node().is_disabled(), "nothing is left to close");
}

#[test]
fn rows_keep_their_places_while_the_pointer_is_on_them() {
    let facts = busy(Manner::Obeys);
    let mut screen = open(&facts);
    screen.click(TAKEN);
    screen.wait_for("Live, rows keep their places");
    facts.change(|facts| facts.sockets.push(listener("0.0.0.0:22", &[812])));
    screen.press(Key::F5);
    screen.until("the new row", |screen| ports(screen).contains(&22));
    assert_eq!(ports(&screen), [80, 2049, 5432, 6001, 7000, 8080, 22], "it comes last");
    assert!(screen.has("Port 22, TCP4, Listening, new"));
    screen.harness.hover_at(eframe::egui::pos2(5.0, 5.0));
    screen.until("the order again", |screen| ports(screen)[0] == 22);
    assert_eq!(chosen(&screen), Some(5432), "the choice is the same socket");
}

#[test]
fn a_minimised_window_leaves_the_computer_in_peace() {
    let facts = busy(Manner::Obeys);
    let mut screen = open(&facts);
    let mut state = screen.harness.state().state().clone();
    let away = |state: &mut _, away| update(state, Input::Command(Command::Ports(PortsCommand::Away(away))));
    assert!(matches!(away(&mut state, true)[..], [Effect::StopWatchingPorts]));
    assert!(matches!(away(&mut state, false)[..], [Effect::WatchPorts(_)]));
    screen.click("Pause");
    let mut state = screen.harness.state().state().clone();
    assert!(away(&mut state, false).is_empty(), "a paused table stays as it is");
}

#[test]
fn a_paused_table_stays_as_it_is_until_asked() {
    let facts = busy(Manner::Obeys);
    let mut screen = open(&facts);
    screen.click("Pause");
    screen.wait_for("Paused at 03:14:10");
    facts.change(|facts| facts.sockets.push(listener("0.0.0.0:22", &[812])));
    screen.harness.run_steps(5);
    assert_eq!(ports(&screen).len(), 6);
    screen.press(Key::F5);
    screen.until("the new row", |screen| ports(screen).contains(&22));
    assert!(screen.has("Paused at 03:14:10"), "one look does not make it live");
    screen.click("Go on");
    screen.wait_for("Live, every second");
}

#[test]
fn a_connection_is_closed_from_its_row() {
    let facts = busy(Manner::Obeys);
    let mut screen = open(&facts);
    screen.click(TAKEN);
    screen.click("Close connection\u{2026}");
    screen.wait_for("Close the connection of backup?");
    assert_eq!(screen.focus().as_deref(), Some("Leave it as it is"), "the safe answer has the focus");
    assert!(facts.change(|facts| facts.sockets.len()) == 6, "nothing is done before it is agreed to");
    screen.click("Close the connection of backup");
    screen.until("the closed connection", |_| facts.change(|facts| facts.sockets.len()) == 5);
    screen.wait_for("Port 5432, TCP4, Closed");
}

#[test]
fn a_port_is_excluded_from_its_row() {
    let facts = busy(Manner::Obeys);
    let mut screen = open(&facts);
    screen.click(TAKEN);
    screen.click("Exclude port 5432\u{2026}");
    screen.wait_for("Exclude port 5432, now and after a restart?");
    screen.click("Exclude port 5432, now and after a restart");
    screen.wait_for("Port 5432 is excluded, now and after a restart");
    assert_eq!(facts.excluded_now(), "5432");
}

#[test]
fn a_table_that_cannot_be_read_says_why() {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::CannotLook)));
    screen.click("Ports");
    screen.wait_for("The socket table could not be read");
    assert!(screen.has("Operation not permitted"));
}

#[test]
fn what_is_newly_looked_for_is_shown_from_its_top() {
    let facts = busy(Manner::Obeys);
    // So many that to put them in order takes longer than a frame.
    facts.change(|facts| {
        facts.sockets.extend((0..30_000).map(|number| listener(&format!("0.0.0.0:{}", 10_000 + number), &[812])));
    });
    let mut screen = open(&facts);
    // The wheel, and not keys, which bring the chosen row into sight; the pointer leaves the rows afterwards.
    screen.harness.hover_at(pos2(700.0, 500.0));
    for _ in 0..20 {
        screen.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, -7.0),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        screen.harness.run_steps(2);
    }
    screen.harness.hover_at(pos2(700.0, 60.0));
    screen.until("rows farther down", |screen| ports(screen).first().is_some_and(|port| *port > 10_000));
    find(&mut screen, "nginx");
    screen.until("the first row", |screen| ports(screen).first() == Some(&80));
}

#[test]
fn a_live_table_that_nobody_touches_is_not_drawn_again() {
    let facts = busy(Manner::default());
    let mut screen = Screen::open_with(&facts.computer(), View { motion: true, ..View::default() });
    screen.click("Ports");
    screen.wait_for(TAKEN);
    assert!(screen.next_frame() < Duration::from_secs(1), "the caret of the filter blinks: {:?}", screen.next_frame());
    // A step is a quarter of a second.
    screen.harness.run_steps(44);
    assert_eq!(screen.next_frame(), Duration::MAX);
    screen.press(Key::ArrowLeft);
    assert!(screen.next_frame() < Duration::from_secs(1), "it blinks again: {:?}", screen.next_frame());
}
