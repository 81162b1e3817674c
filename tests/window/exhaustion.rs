//! The Exhaustion page: what it says, how it is worked with, and when it leaves the computer in peace.

use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{Event, Key};
use portmedic::app::exhaustion::{Every, Span};
use portmedic::app::{Command, Effect, ExhaustionCommand, ExhaustionEffect, Input, Page, update};
use portmedic::diagnosis::Complaint;
use portmedic::machine::{Family, PortRange, Protocol};

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
fn each_option_leads_to_its_plan_and_a_wider_range_to_the_page_that_sets_it() {
    let mut screen = open(Script::Exhausted);
    let options: Vec<String> = {
        let latest = screen.harness.state().state().exhaustion.latest.clone().unwrap();
        latest.case.plan.options.iter().map(|option| option.title.clone()).collect()
    };
    assert!(options.len() > 2, "{options:?}");
    for option in &options {
        assert!(screen.has(option), "the page lists what the command does: {option}");
    }
    screen.press_button(&format!("Show the plan: {}", options[1]));
    assert_eq!((screen.page(), screen.harness.state().state().option), (Page::Fix, 1));
    screen.press_button("Exhaustion");
    screen.press_starting_with("See what ");
    assert_eq!(screen.page(), Page::Ranges);
    screen.wait_for("Left for clients");
}

#[test]
fn a_wider_range_opens_with_the_protocol_and_family_that_it_is_for() {
    for (down, meant) in [(1, (Protocol::Tcp, Family::Ipv6)), (2, (Protocol::Tcp, Family::Ipv4))] {
        let mut screen = open(Script::Exhausted);
        let chosen = starting_with(&screen, "TCP over IPv4, 49152");
        screen.until_focus(&chosen[0]);
        for _ in 0..down {
            screen.press(Key::ArrowDown);
        }
        screen.press_starting_with("See what ");
        let ranges = &screen.harness.state().state().ranges;
        // The options are about TCP whatever range shows; of its families the one that shows is meant.
        assert_eq!((ranges.protocol, ranges.family), meant, "{down} down");
    }
    let mut state = open(Script::Exhausted).harness.state().state().clone();
    let range = PortRange::new(32_768, 65_535).unwrap();
    let widen = ExhaustionCommand::Widen { range, protocol: Protocol::Udp, family: Family::Ipv6 };
    update(&mut state, Input::Command(Command::Exhaustion(widen)));
    assert_eq!((state.ranges.protocol, state.ranges.family), (Protocol::Udp, Family::Ipv6));
}

/// The plot comes first and the answer below it, then who has the ports, and what can be done about it.
#[test]
fn what_is_comes_before_what_can_be_done() {
    let screen = open(Script::FillsUp);
    let said = screen.says();
    let place = |start: &str| {
        let found = said.iter().position(|own| own.starts_with(start));
        found.unwrap_or_else(|| panic!("{start} is not among {said:#?}"))
    };
    let order =
        ["Ports in use over time", "The ports run out", "bkagent, backup.service", "What can be done", "What this rests on"];
    assert!(order.map(place).is_sorted(), "{said:#?}");
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
    screen.press_button("Left open");
    assert!(screen.has("Left open, sorted descending"));
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
    for complaint in Complaint::ALL {
        let mut screen = Screen::open(&Arc::new(Computer::new(Script::Exhausted)));
        screen.press_button(complaint.as_str());
        assert_eq!(screen.page(), Page::Exhaustion);
        screen.wait_for("No port is left, so it fails for want of one");
        assert!(screen.has(complaint.why()), "{complaint:?}: {:#?}", screen.says());
    }
}

#[test]
fn who_types_only_what_does_not_work_is_told_whether_ports_are_why() {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::Healed)));
    screen.type_into("Service, port or error text", "domain sign-in fails but local works");
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Exhaustion);
    screen.wait_for("Ports are left, so this is not why. Look for another reason: the name of the domain controller");
    screen.press_button("Start");
    screen.press_button("Exhaustion");
    assert!(!screen.has("Ports are left, so this is not why"), "who comes by the side bar asks no such question");
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

/// A table in which one program has 300 sockets of 400 dynamic ports that it does not close.
fn of_another_computer() -> String {
    let head = "C:\\>netsh int ipv4 show dynamicport tcp\n\nProtocol tcp Dynamic Port Range\n---------------------------------\n\
                    Start Port      : 49152\nNumber of Ports : 400\n\nC:\\>netstat -ano\n\nActive Connections\n\n  \
                    Proto  Local Address          Foreign Address        State           PID\n";
    let rows = (49_152..49_452).map(|port| format!("  TCP    10.9.9.9:{port}      10.9.9.1:443     CLOSE_WAIT      812\n"));
    [head.to_owned()].into_iter().chain(rows).collect()
}

