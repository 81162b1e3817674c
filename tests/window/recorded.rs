//! What the recorder has seen, on the History page.

use std::sync::Arc;

use portmedic::app::recorder::Recorded;
use portmedic::machine::{Gap, ProcessId, Protocol, SeenParent, SeenProcess, Sighting, SocketState};

use crate::computer::{Computer, Script};
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
