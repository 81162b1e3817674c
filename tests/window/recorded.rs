//! What the recorder has seen, on the History page.

use std::sync::Arc;

use eframe::egui::Key;
use portmedic::app::change::Wish;
use portmedic::app::recorder::Recorded;
use portmedic::app::{Backend as _, Cancel};
use portmedic::machine::{Gap, ProcessId, Protocol, SeenParent, SeenProcess, Sighting, SocketState};

use portmedic::remedy::Task;

use crate::computer::{Computer, Script};
use crate::facts::{Facts, Manner};
use crate::screen::Screen;

fn history_of(recorded: Recorded) -> Screen {
    let computer = Arc::new(Computer::new(Script::Healed).with_recorded(recorded));
    let mut screen = Screen::open(&computer);
    screen.press_button("History");
    screen.wait_for("Seen by the recorder");
    screen
}

fn backup() -> Sighting {
    let time = "2026-11-20T03:01:00Z".parse().unwrap();
    Sighting {
        local: "127.0.0.1:1433".parse().unwrap(),
        protocol: Protocol::Tcp,
        remote: Some("10.0.0.9:443".parse().unwrap()),
        state: SocketState::Established,
        not_before: None,
        first_seen: time,
        last_seen: time,
        gone: None,
        unwatched: false,
        process: Some(SeenProcess {
            id: ProcessId { pid: 812, started: 77 },
            name: "backup\u{202e}agent".to_owned(),
            exe: None,
            command_line: Some(vec!["--password=secret".to_owned()]),
            user: None,
        }),
        parent: Some(SeenParent { pid: 700, name: "cron".to_owned() }),
        service: None,
        container: None,
        boot: None,
    }
}

#[test]
fn each_sighting_is_a_row_that_says_who_what_when_and_nothing_secret() {
    let mut screen = history_of(Recorded { sightings: vec![backup()], watched: true, gaps: Vec::new() });
    screen.wait_for("(PID 812) took port 1433 for a connection to 10.0.0.9:443");
    screen.wait_for("started by cron (PID 700)");
    assert!(!screen.has("secret") && !screen.has("\u{202e}"), "{:?}", screen.says());
}

#[test]
fn without_a_recorder_the_page_says_how_to_watch() {
    let mut screen = history_of(Recorded::default());
    screen.wait_for("portmedic watch --install 1433");
    let mut screen = history_of(Recorded { watched: true, ..Recorded::default() });
    screen.wait_for("Nobody was seen on the ports that were watched.");
}

#[test]
fn what_only_administrators_may_read_is_said() {
    let gap = Gap::new(
        "what the recorder has seen",
        "only administrators may read /var/lib/portmedic/recorder.jsonl",
        "the same as administrator",
    );
    let mut screen = history_of(Recorded { gaps: vec![gap], ..Recorded::default() });
    screen.wait_for("Only administrators may read");
    assert!(!screen.has("No port was watched"), "{:?}", screen.says());
}

#[test]
fn a_port_is_watched_from_the_finding_and_the_ports_watched_before_stay_watched() {
    let facts = Facts::new(Manner::Obeys);
    let mut screen = Screen::open(&facts.computer());
    screen.wait_for("db.service");
    screen.click("Check db.service");
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    screen.click("Watch this port\u{2026}");
    screen.wait_for("Install the recorder of 5432?");
    assert!(
        screen.has("PortMedic writes down who takes these ports, from each start of the computer on."),
        "{:?}",
        screen.says()
    );
    screen.press_button("Install the recorder of 5432");
    screen.wait_for("The recorder of 5432 is installed");
    assert_eq!(facts.task(), Some(Task::Recorder { ports: "5432".parse().unwrap() }));
    screen.click("Watch this port\u{2026}");
    screen.wait_for("Port 5432 is watched already");
    screen.press(Key::Escape);
    screen.press(Key::Enter);
    screen.until_focus("Watch this port\u{2026}");
    screen.press(Key::Enter);
    screen.wait_for("Port 5432 is watched already");
}

#[test]
fn one_more_port_is_watched_beside_the_others() {
    let facts = Facts::new(Manner::Obeys);
    let computer = facts.computer();
    for port in [1433, 5432] {
        let mut asked = computer.prepare_change(Wish::Watch(port)).unwrap();
        assert_eq!(asked.refusal, None);
        computer.apply(&mut asked.case, 0, &Cancel::default(), &mut |_| {}).unwrap();
    }
    assert_eq!(facts.task(), Some(Task::Recorder { ports: "1433,5432".parse().unwrap() }));
}

#[test]
fn where_nothing_can_watch_in_the_background_that_is_said_in_plain_words() {
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::Windows)));
    screen.until("the services", |screen| !screen.is_looking_at_services());
    screen.write("1433");
    screen.press(Key::Enter);
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    screen.press_button("Watch this port\u{2026}");
    screen.wait_for("Port 1433 cannot be watched in the background here");
    assert!(
        screen.has("a practice machine has no tasks") || screen.has("A practice machine has no tasks"),
        "{:?}",
        screen.says()
    );
    assert!(screen.has("nobody is asked for rights"));
}

#[test]
fn whom_the_recorder_saw_on_the_port_stands_on_its_page() {
    let other = Sighting { local: "127.0.0.1:5432".parse().unwrap(), ..backup() };
    let recorded = Recorded { sightings: vec![backup(), other], watched: true, gaps: Vec::new() };
    let mut screen = Screen::open(&Arc::new(Computer::new(Script::Healed).with_recorded(recorded)));
    screen.until("the services", |screen| !screen.is_looking_at_services());
    screen.write("5432");
    screen.press(Key::Enter);
    screen.wait_for("(PID 812) took port 5432 for a connection to 10.0.0.9:443");
    assert!(!screen.has("took port 1433"), "only this port: {:?}", screen.says());
}
