//! Every action of the user, with its words and its keys.

use std::fmt;

use super::change::ChangeCommand;
use super::exhaustion::ExhaustionCommand;
use super::ports::PortsCommand;
use super::practice::PracticeCommand;
use super::ranges::RangesCommand;
use super::refused::RefusedCommand;
use super::settings::{Scale, ThemeChoice};
use super::state::ServiceView;
use super::{Page, SavedCommand};
use crate::remedy::UndoMode;
use crate::report::{Format, Kind};

/// An action of the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Go to a page.
    GoTo(Page),
    /// Go to the page before.
    Back,
    /// Forget this check and begin a new one.
    NewCheck,
    /// Do something on the Ports page.
    Ports(PortsCommand),
    /// Do something on the Ranges page.
    Ranges(RangesCommand),
    /// Do something on the Exhaustion page.
    Exhaustion(ExhaustionCommand),
    /// Do something on the Refused page.
    Refused(RefusedCommand),
    /// Look again at what the page shows.
    LookAgain,
    /// Type on the first page.
    Type(String),
    /// Check what was typed.
    CheckTyped,
    /// Check this service.
    CheckService(String),
    /// Type into the filter of the services.
    Filter(String),
    /// Show these services.
    View(ServiceView),
    /// Choose this service.
    Choose(String),
    /// Check the chosen service.
    CheckChosen,
    /// Ask for another port.
    AskForPort,
    /// Type another port.
    TypePort(String),
    /// Check that port.
    CheckPort,
    /// Choose an option of the plan.
    ChooseOption(usize),
    /// Run the chosen option; asks first where its risk is high.
    Apply,
    /// Run it, after the question.
    ApplyNow,
    /// End the run after the step that is being done, or stop waiting for the rights.
    Stop,
    /// Make the checks.
    Verify,
    /// Wait no longer for the service, and make the checks now.
    StopWaiting,
    /// Something about a saved Case.
    Saved(SavedCommand),
    /// Choose the form of the report.
    Format(Format),
    /// Hide values of this kind in the report, or show them.
    Hide(Kind, bool),
    /// Show which values are hidden in the report, or not.
    ListHidden(bool),
    /// Type the folder for the report.
    ReportFolder(String),
    /// Type the name of the report's file.
    ReportName(String),
    /// Ask where the report is saved.
    Browse,
    /// Save the report.
    Save,
    /// Save it over the file that is there.
    SaveOver,
    /// Copy the report.
    CopyReport,
    /// Copy the verdict with its evidence.
    CopyFinding,
    /// Copy the commands of the chosen option.
    CopyCommands,
    /// Copy this text.
    Copy(String),
    /// Change something by itself, without a problem behind it.
    Change(ChangeCommand),
    /// Save the history of changes to a file.
    ExportHistory,
    /// Ask whether a change shall be taken back.
    AskUndo(String),
    /// Take so much of it back.
    Undo(String, UndoMode),
    /// An action about practising.
    Practice(PracticeCommand),
    /// Show the settings.
    Settings,
    /// Choose the theme.
    Theme(ThemeChoice),
    /// Let things move on the screen, or not.
    ReduceMotion(bool),
    /// Hide values of this kind in every report to come, or show them.
    AlwaysHide(Kind, bool),
    /// Choose how large everything is.
    Scale(Scale),
    /// Make everything larger.
    Larger,
    /// Make everything smaller.
    Smaller,
    /// Make everything as large as usual.
    UsualSize,
    /// Show the list of keys.
    Keys,
    /// Close the question that covers the page.
    CloseQuestion,
    /// Close the message.
    CloseToast,
    /// Do what the message offers.
    ToastAction,
    /// The window is about to close.
    CloseWindow,
    /// Close it although steps run.
    CloseNow,
}

/// A key that commands use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// F1.
    F1,
    /// F5.
    F5,
    /// Left arrow.
    Left,
    /// A digit.
    Digit(u8),
    /// A letter.
    Letter(char),
    /// The comma.
    Comma,
    /// The plus, on the keyboard or beside it.
    Plus,
    /// The minus.
    Minus,
}

