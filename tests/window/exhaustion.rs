//! The Exhaustion page: what it says, how it is worked with, and when it leaves the computer in peace.

use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::Key;
use portmedic::app::exhaustion::{Every, Span};
use portmedic::app::{Command, Effect, ExhaustionCommand, ExhaustionEffect, Input, Page, update};

use super::computer::{Computer, Script};
use super::facts::{Facts, Manner};
use super::machine::connection;
use super::screen::Screen;

/// Connections of one program, so many that a look at them takes long.
const MANY: u32 = 200_000;

/// The page, with an answer.
fn open(script: Script) -> Screen {
    let mut screen = Screen::open(&Arc::new(Computer::new(script)));
    screen.until("the services", |screen| !screen.is_looking_at_services());
    screen.press_button("Exhaustion");
    assert_eq!(screen.page(), Page::Exhaustion);
    screen.wait_for("The limit is");
    screen
}

/// What of the screen begins with this, from top to bottom.
fn starting_with(screen: &Screen, start: &str) -> Vec<String> {
    screen.says().into_iter().filter(|said| said.starts_with(start)).collect()
}

#[test]
fn a_leak_is_told_with_its_holder_and_when_no_port_is_left() {
    let screen = open(Script::FillsUp);
    for said in [
        "of 7\u{a0}977 ports in use",
        "Full in about",
        "TCP over IPv4, 1024\u{2013}9000",
        "bkagent, backup.service, ",
        "PID\u{a0}4312, to 10.0.0.9:9392 (300)",
        "Ports in use over time, TCP over IPv4: ",
        "Exhaustion, TCP over IPv4, all remote addresses",
    ] {
        assert!(screen.has(said), "{said} is not among {:#?}", screen.says());
    }
    assert!(screen.says_a_heading_about("bkagent") || screen.says_a_heading_about("backup"), "{:#?}", screen.says());
}

#[test]
fn a_used_up_range_is_told_and_leads_to_the_fixes() {
    let mut screen = open(Script::Exhausted);
    assert!(screen.has("No port is left"), "{:#?}", screen.says());
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Fix);
    let state = screen.harness.state().state();
    assert!(state.case().is_some_and(|case| !case.plan.options.is_empty()));
    screen.press(Key::F5);
    assert_eq!(screen.page(), Page::Exhaustion, "this is looked at again where it was found");
}

#[test]
fn guides_are_copied_one_by_one() {
    let mut screen = open(Script::Exhausted);
    screen.press_button("Copy the steps: Tell the makers of the program");
    screen.wait_for("Copied");
}

#[test]
fn another_range_is_chosen_by_keys() {
    let mut screen = open(Script::Exhausted);
    let chosen = starting_with(&screen, "TCP over IPv4, 49152");
    screen.until_focus(&chosen[0]);
    screen.press(Key::ArrowDown);
    assert!(screen.has("Ports in use over time, TCP over IPv6"), "{:#?}", screen.says());
    assert!(screen.has("nobody has a port of this range"));
}

#[test]
fn holders_are_sorted_by_their_heads() {
    let mut screen = open(Script::FillsUp);
    let rows = |screen: &Screen| -> Vec<String> {
        let is_row = |said: &String| said.contains(" ports: ") && said.contains(" bound");
        screen.says().into_iter().filter(is_row).map(|said| said.split(',').next().unwrap().to_owned()).collect()
    };
    assert_eq!(rows(&screen), ["bkagent", "closing", "nginx"]);
    assert!(screen.has("Ports, sorted descending"));
    screen.press_button("Who");
    assert!(screen.has("Who, sorted ascending"));
    screen.press_button("Bound");
    assert_eq!(rows(&screen)[0], "bkagent");
    screen.press_button("Bound, sorted descending");
    assert_eq!(rows(&screen).last().map(String::as_str), Some("bkagent"));
}

#[test]
fn a_paused_page_looks_only_when_it_is_asked_to() {
    let mut screen = open(Script::FillsUp);
    let samples = |screen: &Screen| screen.harness.state().state().exhaustion.points().len();
    screen.press_button("Pause");
    assert!(screen.has("Paused at 03:14:10"));
    let before = samples(&screen);
    screen.harness.run_steps(5);
    assert_eq!(samples(&screen), before);
    screen.press(Key::F5);
    screen.until("one look more", |screen| samples(screen) == before + 1);
    assert!(screen.has("Paused at 03:14:10"), "one look does not make it live");
    screen.press_button("Go on");
    screen.wait_for("Live, every 5 seconds");
}

