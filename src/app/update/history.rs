//! The history page: saving it to a file.

use std::path::{Path, PathBuf};

use super::super::Effect;
use super::super::history::HistoryExport;
use super::super::state::{AppState, Toast, ToastAction};
use super::report;

/// Asks for a file, with the folder and the wish to hide names of the report page.
pub fn export(state: &AppState) -> Vec<Effect> {
    let (Some(entries), Some(host)) = (state.history.value(), state.host()) else { return Vec::new() };
    let folder = if state.report.folder.is_empty() { report::home() } else { state.report.folder.clone() };
    let time = state.now.to_zoned(state.zone.clone()).strftime("%Y-%m-%d_%H%M");
    let export = HistoryExport {
        start: Path::new(&folder).join(format!("portmedic-history_{time}.html")),
        entries: entries.clone(),
        host: host.clone(),
        now: state.now,
        hide: state.report.hide.clone(),
    };
    vec![Effect::ExportHistory(Box::new(export))]
}

/// Takes what came of it.
pub fn saved(state: &mut AppState, answer: Result<Option<PathBuf>, String>) {
    let (good, text, action) = match answer {
        Ok(None) => return,
        Ok(Some(path)) => {
            let action = path.parent().map(|folder| ToastAction::OpenFolder(folder.to_owned()));
            let name = path.file_name().map(|name| crate::machine::visible(&name.to_string_lossy())).unwrap_or_default();
            (true, format!("History saved as {name}"), action)
        }
        Err(why) => (false, why, None),
    };
    state.toast = Some(Toast { good, text, action, since: state.now });
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::{AppState, ToastAction, export, saved};
    use crate::app::Settings;

    fn state() -> AppState {
        AppState::new(Timestamp::UNIX_EPOCH, TimeZone::UTC, Settings::default())
    }

    #[test]
    fn nothing_is_saved_before_the_journal_is_read() {
        assert!(export(&state()).is_empty());
    }

    #[test]
    fn a_saved_history_offers_its_folder_and_a_closed_dialog_says_nothing() {
        let mut state = state();
        saved(&mut state, Ok(None));
        assert!(state.toast.is_none());
        saved(&mut state, Ok(Some("/home/anna/changes.html".into())));
        let toast = state.toast.take().unwrap();
        assert!(toast.good && toast.text == "History saved as changes.html");
        assert_eq!(toast.action, Some(ToastAction::OpenFolder("/home/anna".into())));
        saved(&mut state, Err("the disk is full".to_owned()));
        assert!(!state.toast.unwrap().good);
    }
}
