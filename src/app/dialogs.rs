//! The system's own dialogs for files. Where none can open, that is said, because it looks the same as one that was closed.

use std::path::{Path, PathBuf};

use super::saved::Opening;

/// What came of asking for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// The user chose these files; one where one was asked for.
    Files(Vec<PathBuf>),
    /// The user closed the dialog.
    Cancelled,
    /// No dialog can open on this computer; the sentence says why.
    NoDialog(String),
}

/// Asks where a text is saved, under this title and starting from this place.
pub fn ask_to_save(title: &str, start: &Path) -> Chosen {
    let mut dialog = rfd::FileDialog::new().set_title(title);
    if let Some(folder) = start.parent().filter(|folder| folder.is_dir()) {
        dialog = dialog.set_directory(folder);
    }
    if let Some(name) = start.file_name() {
        dialog = dialog.set_file_name(name.to_string_lossy());
    }
    answer(dialog.save_file().map(|file| vec![file]))
}

/// Asks which file is opened, or which files where they are of another computer.
pub fn ask_to_open(what: Opening) -> Chosen {
    let dialog = rfd::FileDialog::new();
    match what {
        Opening::Case => {
            let dialog = dialog.set_title("Open a saved case").add_filter("Saved case", &["json"]);
            answer(dialog.pick_file().map(|file| vec![file]))
        }
        Opening::Evidence | Opening::Either => answer(dialog.set_title("Open outputs and logs of another computer").pick_files()),
    }
}

/// The dialog answers nothing both when it was closed and when it never opened: then it counts whether one could.
fn answer(chosen: Option<Vec<PathBuf>>) -> Chosen {
    match chosen {
        Some(files) => Chosen::Files(files),
        None if can_open() => Chosen::Cancelled,
        None => Chosen::NoDialog(
            "This desktop has no dialog for files (no file portal answers, and zenity is not installed)".to_owned(),
        ),
    }
}

/// Whether a dialog can open: the desktop's portal offers one, or else zenity is there, in this order.
#[cfg(target_os = "linux")]
fn can_open() -> bool {
    use std::time::Duration;

    use crate::platform::command;

    const QUESTION: [&str; 7] = [
        "--user",
        "--timeout=3",
        "get-property",
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.FileChooser",
        "version",
    ];
    let portal = command::run("busctl", &QUESTION, Duration::from_secs(4)).is_ok_and(|answer| answer.success());
    portal || command::find("zenity").is_some()
}

/// The system itself has the dialog.
#[cfg(not(target_os = "linux"))]
const fn can_open() -> bool {
    true
}
