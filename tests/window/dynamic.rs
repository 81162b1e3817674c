//! Another dynamic range: what it would come to while it is typed, what the system does not take, and the change itself.

use std::sync::Arc;

use eframe::egui::{Key, Theme};

use super::computer::{Computer, Script};
use super::screen::Screen;

const FIELD: &str = "New dynamic range";

fn page(script: Script) -> Screen {
    page_of(Screen::open(&Arc::new(Computer::new(script))))
}

fn page_of(mut screen: Screen) -> Screen {
    screen.press_button("Ranges");
    screen.wait_for("All ports: dynamic range");
    screen.press_button("Dynamic range");
    screen.wait_for("Another range");
    screen
}

#[test]
fn what_a_range_comes_to_is_told_while_it_is_typed() {
    let mut screen = page(Script::Windows);
    assert!(screen.has("Windows takes a range that begins at 1025 or above, has at least 255 ports"));
    screen.replace_in(FIELD, "49152-65535");
    assert!(screen.has("Dynamic range: 1024\u{2013}65534 becomes 49152\u{2013}65535"), "{:?}", screen.says());
    assert!(screen.has("Ports in it: 64\u{a0}511 becomes 16\u{a0}384"), "{:?}", screen.says());
    assert!(screen.has("Port 1433 TCP of SQL Server would lie outside: clients over IPv4 get it no more"), "{:?}", screen.says());
    assert!(
        screen.has("Over IPv6 the range stays 1024\u{2013}65534, and a client may get port 1433 there"),
        "{:?}",
        screen.says()
    );
    screen.press_starting_with("For every table");
    assert!(screen.has("Port 1433 TCP of SQL Server would lie outside: clients get it no more"), "{:?}", screen.says());
    assert!(!screen.has("Over IPv6"));
    screen.replace_in(FIELD, "1100-9000");
    assert!(screen.has("Port 1433 TCP of SQL Server stays inside: a client may get it"), "{:?}", screen.says());
}

#[test]
fn what_is_no_range_and_what_the_system_does_not_take_is_told_before_any_prompt() {
    let mut screen = page(Script::Windows);
    for (typed, said) in [
        ("49152", "A dynamic range has a first and a last port"),
        ("9-8", "The range 9-8 ends before it starts"),
        ("1000-70000", "with numbers from 1 to 65535"),
        ("1024-9000", "Windows takes no dynamic range that begins below port 1025"),
        ("5000-5100", "Windows takes no dynamic range with fewer than 255 ports"),
        ("50000-50300", "Clients would have 241 ports"),
        ("1024-65534", "It is so already, now and after a restart"),
    ] {
        screen.replace_in(FIELD, typed);
        assert!(screen.has(said), "{typed}: {:?}", screen.says());
    }
    let mut screen = page(Script::Healed);
    screen.replace_in(FIELD, "1000-9000");
    assert!(screen.has("Linux takes no dynamic range that begins below port 1024"), "{:?}", screen.says());
}

#[test]
fn a_range_is_set_with_one_prompt_and_taken_back() {
    let mut screen = page(Script::Windows);
    screen.press_button("Take the usual range 49152-65535");
    screen.press_starting_with("Set 49152\u{2013}65535");
    screen.wait_for("Set the dynamic range of TCP over IPv4 to 49152\u{2013}65535, now and after a restart?");
    screen.press_button("Set the dynamic range of TCP over IPv4 to 49152\u{2013}65535, now and after a restart");
    screen.wait_for("The dynamic range is 49152\u{2013}65535, now and after a restart");
    screen.wait_for("It is so already, now and after a restart");
}

#[test]
fn linux_has_one_range_and_it_is_set_with_keys_only() {
    let mut screen = page(Script::Healed);
    assert!(!screen.has("For every table"), "there is one");
    screen.until_focus(FIELD);
    screen.write("40000-60999");
    screen.until_focus("Set 40000\u{2013}60999\u{2026}");
    screen.press(Key::Enter);
    screen.wait_for("Set the dynamic range to 40000\u{2013}60999, now and after a restart?");
    screen.until_focus("Set the dynamic range to 40000\u{2013}60999, now and after a restart");
    screen.press(Key::Enter);
    screen.wait_for("The dynamic range is 40000\u{2013}60999, now and after a restart");
    screen.wait_for("TCP and UDP, IPv4 and IPv6, 40000\u{2013}60999");
}

#[test]
fn every_table_of_windows_can_get_the_range_at_once() {
    let mut screen = page(Script::Windows);
    screen.replace_in(FIELD, "49152-65535");
    screen.press_starting_with("For every table");
    screen.press_starting_with("Set 49152\u{2013}65535");
    screen.wait_for("Set the dynamic range to 49152\u{2013}65535, now and after a restart?");
}

#[test]
fn a_narrow_dark_window_shows_it_too() {
    let mut screen = page_of(Screen::open_as(&Arc::new(Computer::new(Script::Windows)), Theme::Dark, 760.0, 560.0, false));
    screen.replace_in(FIELD, "x");
    assert!(screen.has("A port range looks like"));
    screen.replace_in(FIELD, "49152-65535");
    assert!(screen.has("Left for clients: "));
}