/// Keys pressed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shortcut {
    /// With Ctrl (Command on a Mac).
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift.
    pub shift: bool,
    /// The key.
    pub key: Key,
}

impl Shortcut {
    const fn plain(key: Key) -> Self {
        Self { ctrl: false, alt: false, shift: false, key }
    }

    const fn alt(key: Key) -> Self {
        Self { alt: true, ..Self::plain(key) }
    }

    const fn ctrl(key: Key) -> Self {
        Self { ctrl: true, ..Self::plain(key) }
    }

    const fn ctrl_shift(key: Key) -> Self {
        Self { shift: true, ..Self::ctrl(key) }
    }
}

impl fmt::Display for Shortcut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.key {
            Key::F1 => f.write_str("F1"),
            Key::F5 => f.write_str("F5"),
            Key::Left => f.write_str("Left"),
            Key::Digit(digit) => write!(f, "{digit}"),
            Key::Letter(letter) => write!(f, "{letter}"),
            Key::Comma => f.write_str(","),
            Key::Plus => f.write_str("Plus"),
            Key::Minus => f.write_str("Minus"),
        }
    }
}

impl Command {
    /// The commands that have keys of their own. Enter presses the page's primary button, Esc closes what covers the page.
    pub fn with_keys() -> Vec<(Self, Shortcut)> {
        let mut all = vec![
            (Self::Back, Shortcut::alt(Key::Left)),
            (Self::LookAgain, Shortcut::plain(Key::F5)),
            (Self::NewCheck, Shortcut::ctrl(Key::Letter('N'))),
            (Self::Save, Shortcut::ctrl(Key::Letter('S'))),
            (Self::CopyFinding, Shortcut::ctrl_shift(Key::Letter('C'))),
            (Self::Settings, Shortcut::ctrl(Key::Comma)),
            (Self::Larger, Shortcut::ctrl(Key::Plus)),
            (Self::Smaller, Shortcut::ctrl(Key::Minus)),
            (Self::UsualSize, Shortcut::ctrl(Key::Digit(0))),
            (Self::Keys, Shortcut::plain(Key::F1)),
        ];
        let digits = (1..).map(|digit| Shortcut::alt(Key::Digit(digit)));
        all.extend(Page::STEPS.into_iter().map(Self::GoTo).zip(digits));
        all
    }

    /// The keys of this command.
    pub fn shortcut(&self) -> Option<Shortcut> {
        Self::with_keys().into_iter().find(|(command, _)| command == self).map(|(_, shortcut)| shortcut)
    }

    /// What it does, for tooltips and the list of keys.
    pub fn label(&self) -> String {
        match self {
            Self::GoTo(page) => format!("Go to {}", page.title()),
            Self::Back => "Back".to_owned(),
            Self::NewCheck => "New check".to_owned(),
            Self::LookAgain => "Look again".to_owned(),
            Self::Save => "Save report".to_owned(),
            Self::CopyFinding => "Copy finding".to_owned(),
            Self::Settings => "Settings".to_owned(),
            Self::Larger => "Everything larger".to_owned(),
            Self::Smaller => "Everything smaller".to_owned(),
            Self::UsualSize => "Everything as large as usual".to_owned(),
            Self::Keys => "List of keys".to_owned(),
            other => format!("{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_two_commands_have_the_same_keys() {
        let mut seen: HashMap<Shortcut, Command> = HashMap::new();
        for (command, shortcut) in Command::with_keys() {
            if let Some(other) = seen.insert(shortcut, command.clone()) {
                panic!("{shortcut} means {other:?} and {command:?}");
            }
        }
    }

    #[test]
    fn every_step_has_a_digit() {
        assert_eq!(Command::GoTo(Page::Report).shortcut().map(|keys| keys.to_string()), Some("Alt+7".to_owned()));
    }
}
