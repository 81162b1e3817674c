//! A saved Case or files of another computer that were opened: they show the pages of the wizard, and nothing can be run from them.

use std::path::PathBuf;
use std::sync::Arc;

use super::dialogs::Chosen;
use super::event::Event;
use super::evidence::{EvidenceRead, EvidenceView};
use super::files::shown;
use super::state::{AppState, Question, Toast, ToastAction};
use super::update::check;
use super::{Command, Effect, Investigation, Page};
use crate::case::Case;

/// What is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Opening {
    /// A saved Case.
    #[default]
    Case,
    /// Outputs and logs of another computer.
    Evidence,
    /// Whichever of the two the files are.
    Either,
}

/// What shows in the place of a check.
#[derive(Debug, Clone)]
pub enum Opened {
    /// A saved Case.
    Case,
    /// Files of another computer.
    Evidence(EvidenceView),
}

/// What the user does about opening files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavedCommand {
    /// Ask which one.
    Ask(Opening),
    /// Type its path.
    Type(String),
    /// Ask with the system's own dialog.
    Browse,
    /// Open the one whose path was typed.
    OpenTyped,
    /// Open these.
    Open(Vec<PathBuf>),
    /// Read this text as if it were a file of another computer.
    Paste(String),
    /// Show this fact of the files in its place.
    ShowFact(usize),
    /// Show this file.
    ShowFile(usize),
}

/// The question which file is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedQuestion {
    /// What is asked for.
    pub what: Opening,
    /// The path that was typed.
    pub path: String,
    /// Why that one could not be opened, or why no dialog can open.
    pub problem: Option<String>,
    /// Whether it is being read or asked for.
    pub busy: bool,
}

/// Work about opening files.
#[derive(Debug, Clone)]
pub enum SavedEffect {
    /// Ask with the system's own dialog.
    Ask(Opening),
    /// Read these files.
    Read(Opening, Vec<PathBuf>),
    /// Read this text.
    ReadText(String),
}

/// What was read.
#[derive(Debug, Clone)]
pub enum Content {
    /// A saved Case.
    Case(Box<Case>),
    /// Files of another computer.
    Evidence(Arc<EvidenceRead>),
}

/// An answer about opening files.
#[derive(Debug, Clone)]
pub enum SavedEvent {
    /// The user chose files, or none.
    Chosen(Chosen),
    /// Files were read.
    Read(Result<Content, String>),
}

impl From<SavedEvent> for Event {
    fn from(event: SavedEvent) -> Self {
        Self::Saved(event)
    }
}

pub(super) fn command(state: &mut AppState, command: SavedCommand) -> Vec<Effect> {
    if state.run.is_busy() || state.change.is_busy() {
        return Vec::new();
    }
    match command {
        SavedCommand::Ask(what) => {
            state.question = Some(Question::OpenCase(SavedQuestion { what, ..SavedQuestion::default() }));
            Vec::new()
        }
        SavedCommand::Type(path) => {
            if let Some(question) = question(state) {
                *question = SavedQuestion { path, what: question.what, ..SavedQuestion::default() };
            }
            Vec::new()
        }
        SavedCommand::Browse => match question(state) {
            Some(question) if !question.busy => {
                question.busy = true;
                vec![Effect::Saved(SavedEffect::Ask(question.what))]
            }
            _ => Vec::new(),
        },
        SavedCommand::OpenTyped => {
            let typed = question(state).map(|question| question.path.trim().to_owned()).filter(|path| !path.is_empty());
            typed.map_or_else(Vec::new, |path| read(state, vec![PathBuf::from(path)]))
        }
        SavedCommand::Open(paths) => {
            state.question = Some(Question::OpenCase(SavedQuestion { what: Opening::Either, ..SavedQuestion::default() }));
            read(state, paths)
        }
        SavedCommand::Paste(text) => {
            let what = Opening::Evidence;
            state.question = Some(Question::OpenCase(SavedQuestion { what, busy: true, ..SavedQuestion::default() }));
            vec![Effect::Saved(SavedEffect::ReadText(text))]
        }
        SavedCommand::ShowFact(fact) => {
            if let Some(Opened::Evidence(view)) = &mut state.opened {
                view.show_fact(fact);
            }
            Vec::new()
        }
        SavedCommand::ShowFile(file) => {
            if let Some(Opened::Evidence(view)) = &mut state.opened {
                view.show_file(file);
            }
            Vec::new()
        }
    }
}