#[test]
fn how_often_and_how_far_back_are_chosen() {
    let mut screen = open(Script::Healed);
    screen.press_button("1 day");
    assert_eq!(screen.harness.state().state().exhaustion.span, Span::Day);
    screen.press_button("Look: Every 5 seconds");
    screen.click("Every 2 minutes");
    assert_eq!(screen.harness.state().state().exhaustion.every, Every::TwoMinutes);
    assert!(screen.has("Live, every 2 minutes"));
}

/// What a command asks the workers for.
fn effects(screen: &Screen, commands: &[Command]) -> Vec<Effect> {
    let mut state = screen.harness.state().state().clone();
    commands.iter().flat_map(|command| update(&mut state, Input::Command(command.clone()))).collect()
}

fn is_begin(effect: &Effect) -> bool {
    matches!(effect, Effect::Exhaustion(ExhaustionEffect::Sample(what)) if what.live)
}

fn is_end(effect: &Effect) -> bool {
    matches!(effect, Effect::Exhaustion(ExhaustionEffect::Stop))
}

#[test]
fn nobody_looks_while_another_page_shows_unless_the_user_wants_it() {
    let screen = open(Script::Healed);
    let left = effects(&screen, &[Command::GoTo(Page::History)]);
    assert!(left.iter().any(is_end), "{left:?}");
    let back = effects(&screen, &[Command::GoTo(Page::History), Command::GoTo(Page::Exhaustion)]);
    assert!(back.iter().any(is_begin), "{back:?}");
    let keep = Command::Exhaustion(ExhaustionCommand::Keep(true));
    let kept = effects(&screen, &[keep, Command::GoTo(Page::History), Command::GoTo(Page::Exhaustion)]);
    assert!(!kept.iter().any(|effect| is_end(effect) || is_begin(effect)), "it goes on: {kept:?}");
}

#[test]
fn a_minimised_window_leaves_the_computer_in_peace() {
    let mut screen = open(Script::Healed);
    let away = |away| Command::Exhaustion(ExhaustionCommand::Away(away));
    assert!(effects(&screen, &[away(true)]).iter().any(is_end));
    assert!(effects(&screen, &[away(true), away(false)]).iter().any(is_begin));
    screen.press_button("Pause");
    assert!(effects(&screen, &[away(false)]).is_empty(), "a paused page stays as it is");
}

#[test]
fn samples_are_saved_where_the_dialog_says() {
    let screen = open(Script::FillsUp);
    let asked = effects(&screen, &[Command::Exhaustion(ExhaustionCommand::Save)]);
    let Some(Effect::Export(export)) = asked.first() else { panic!("{asked:?}") };
    assert!(export.start.to_string_lossy().ends_with("portmedic-samples_2026-11-20_0314.csv"), "{}", export.start.display());
}

#[test]
fn a_table_that_cannot_be_read_says_why() {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::CannotLook)));
    screen.press_button("Exhaustion");
    screen.wait_for("The use of the ports could not be read");
    assert!(screen.has("Operation not permitted"));
}

#[test]
fn the_first_page_leads_here_by_what_no_longer_works() {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::Healed)));
    screen.press_starting_with("Nothing connects any more");
    assert_eq!(screen.page(), Page::Exhaustion);
}

#[test]
fn no_frame_waits_for_a_look_at_200_000_sockets() {
    let facts = Facts::new(Manner::Obeys);
    let one = connection("10.0.0.5:5432", "10.0.0.9:9392", &[4312]);
    facts.change(|facts| {
        facts.sockets = (0..MANY)
            .map(|number| {
                let mut socket = one.clone();
                socket.local.set_port(u16::try_from(1_024 + number % 7_000).unwrap());
                let [_, _, high, low] = number.to_be_bytes();
                socket.remote = Some(std::net::SocketAddr::from(([10, 1, high, low], 443)));
                socket.inode = Some(u64::from(number) + 1);
                socket
            })
            .collect();
    });
    let mut screen = Screen::open(&facts.computer());
    screen.until("the services", |screen| !screen.is_looking_at_services());
    screen.press_button("Exhaustion");
    let begin = Instant::now();
    let mut frames: Vec<Duration> = Vec::new();
    while screen.harness.state().state().exhaustion.latest.is_none() {
        assert!(begin.elapsed() < Duration::from_mins(1), "no answer came");
        let frame = Instant::now();
        screen.harness.step();
        frames.push(frame.elapsed());
    }
    let look = begin.elapsed();
    let slowest = frames.iter().max().copied().unwrap_or_default();
    assert!(slowest < look / 2, "a frame took {slowest:?} of the {look:?} of the look");
    let frame = Instant::now();
    screen.harness.step();
    assert!(frame.elapsed() < look / 2, "a frame with the answer took {:?}", frame.elapsed());
}
