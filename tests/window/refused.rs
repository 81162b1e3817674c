//! The Refused page: what may be asked for, the checklist while it runs and afterwards, and where it leads to.

use std::sync::Arc;

use eframe::egui::Key;
use portmedic::app::{Command, Computer as Session, Effect, Input, Page, RefusedCommand, update};
use portmedic::platform::practice::{Behaviour, Machine};

use super::computer::{Computer, Script};
use super::screen::Screen;

const FIELD: &str = "Computer and port, instance, product or service";

/// Goes to the page and asks; its field has the focus.
pub fn ask(screen: &mut Screen, text: &str) {
    screen.press_button("Refused");
    assert_eq!(screen.page(), Page::Refused);
    screen.write(text);
    screen.press(Key::Enter);
}

fn open(script: Script) -> Screen {
    let mut screen = Screen::open(&Arc::new(Computer::new(script)));
    screen.until("the services", |screen| !screen.is_looking_at_services());
    screen
}

/// The window on a practice machine, in which the page has asked for what its story is about.
fn practised(name: &str) -> Screen {
    let machine = Machine::find(name).unwrap();
    let mut screen = Screen::open(&Arc::new(Session::practice(&machine, Behaviour::default())));
    screen.until("the services", |screen| !screen.is_looking_at_services());
    screen.press_button("Refused");
    screen.press(Key::Enter);
    screen.wait_for("Check again");
    screen
}

#[test]
fn the_cause_is_the_headline_and_every_question_has_its_answer() {
    let mut screen = practised("connect-loopback");
    assert!(screen.says_a_heading_about("only"), "{:#?}", screen.says());
    for said in [
        "Does the name lead to an address? Ok. ",
        "Which addresses does it listen on? Problem. ",
        "What do the logs say? ",
        "questions do not apply here, closed",
        "What this machine teaches",
    ] {
        assert!(screen.has(said), "{said} is not among {:#?}", screen.says());
    }
    let row = |screen: &Screen, end: &str| {
        screen.says().into_iter().any(|said| said.starts_with("Which addresses does it listen on?") && said.ends_with(end))
    };
    assert!(row(&screen, ", open"), "what decides is open: {:#?}", screen.says());
    assert!(screen.has("LISTEN 127.0.0.1:5432, from socket table"));
    screen.press_starting_with("Which addresses does it listen on?");
    assert!(row(&screen, ", closed") && !screen.has("LISTEN 127.0.0.1:5432, from socket table"));
}

#[test]
fn a_story_about_a_connection_begins_as_its_client() {
    let machine = Machine::find("connect-hosts").unwrap();
    let mut screen = Screen::open(&Arc::new(Session::practice(&machine, Behaviour::default())));
    screen.press_button("Check what the story is about");
    assert_eq!(screen.page(), Page::Refused);
    screen.wait_for("Does the hosts file of this computer name it? Problem. ");
}

#[test]
fn what_names_nothing_is_refused_in_the_words_of_the_command() {
    let mut screen = open(Script::Healed);
    screen.press_button("Refused");
    for (typed, said) in
        [("db1", "names no port"), ("db1:70000", "is not a port"), (r"(localdb)\x", "takes no connection over TCP")]
    {
        screen.replace_in(FIELD, typed);
        assert!(!screen.has("This names nothing to connect to"), "it goes with what was typed before");
        screen.press(Key::Enter);
        assert!(screen.has("This names nothing to connect to") && screen.has(said), "{typed}: {:#?}", screen.says());
    }
}

#[test]
fn nothing_is_asked_before_something_is_named() {
    let mut screen = open(Script::Healed);
    ask(&mut screen, "");
    assert!(!screen.has("The checklist"), "{:#?}", screen.says());
    assert!(screen.has("Example: db1 1433"));
}

#[test]
fn a_service_of_this_computer_may_be_named_alone() {
    let mut screen = open(Script::Healed);
    ask(&mut screen, "postgresql");
    screen.wait_for("Is it this computer? Ok. ");
    assert!(screen.has("Does the service run? Problem. PostgreSQL"), "{:#?}", screen.says());
}

