//! The report page: its text, where it is saved, what is copied.

use std::path::{Path, PathBuf};

use super::super::Effect;
use super::super::state::{AppState, ReportFormat};
use super::copied;
use crate::report;

/// Writes the text of the report anew.
pub fn fill(state: &mut AppState) {
    let Some(case) = state.case() else { return };
    let text = match state.report.format {
        ReportFormat::Markdown => report::markdown(case),
        ReportFormat::Json => report::json(case),
    };
    let usual = usual_path(state);
    state.report.text = text;
    if !state.report.path_is_own {
        state.report.path = usual;
    }
}

pub fn format(state: &mut AppState, format: ReportFormat) {
    state.report.format = format;
    if state.report.path_is_own {
        let path = Path::new(&state.report.path).with_extension(format.extension());
        state.report.path = path.to_string_lossy().into_owned();
    }
    state.report.would_replace = false;
    state.report.problem = None;
    fill(state);
}

pub fn path(state: &mut AppState, path: String) {
    state.report.path = path;
    state.report.path_is_own = true;
    state.report.would_replace = false;
    state.report.problem = None;
}

pub fn browse(state: &mut AppState) -> Vec<Effect> {
    if state.report.busy {
        return Vec::new();
    }
    state.report.busy = true;
    vec![Effect::AskForPath(PathBuf::from(&state.report.path))]
}

pub fn save(state: &mut AppState, replace: bool) -> Vec<Effect> {
    if state.report.busy || state.report.text.is_empty() {
        return Vec::new();
    }
    if state.report.path.trim().is_empty() {
        state.report.problem = Some("Write where the report shall be saved".to_owned());
        return Vec::new();
    }
    state.report.busy = true;
    state.report.problem = None;
    state.report.would_replace = false;
    vec![Effect::Save { path: PathBuf::from(state.report.path.trim()), text: state.report.text.clone(), replace }]
}

pub fn copy(state: &mut AppState) -> Vec<Effect> {
    let text = state.report.text.clone();
    if text.is_empty() { Vec::new() } else { copied(state, text) }
}

pub fn copy_finding(state: &mut AppState) -> Vec<Effect> {
    match state.case().map(report::finding) {
        Some(text) => copied(state, text),
        None => Vec::new(),
    }
}

pub fn copy_commands(state: &mut AppState) -> Vec<Effect> {
    match state.chosen_option() {
        Some(option) => {
            let text = option.steps.iter().map(|step| step.preview.as_str()).collect::<Vec<_>>().join("\n") + "\n";
            copied(state, text)
        }
        None => Vec::new(),
    }
}

/// In the user's own folder: host, port, date and time, so that no two reports have the same name.
fn usual_path(state: &AppState) -> String {
    let Some(case) = state.case() else { return String::new() };
    let plain = |text: &str| -> String { text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect() };
    let about = case.target.port.map_or_else(|| "report".to_owned(), |port| port.to_string());
    let time = case.created.to_zoned(state.zone.clone()).strftime("%Y-%m-%d_%H%M").to_string();
    let name = format!("{}_{about}_{time}.{}", plain(&case.host.name), state.report.format.extension());
    let folder = std::env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" }).map(PathBuf::from).unwrap_or_default();
    folder.join(name).to_string_lossy().into_owned()
}