/// The page on a computer that fills up, while these files of another one are open.
fn open_files(text: &str) -> (Arc<Computer>, Screen) {
    let computer = Arc::new(Computer::new(Script::FillsUp));
    let mut screen = Screen::open(&computer);
    screen.until("the services", |screen| !screen.is_looking_at_services());
    paste(&mut screen, text);
    (computer, screen)
}

/// Goes to the page of another computer, known from a pasted output.
pub fn open_other_computer(screen: &mut Screen) {
    paste(screen, &of_another_computer());
}

fn paste(screen: &mut Screen, text: &str) {
    screen.harness.event(Event::Paste(text.to_owned()));
    screen.wait_for("What the files tell");
    screen.press_button("Exhaustion");
    assert_eq!(screen.page(), Page::Exhaustion);
}

#[test]
fn of_files_the_page_shows_their_computer_and_not_this_one() {
    let (_computer, mut screen) = open_files(&of_another_computer());
    for said in [
        "of 400 ports in use",
        "300 ports: 0 connected, 300 left open, 0 closing, 0 bound",
        "PID\u{a0}812",
        "Known from 1 file of",
        "pasted text",
    ] {
        assert!(screen.has(said), "{said} is not among {:#?}", screen.says());
    }
    screen.harness.run_steps(5);
    assert!(!screen.has("bkagent") && !screen.has("Live,"), "this computer is not looked at: {:#?}", screen.says());
    screen.press(Key::F5);
    assert!(screen.has("This is another computer, known from files"));
    screen.press_button("New check");
    screen.press_button("Exhaustion");
    screen.wait_for("bkagent");
}

#[test]
fn what_files_do_not_show_is_told_with_the_commands_that_do() {
    let (_computer, mut screen) = open_files(
        "Event[0]\n  Log Name: System\n  Source: Tcpip\n  Date: 2026-03-12T08:14:02.3310000Z\n  Event ID: 4231\n  Task: N/A\n  \
         Level: Warning\n  Opcode: N/A\n  Keyword: Classic\n  User: N/A\n  User Name: N/A\n  Computer: SRV-2\n  Description: \n\
         A request to allocate an ephemeral port number from the global TCP port space has failed due to all such ports being in use.\n",
    );
    assert!(screen.says_a_heading_about("No port was left for outgoing connections"), "{:#?}", screen.says());
    assert!(screen.has("netstat -anobq") && screen.has("netsh interface ipv4 show dynamicport tcp"), "{:#?}", screen.says());
    assert!(!screen.has("ports in use"), "no figure is told that no file shows: {:#?}", screen.says());
    screen.press_button("Copy the commands that show it");
    screen.wait_for("Copied");
}

#[test]
fn the_fixes_for_the_ports_of_files_are_only_to_be_copied_and_the_verdict_comes_back() {
    let (computer, mut screen) = open_files(&of_another_computer());
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Fix);
    assert!(screen.has("Known from 1 file of"), "{:#?}", screen.says());
    screen.click_primary();
    assert_eq!(computer.runs.load(std::sync::atomic::Ordering::SeqCst), 0);
    let of_ports = screen.harness.state().state().case().map(|case| case.verdict.headline.clone());
    screen.press_starting_with("Evidence");
    screen.press_button("Show the verdict");
    let of_files = screen.harness.state().state().case().map(|case| case.verdict.headline.clone());
    assert_ne!(of_ports, of_files);
}

#[test]
fn looks_of_files_are_told_by_the_time_between_them() {
    let look = |minute: u8, ports: u16| {
        let rows =
            (49_152..49_152 + ports).map(|port| format!("  TCP    10.9.9.9:{port}      10.9.9.1:443     ESTABLISHED     812\n"));
        let head = format!(
            "2026-03-12T08:{minute:02}:00\n\nActive Connections\n\n  Proto  Local Address  Foreign Address  State  PID\n"
        );
        [head].into_iter().chain(rows).collect::<String>()
    };
    let range =
        "Protocol tcp Dynamic Port Range\n---------------------------------\nStart Port      : 49152\nNumber of Ports : 400\n\n";
    let looks = (0..5).map(|minute| look(minute, 100 + 20 * u16::from(minute)));
    let text = [range.to_owned()].into_iter().chain(looks).collect::<String>();
    let (_computer, screen) = open_files(&text);
    assert!(screen.has("100 at 4 min before, 180 at the last look"), "{:#?}", screen.says());
    assert!(screen.has("Full in about 11 minutes at 20 ports a minute"), "{:#?}", screen.says());
}