#[test]
fn stop_asks_nobody_any_more_and_the_answers_so_far_stay() {
    let mut screen = open(Script::NobodyAnswers);
    ask(&mut screen, "SQL01 1433");
    screen.wait_for("Connecting (look 8 of 11)");
    assert!(screen.has("Is it this computer? Ok. ") && screen.has("What does the port answer? Not yet. "));
    screen.press_button("Stop");
    screen.wait_for("The checklist was stopped before its end");
    assert!(screen.has("Is it this computer? Ok. ") && screen.has("What does the port answer? Not yet. "));
}

#[test]
fn a_window_that_closes_stops_the_checklist() {
    let computer = Arc::new(Computer::new(Script::NobodyAnswers));
    let mut screen = Screen::open(&computer);
    ask(&mut screen, "SQL01 1433");
    screen.wait_for("Connecting (look");
    drop(screen);
    while Arc::strong_count(&computer) > 1 {
        std::thread::yield_now();
    }
}

#[test]
fn a_service_that_lost_its_port_leads_into_the_wizard() {
    let mut screen = open(Script::LostPort);
    ask(&mut screen, "SQL01 1433");
    screen.wait_for("Why it does not run: ");
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Port);
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    assert!(screen.has("SQL Server needs port\u{a0}1433"), "{:#?}", screen.says());
    screen.press(Key::Enter);
    screen.press(Key::Enter);
    assert_eq!(screen.page(), Page::Fix, "with what can be done");
}

#[test]
fn an_answer_is_for_what_was_asked_and_enter_asks_anew() {
    let mut screen = open(Script::LostPort);
    ask(&mut screen, "SQL01 1433");
    screen.wait_for("Find out why, and fix it");
    screen.replace_in(FIELD, "SQL01 70000");
    assert!(!screen.has("Find out why, and fix it"), "the answer is to another question");
    screen.press(Key::Enter);
    assert!(screen.has("is not a port"));
}

#[test]
fn the_first_page_and_a_proof_lead_here() {
    let mut screen = open(Script::Healed);
    screen.press_starting_with("A client gets no connection");
    assert_eq!(screen.page(), Page::Refused);
    screen.press_button("Start");
    screen.go_to_fixes();
    screen.press(Key::Enter);
    screen.wait_for("All 3 steps are done");
    screen.press(Key::Enter);
    screen.wait_for("Fixed: PostgreSQL");
    screen.press_button("Ask as a client: srv1 5432");
    assert_eq!(screen.page(), Page::Refused);
    screen.press(Key::Enter);
    screen.wait_for("Check again");
    assert!(screen.says_a_heading_about("connection"), "{:#?}", screen.says());
}

#[test]
fn the_checklist_is_copied_and_saved_with_names_hidden() {
    let screen = practised("connect-firewall");
    let effects = |command| {
        let mut state = screen.harness.state().state().clone();
        update(&mut state, Input::Command(Command::Refused(command)))
    };
    let copied = effects(RefusedCommand::Copy);
    let Some(Effect::CopyText(text)) = copied.first() else { panic!("{copied:?}") };
    assert!(text.contains("What does the port answer?") && !text.contains("m.weber"), "{text}");
    let saved = effects(RefusedCommand::Save);
    let Some(Effect::Export(export)) = saved.first() else { panic!("{saved:?}") };
    assert!(export.start.to_string_lossy().ends_with("portmedic-checklist_2026-11-20_0314.html"), "{}", export.start.display());
}

#[test]
fn a_computer_that_cannot_be_looked_at_says_why() {
    let mut screen = open(Script::CannotLook);
    ask(&mut screen, "db1 5432");
    screen.wait_for("This computer could not be looked at");
    assert!(screen.has("Operation not permitted"));
    assert!(screen.has("Check"), "and it can be asked again");
}

#[test]
fn files_of_another_computer_are_not_taken_for_the_one_that_asks() {
    let mut screen = open(Script::NothingFound);
    super::evidence::open_netstat(&mut screen);
    screen.press_button("Refused");
    assert!(screen.has("This asks from this computer, not from"), "{:#?}", screen.says());
}
