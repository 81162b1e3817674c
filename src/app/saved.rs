//! A saved Case that was opened: it shows the pages of the wizard, and nothing can be run from it.

use std::path::PathBuf;

use super::dialogs::Chosen;
use super::event::Event;
use super::files::shown;
use super::state::{AppState, Question, Toast, ToastAction};
use super::update::check;
use super::{Command, Effect, Investigation, Page};
use crate::case::Case;

/// What the user does about saved Cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavedCommand {
    /// Ask which one.
    Ask,
    /// Type its path.
    Type(String),
    /// Ask with the system's own dialog.
    Browse,
    /// Open the one whose path was typed.
    OpenTyped,
    /// Open this one.
    Open(PathBuf),
}

/// The question which saved Case is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedQuestion {
    /// The path that was typed.
    pub path: String,
    /// Why that one could not be opened, or why no dialog can open.
    pub problem: Option<String>,
    /// Whether it is being read or asked for.
    pub busy: bool,
}

/// Work about saved Cases.
#[derive(Debug, Clone)]
pub enum SavedEffect {
    /// Ask with the system's own dialog.
    Ask,
    /// Read this file.
    Read(PathBuf),
}

/// An answer about saved Cases.
#[derive(Debug, Clone)]
pub enum SavedEvent {
    /// The user chose a file, or none.
    Chosen(Chosen),
    /// A file was read.
    Read(PathBuf, Result<Box<Case>, String>),
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
        SavedCommand::Ask => {
            state.question = Some(Question::OpenCase(SavedQuestion::default()));
            Vec::new()
        }
        SavedCommand::Type(path) => {
            if let Some(question) = question(state) {
                *question = SavedQuestion { path, ..SavedQuestion::default() };
            }
            Vec::new()
        }
        SavedCommand::Browse => match question(state) {
            Some(question) if !question.busy => {
                question.busy = true;
                vec![Effect::Saved(SavedEffect::Ask)]
            }
            _ => Vec::new(),
        },
        SavedCommand::OpenTyped => {
            let typed = question(state).map(|question| question.path.trim().to_owned()).filter(|path| !path.is_empty());
            typed.map_or_else(Vec::new, |path| read(state, PathBuf::from(path)))
        }
        SavedCommand::Open(path) => {
            state.question = Some(Question::OpenCase(SavedQuestion { path: shown(&path), ..SavedQuestion::default() }));
            read(state, path)
        }
    }
}

fn question(state: &mut AppState) -> Option<&mut SavedQuestion> {
    match &mut state.question {
        Some(Question::OpenCase(question)) => Some(question),
        _ => None,
    }
}

fn read(state: &mut AppState, path: PathBuf) -> Vec<Effect> {
    if let Some(question) = question(state) {
        question.busy = true;
        question.problem = None;
    }
    vec![Effect::Saved(SavedEffect::Read(path))]
}

pub(super) fn arrived(state: &mut AppState, event: SavedEvent) -> Vec<Effect> {
    match event {
        SavedEvent::Chosen(chosen) => {
            let Some(question) = question(state) else { return Vec::new() };
            question.busy = false;
            match chosen {
                Chosen::File(path) => {
                    question.path = shown(&path);
                    return read(state, path);
                }
                Chosen::Cancelled => {}
                Chosen::NoDialog(why) => question.problem = Some(format!("{why}. Type the path of the file")),
            }
        }
        // The question was closed meanwhile: nobody waits for the answer.
        SavedEvent::Read(..) if question(state).is_none() => {}
        SavedEvent::Read(path, Ok(case)) => open(state, path, *case),
        SavedEvent::Read(_, Err(problem)) => {
            if let Some(question) = question(state) {
                question.busy = false;
                question.problem = Some(problem);
            }
        }
    }
    Vec::new()
}

/// Shows a saved Case in the place of the check before it.
fn open(state: &mut AppState, path: PathBuf, case: Case) {
    check::forget(state);
    let recommended = || case.plan.options.iter().position(|option| option.recommended);
    state.option = case.chosen.or_else(recommended).unwrap_or(0);
    let snapshot = case.snapshot();
    let number = state.found.start(state.now, "Opening the saved case");
    state.found.finish(state.now, number, Ok(Investigation { case, snapshot }));
    state.opened = Some(path);
    state.page = Page::Owner;
}

/// Says that a saved Case only shows.
pub(super) fn refuse(state: &mut AppState) -> Vec<Effect> {
    let text = "This is a saved case, it only shows".to_owned();
    state.toast = Some(Toast { good: false, text, action: Some(ToastAction::NewCheck), since: state.now });
    Vec::new()
}

/// Whether a command acts on the computer and so makes no sense for a saved Case.
pub(super) const fn acts(command: &Command, page: Page) -> bool {
    match command {
        Command::Apply | Command::ApplyNow | Command::Verify => true,
        // The change was made on the computer of the case; its number may be that of another change here.
        Command::AskUndo(_) => matches!(page, Page::Apply | Page::Verify | Page::Report),
        Command::LookAgain => matches!(page, Page::Port | Page::Owner | Page::Fix | Page::Apply | Page::Verify),
        _ => false,
    }
}