fn question(state: &mut AppState) -> Option<&mut SavedQuestion> {
    match &mut state.question {
        Some(Question::OpenCase(question)) => Some(question),
        _ => None,
    }
}

fn read(state: &mut AppState, paths: Vec<PathBuf>) -> Vec<Effect> {
    let Some(question) = question(state) else { return Vec::new() };
    question.busy = true;
    question.problem = None;
    if let [path] = paths.as_slice() {
        question.path = shown(path);
    }
    vec![Effect::Saved(SavedEffect::Read(question.what, paths))]
}

pub(super) fn arrived(state: &mut AppState, event: SavedEvent) -> Vec<Effect> {
    // The question was closed meanwhile: nobody waits for the answer.
    let Some(question) = question(state) else { return Vec::new() };
    question.busy = false;
    match event {
        SavedEvent::Chosen(Chosen::Files(paths)) => return read(state, paths),
        SavedEvent::Chosen(Chosen::Cancelled) => {}
        SavedEvent::Chosen(Chosen::NoDialog(why)) => question.problem = Some(format!("{why}. Type the path of the file")),
        SavedEvent::Read(Ok(content)) => open(state, content),
        SavedEvent::Read(Err(problem)) => question.problem = Some(problem),
    }
    Vec::new()
}

/// Shows what was read in the place of the check before it.
fn open(state: &mut AppState, content: Content) {
    check::forget(state);
    let number = state.found.start(state.now, "Opening the file");
    let (opened, found, page) = match content {
        Content::Case(case) => {
            let snapshot = case.snapshot();
            (Opened::Case, Investigation { case: *case, snapshot }, Page::Owner)
        }
        Content::Evidence(read) => {
            let found = read.found.clone();
            (Opened::Evidence(EvidenceView::of(read)), found, Page::Evidence)
        }
    };
    take(state, number, found);
    state.opened = Some(opened);
    state.page = page;
}

fn take(state: &mut AppState, number: u64, found: Investigation) {
    let case = &found.case;
    let recommended = || case.plan.options.iter().position(|option| option.recommended);
    state.option = case.chosen.or_else(recommended).unwrap_or(0);
    state.found.finish(state.now, number, Ok(found));
}

/// Shows the verdict of the files again on the pages of the wizard, where the fixes for their ports showed.
pub(super) fn show_files(state: &mut AppState) {
    let Some(Opened::Evidence(view)) = &mut state.opened else { return };
    if std::mem::take(&mut view.fixes_ports) {
        let found = view.read.found.clone();
        let number = state.found.start(state.now, "Opening the file");
        take(state, number, found);
    }
}

/// Says that what was opened only shows.
pub(super) fn refuse(state: &mut AppState) -> Vec<Effect> {
    let text = match state.opened {
        Some(Opened::Evidence(_)) => "This is another computer, known from files: copy the commands and run them there",
        Some(Opened::Case) | None => "This is a saved case, it only shows",
    };
    state.toast = Some(Toast { good: false, text: text.to_owned(), action: Some(ToastAction::NewCheck), since: state.now });
    Vec::new()
}

/// Whether a command acts on the computer and so makes no sense for a saved Case.
pub(super) fn acts(command: &Command, page: Page) -> bool {
    match command {
        Command::Apply | Command::ApplyNow | Command::Verify => true,
        // Asked for beside a verdict it is meant for the computer of the verdict.
        Command::Change(_) => page.step().is_some(),
        // The change was made on the computer of the case; its number may be that of another change here.
        Command::AskUndo(_) => matches!(page, Page::Apply | Page::Verify | Page::Report),
        Command::LookAgain => matches!(page, Page::Port | Page::Owner | Page::Fix | Page::Apply | Page::Verify),
        _ => false,
    }
}
