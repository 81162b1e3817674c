//! Saving the history, an audit, samples or a checklist to a file.

use std::path::{Path, PathBuf};

use super::super::Effect;
use super::super::export::{TableExport, Tables};
use super::super::state::{AppState, Toast, ToastAction};
use super::report;
use crate::diagnosis::wording::capital;
use crate::machine::Host;

/// Asks for a file for the history.
pub fn history(state: &AppState) -> Vec<Effect> {
    match (state.history.value(), state.host()) {
        (Some(entries), Some(host)) => save(state, Tables::History(entries.clone()), host.clone()),
        _ => Vec::new(),
    }
}

/// Asks for a file for the audit.
pub fn audit(state: &AppState) -> Vec<Effect> {
    let Some(audit) = state.ranges.audit.value() else { return Vec::new() };
    save(state, Tables::Audit(Box::new(audit.clone())), audit.snapshot.host.clone())
}

/// Asks for a file for the samples of the dynamic ports.
pub fn samples(state: &AppState) -> Vec<Effect> {
    let own = state.shown_exhaustion();
    let Some(latest) = &own.latest else { return Vec::new() };
    save(state, Tables::Samples(own.monitor.clone()), latest.case.host.clone())
}

/// Asks for a file for the checklist of a connection.
pub fn checklist(state: &AppState) -> Vec<Effect> {
    let Some(found) = state.refused.look.value() else { return Vec::new() };
    save(state, Tables::Checklist(Box::new(found.case())), found.host.clone())
}

/// With the folder and the wish to hide names of the report page.
fn save(state: &AppState, tables: Tables, host: Host) -> Vec<Effect> {
    let folder = if state.report.folder.is_empty() { report::home() } else { state.report.folder.clone() };
    let time = state.now.to_zoned(state.zone.clone()).strftime("%Y-%m-%d_%H%M");
    let start = Path::new(&folder).join(format!("portmedic-{}_{time}.{}", tables.name(), tables.usual_form().extension()));
    let hide = state.report.hide.clone();
    vec![Effect::Export(Box::new(TableExport { start, tables, host, now: state.now, hide }))]
}

/// Takes what came of it.
pub fn saved(state: &mut AppState, table: &str, answer: Result<Option<PathBuf>, String>) {
    let (good, text, action) = match answer {
        Ok(None) => return,
        Ok(Some(path)) => {
            let action = path.parent().map(|folder| ToastAction::OpenFolder(folder.to_owned()));
            let name = path.file_name().map(|name| crate::machine::visible(&name.to_string_lossy())).unwrap_or_default();
            (true, format!("{} saved as {name}", capital(table)), action)
        }
        Err(why) => (false, why, None),
    };
    state.toast = Some(Toast { good, text, action, since: state.now });
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::{AppState, ToastAction, audit, history, saved};
    use crate::app::Settings;

    fn state() -> AppState {
        AppState::new(Timestamp::UNIX_EPOCH, TimeZone::UTC, Settings::default())
    }

    #[test]
    fn nothing_is_saved_before_the_journal_is_read() {
        assert!(history(&state()).is_empty() && audit(&state()).is_empty());
    }

    #[test]
    fn a_saved_history_offers_its_folder_and_a_closed_dialog_says_nothing() {
        let mut state = state();
        saved(&mut state, "history", Ok(None));
        assert!(state.toast.is_none());
        saved(&mut state, "history", Ok(Some("/home/anna/changes.html".into())));
        let toast = state.toast.take().unwrap();
        assert!(toast.good && toast.text == "History saved as changes.html");
        assert_eq!(toast.action, Some(ToastAction::OpenFolder("/home/anna".into())));
        saved(&mut state, "history", Err("the disk is full".to_owned()));
        assert!(!state.toast.unwrap().good);
    }
}
