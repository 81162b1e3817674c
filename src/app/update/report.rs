//! The report page: its text, where it is saved, what is copied.

use std::path::{Path, PathBuf};

use super::super::event::SaveProblem;
use super::super::state::{AppState, Question, Toast, ToastAction};
use super::super::{Chosen, Effect};
use super::copied;
use crate::report::{self, Format, Kind, Redactor};

/// Writes the text of the report anew.
pub fn fill(state: &mut AppState) {
    let Some(case) = state.case() else { return };
    let made = report::report(case, state.report.format, &state.report.hide);
    let usual = usual_name(state);
    state.report.text = made.text;
    state.report.document = made.document;
    state.report.hidden = made.hidden;
    if !state.report.name_is_own {
        state.report.name = usual;
    }
    if state.report.folder.is_empty() {
        state.report.folder = home();
    }
}

pub fn format(state: &mut AppState, format: Format) {
    state.report.format = format;
    if state.report.name_is_own {
        let name = Path::new(&state.report.name).with_extension(format.extension());
        state.report.name = name.to_string_lossy().into_owned();
    }
    changed(state);
    fill(state);
}

pub fn hide(state: &mut AppState, kind: Kind, hidden: bool) {
    state.report.hide.set(kind, hidden);
    changed(state);
    fill(state);
}

pub fn folder(state: &mut AppState, folder: String) {
    state.report.folder = folder;
    changed(state);
}

pub fn name(state: &mut AppState, name: String) {
    state.report.name = name;
    state.report.name_is_own = true;
    changed(state);
}

/// Takes what came of the dialog.
pub fn path_chosen(state: &mut AppState, chosen: Chosen) {
    state.report.busy = false;
    match chosen {
        Chosen::Files(files) => files.first().into_iter().for_each(|file| path(state, file)),
        Chosen::Cancelled => {}
        Chosen::NoDialog(why) => state.report.no_dialog = Some(why),
    }
}

/// Takes what came of saving.
pub fn saved(state: &mut AppState, answer: Result<PathBuf, SaveProblem>) {
    state.report.busy = false;
    match answer {
        Ok(path) => {
            let action = path.parent().map(|folder| ToastAction::OpenFolder(folder.to_owned()));
            state.toast = Some(Toast { good: true, text: "Report saved".to_owned(), action, since: state.now });
        }
        Err(SaveProblem::Exists) => {
            state.question.get_or_insert(Question::ReplaceFile);
        }
        Err(SaveProblem::Other(problem)) => state.report.problem = Some(problem),
    }
}

/// Takes the file that the user chose.
fn path(state: &mut AppState, path: &Path) {
    if let (Some(parent), Some(file)) = (path.parent(), path.file_name()) {
        folder(state, parent.to_string_lossy().into_owned());
        name(state, file.to_string_lossy().into_owned());
    }
}

/// What was said about the file before is no longer true.
fn changed(state: &mut AppState) {
    state.report.problem = None;
}

fn whole_path(state: &AppState) -> PathBuf {
    Path::new(state.report.folder.trim()).join(state.report.name.trim())
}

pub fn browse(state: &mut AppState) -> Vec<Effect> {
    if state.report.busy {
        return Vec::new();
    }
    state.report.busy = true;
    vec![Effect::AskForPath(whole_path(state))]
}

pub fn save(state: &mut AppState, replace: bool) -> Vec<Effect> {
    if state.report.busy || state.report.text.is_empty() {
        return Vec::new();
    }
    if state.report.name.trim().is_empty() || state.report.folder.trim().is_empty() {
        state.report.problem = Some("Write the folder and the name of the file".to_owned());
        return Vec::new();
    }
    state.report.busy = true;
    state.report.problem = None;
    if state.question == Some(Question::ReplaceFile) {
        state.question = None;
    }
    vec![Effect::Save { path: whole_path(state), text: state.report.text.clone(), replace }]
}

pub fn copy(state: &mut AppState) -> Vec<Effect> {
    let text = state.report.text.clone();
    if text.is_empty() { Vec::new() } else { copied(state, text) }
}

pub fn copy_finding(state: &mut AppState) -> Vec<Effect> {
    match state.case().map(|case| report::finding(case, &state.report.hide)) {
        Some(text) => copied(state, text),
        None => Vec::new(),
    }
}

pub fn copy_commands(state: &mut AppState) -> Vec<Effect> {
    match state.chosen_option() {
        Some(option) => {
            let by_hand = option.steps.iter().filter(|_| option.is_by_hand()).map(|step| step.preview.as_str());
            let text: String = by_hand.chain(option.commands()).flat_map(|text| [text, "\n"]).collect();
            if text.is_empty() { Vec::new() } else { copied(state, text) }
        }
        None => Vec::new(),
    }
}

/// Host, port, date and time, so that no two reports have the same name.
fn usual_name(state: &AppState) -> String {
    let Some(case) = state.case() else { return String::new() };
    let plain = |text: &str| -> String { text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect() };
    let about = case.target.port.map_or_else(|| "report".to_owned(), |port| port.to_string());
    // A name that is hidden in the report is hidden in the name of its file too.
    let computer = Redactor::of(case, state.report.hide.clone()).name(Kind::Computer, &case.host.name);
    let time = case.created.to_zoned(state.zone.clone()).strftime("%Y-%m-%d_%H%M");
    format!("{}_{about}_{time}.{}", plain(&computer), state.report.format.extension())
}

/// The user's own folder.
pub(super) fn home() -> String {
    std::env::var(if cfg!(windows) { "USERPROFILE" } else { "HOME" }).unwrap_or_default()
}
