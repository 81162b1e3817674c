//! What is said where no window can be shown: always on standard error, and in a native message where one can open.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Mutex;

use super::libraries::{Library, install_commands};

/// The last panic in words.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

const COMMANDS: &str = "Everything works from the command line too:\n\
    \x20 portmedic services --failing      services that fail, with their ports\n\
    \x20 portmedic diagnose nginx          what is wrong, who has the port, what can be done\n\
    \x20 portmedic fix nginx               shows the plan, asks, runs it and proves it\n\
    \x20 portmedic --help                  all commands";

/// Why there is no window.
#[derive(Debug)]
pub enum Trouble {
    /// There is no screen.
    NoDisplay,
    /// No way to draw works.
    NoWindow {
        /// Each way, and why it does not work.
        refusals: Vec<String>,
        /// Libraries that are missing here.
        missing: Vec<Library>,
    },
    /// The window was lost while it was open.
    Lost(String),
    /// PortMedic itself went wrong while the window was open.
    Panicked,
}

impl Trouble {
    /// Says it.
    pub fn tell(&self) {
        let text = self.text();
        // Nobody is there to hear that standard error is closed.
        let _unheard = writeln!(std::io::stderr(), "portmedic: {text}");
        if !matches!(self, Self::NoDisplay) {
            rfd::MessageDialog::new().set_level(rfd::MessageLevel::Error).set_title("PortMedic").set_description(text).show();
        }
    }

    fn text(&self) -> String {
        match self {
            Self::NoDisplay => {
                format!(
                    "there is no display here (DISPLAY and WAYLAND_DISPLAY are not set), so the window cannot open.\n{COMMANDS}"
                )
            }
            Self::NoWindow { refusals, missing } => {
                let mut text = "the window could not be opened.\n".to_owned();
                for refusal in refusals {
                    let _infallible = writeln!(text, "  {refusal}");
                }
                if !missing.is_empty() {
                    let files: Vec<&str> = missing.iter().map(|library| library.file).collect();
                    let _infallible = writeln!(text, "Missing on this computer: {}. To install:", files.join(", "));
                    for command in install_commands(missing) {
                        let _infallible = writeln!(text, "  {command}");
                    }
                }
                text + COMMANDS
            }
            Self::Lost(error) => {
                format!("the window was lost: {error}\nNothing further is changed. What was done stands in `portmedic history`.")
            }
            Self::Panicked => format!(
                "PortMedic stopped because of a mistake of its own: {}\n\
                 Nothing further is changed. What was done stands in `portmedic history`.",
                last_panic()
            ),
        }
    }
}

/// From now on a panic is noted, to be told in words, and printed in one line.
pub fn note_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let said = panic.payload_as_str().unwrap_or("no reason was given");
        let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
        let text = format!("{said}{place}");
        let _unheard = writeln!(std::io::stderr(), "portmedic: {text}");
        if let Ok(mut last) = PANIC.lock() {
            *last = Some(text);
        }
    }));
}

/// The last panic in words.
pub fn last_panic() -> String {
    PANIC.lock().ok().and_then(|last| last.clone()).unwrap_or_else(|| "no reason was given".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_display_the_commands_are_named() {
        let text = Trouble::NoDisplay.text();
        for part in ["no display", "portmedic diagnose", "portmedic fix", "portmedic --help"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn a_missing_library_is_told_with_the_command_that_installs_it() {
        let missing = vec![Library { file: "libxkbcommon-x11.so.0", debian: "libxkbcommon-x11-0", fedora: "libxkbcommon-x11" }];
        let text = Trouble::NoWindow { refusals: vec!["OpenGL: no".to_owned()], missing }.text();
        assert!(text.contains("sudo apt install libxkbcommon-x11-0") && text.contains("OpenGL: no"), "{text}");
    }
}
