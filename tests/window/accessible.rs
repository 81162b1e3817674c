//! What a screen reader gets: every control has a role and a name of its own, changes are told, and the Tab key reaches everything.

use std::collections::BTreeSet;

use eframe::egui::accesskit::{Action, Live, Role};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::NodeT as _;

use super::screen::{Screen, View};
use super::states::ALL;

/// A node of the tree as far as these tests look at it.
struct Seen {
    role: Role,
    name: String,
    focusable: bool,
    enabled: bool,
}

fn tree(screen: &Screen) -> Vec<Seen> {
    fn collect(node: &egui_kittest::Node<'_>, all: &mut Vec<Seen>) {
        let own = node.accesskit_node();
        // Text that can be selected takes the pointer, but it is text.
        let text = matches!(own.role(), Role::Label | Role::TextRun | Role::ScrollBar);
        all.push(Seen {
            role: own.role(),
            name: own.label().unwrap_or_default(),
            focusable: own.data().supports_action(Action::Focus) && !text,
            enabled: !own.is_disabled(),
        });
        for child in node.children() {
            collect(&child, all);
        }
    }
    let mut all = Vec::new();
    collect(&screen.harness.root(), &mut all);
    all
}

#[test]
fn every_control_has_a_role_and_a_name_that_no_other_has() {
    let mut problems = Vec::new();
    for state in ALL {
        let screen = state.open(View::default());
        let mut names = BTreeSet::new();
        for control in tree(&screen).into_iter().filter(|seen| seen.focusable) {
            if control.name.trim().is_empty() || matches!(control.role, Role::Unknown | Role::GenericContainer) {
                problems.push(format!("{}: {:?} \"{}\"", state.name, control.role, control.name));
            } else if !names.insert(control.name.clone()) {
                problems.push(format!("{}: two controls are called \"{}\"", state.name, control.name));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn verdicts_progress_and_messages_are_told_when_they_change() {
    for (name, said) in [
        ("04-owner", "5432"),
        ("03-port-error", "This could not be looked into"),
        ("06-apply-waiting", "Waiting for approval"),
        ("06-apply-running", "Step 3, Start PostgreSQL: Running"),
        ("06-apply-declined", "The prompt was declined"),
        ("07-verify", "Fixed: PostgreSQL"),
        ("07-verify-locked", "Changes were applied"),
        ("11-refused-service-down", "SQL Server does not run"),
    ] {
        let state = ALL.iter().find(|state| state.name == name).unwrap();
        let screen = state.open(View::default());
        assert!(is_told(&screen.harness.root(), said), "{name}: nothing tells \"{said}\"");
    }
}

/// Whether a live region has this text in it.
fn is_told(node: &egui_kittest::Node<'_>, said: &str) -> bool {
    let live = node.accesskit_node().live() != Live::Off;
    (live && says(node, said)) || node.children().any(|child| is_told(&child, said))
}

fn says(node: &egui_kittest::Node<'_>, said: &str) -> bool {
    let own = node.accesskit_node();
    let texts = [own.label(), own.value()];
    texts.into_iter().flatten().any(|text| text.contains(said)) || node.children().any(|child| says(&child, said))
}

#[test]
fn tab_reaches_every_control_once_and_shift_tab_goes_back() {
    for state in ALL.iter().step_by(2) {
        let mut screen = state.open(View::default());
        // Its names say what every look sees, and the walk takes longer than from one to the next.
        if state.name == "11-exhaustion" {
            screen.press_button("Pause");
        }
        let controls = tree(&screen).into_iter().filter(|seen| seen.focusable && seen.enabled).count();
        let there = walk(&mut screen, Modifiers::NONE, controls);
        let once: BTreeSet<_> = there.iter().collect();
        assert_eq!(once.len(), there.len(), "{}: Tab comes to a control twice: {there:#?}", state.name);
        let back: BTreeSet<_> = walk(&mut screen, Modifiers::SHIFT, controls).into_iter().collect();
        assert_eq!(there.iter().cloned().collect::<BTreeSet<_>>(), back, "{}: Shift+Tab reaches others", state.name);
    }
}

/// The names of what gets the focus until it begins anew. The list of sockets also says its row, which lives on meanwhile.
fn walk(screen: &mut Screen, modifiers: Modifiers, controls: usize) -> Vec<String> {
    let mut reached: Vec<String> = Vec::new();
    for _ in 0..=controls {
        screen.harness.key_press_modifiers(modifiers, Key::Tab);
        screen.harness.run_steps(1);
        let name = screen.focus().map(|name| if name.starts_with("Sockets, ") { "Sockets".to_owned() } else { name });
        match name {
            Some(name) if reached.first() == Some(&name) => return reached,
            Some(name) => reached.push(name),
            None => {}
        }
    }
    reached
}

#[test]
fn a_question_keeps_the_focus_and_gives_it_back() {
    let fixes = ALL.iter().find(|state| state.name == "05-fix").unwrap();
    let mut screen = fixes.open(View::default());
    screen.until_focus("Settings");
    screen.press(Key::Space);
    assert_eq!(screen.focus().as_deref(), Some("Close"), "the focus goes into the question");
    let reached = walk(&mut screen, Modifiers::NONE, 20);
    assert!(!reached.iter().any(|name| name.starts_with("Step ")), "the page below is out of reach: {reached:#?}");
    screen.press(Key::Escape);
    assert_eq!(screen.focus().as_deref(), Some("Settings"), "it goes back to what opened the question");
}
