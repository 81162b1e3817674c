//! Everything the window shows. Only [`update`](fn@super::update) changes it.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::change::ChangeState;
use super::exhaustion::ExhaustionState;
use super::ports::PortsState;
use super::practice::Practising;
use super::ranges::RangesState;
use super::recheck::Outlook;
use super::recorder::Recorded;
use super::refused::RefusedState;
use super::run::Run;
use super::settings::Settings;
use super::undo::UndoPlan;
use super::{Investigation, Look, Opened, Page, Practice, SavedQuestion};
use crate::case::Case;
use crate::diagnosis::Target;
use crate::helper::journal::Entry;
use crate::machine::{Gap, Host, Service, ServiceState, Snapshot};
use crate::remedy::FixOption;
use crate::report::{Document, Format, Hidden, Hide};

/// The services of a look, and what could not be seen.
#[derive(Debug, Clone)]
pub struct Services {
    /// All services with a state worth showing.
    pub list: Vec<Service>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// The computer.
    pub host: Host,
}

/// Which services the list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ServiceView {
    /// Those that fail.
    #[default]
    Failing,
    /// Those that do not run.
    Stopped,
    /// All.
    All,
}

/// The choice of a service.
#[derive(Debug, Clone, Default)]
pub struct Picker {
    /// What the name must contain.
    pub filter: String,
    /// Which ones are shown.
    pub view: ServiceView,
    /// The chosen one, by its full name.
    pub chosen: Option<String>,
}

/// The report page.
#[derive(Debug, Clone, Default)]
pub struct ReportState {
    /// The form.
    pub format: Format,
    /// What is hidden in it.
    pub hide: Hide,
    /// Its text, exactly as it is saved.
    pub text: String,
    /// The same as parts, for a form that is not read as it is written.
    pub document: Option<Document>,
    /// The values that are hidden in it.
    pub hidden: Vec<Hidden>,
    /// Whether these are listed.
    pub lists_hidden: bool,
    /// The folder it is saved in.
    pub folder: String,
    /// The name of the file.
    pub name: String,
    /// Whether the user wrote that name.
    pub name_is_own: bool,
    /// Whether a worker saves it or asks where to.
    pub busy: bool,
    /// Why it could not be saved.
    pub problem: Option<String>,
    /// Why no dialog can open: then the folder is typed.
    pub no_dialog: Option<String>,
}

impl ReportState {
    /// The page of a new check.
    pub fn hiding(hide: &Hide) -> Self {
        Self { hide: hide.clone(), ..Self::default() }
    }
}

/// A question that covers the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Run an option of high risk?
    HighRisk,
    /// Make the change that was asked for?
    Change,
    /// Take back the change of this journal entry?
    Undo(String),
    /// Which port does the service want?
    OtherPort {
        /// What was typed.
        text: String,
        /// Why that is no port.
        problem: Option<String>,
    },
    /// Which saved Case, or which files of another computer, are opened?
    OpenCase(SavedQuestion),
    /// Save the report over the file that is there?
    ReplaceFile,
    /// Close the window while steps run?
    CloseWhileRunning,
    /// The settings.
    Settings,
    /// The list of keys.
    Keys,
}

/// A message about something that finished in the background.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Whether it went well.
    pub good: bool,
    /// What happened.
    pub text: String,
    /// What can be done about it.
    pub action: Option<ToastAction>,
    /// Since when it shows.
    pub since: Timestamp,
}

/// What a toast offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToastAction {
    /// Begin a new check.
    NewCheck,
    /// Show the folder of a file.
    OpenFolder(PathBuf),
    /// Take back the change of this journal entry.
    Undo(String),
}

impl ToastAction {
    /// Its words.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::NewCheck => "New check",
            Self::OpenFolder(_) => "Open folder",
            Self::Undo(_) => "Undo\u{2026}",
        }
    }
}

/// Everything the window shows.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The time of this frame.
    pub now: Timestamp,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The page.
    pub page: Page,
    /// The furthest step that was shown for this check, counted from 1.
    pub reached: usize,
    /// What was typed on the first page.
    pub typed: String,
    /// Why that names nothing.
    pub typed_problem: Option<String>,
    /// The services.
    pub services: Look<Services>,
    /// The choice of one.
    pub picker: Picker,
    /// What is looked into.
    pub target: Option<Target>,
    /// What was found.
    pub found: Look<Investigation>,
    /// What was opened and shows in the place of a check; `None` for a check of this computer.
    pub opened: Option<Opened>,
    /// The chosen option.
    pub option: usize,
    /// The steps of the plan as they run.
    pub run: Run,
    /// A change that was asked for by itself.
    pub change: ChangeState,
    /// Whether the checks after the fix are made.
    pub verifying: Look<()>,
    /// The Ranges page.
    pub ranges: RangesState,
    /// The report page.
    pub report: ReportState,
    /// The Ports page.
    pub ports: PortsState,
    /// The Exhaustion page.
    pub exhaustion: ExhaustionState,
    /// The Refused page.
    pub refused: RefusedState,
    /// What was changed before.
    pub history: Look<Vec<Entry>>,
    /// How the changes stand that shall outlive a restart.
    pub outlook: Look<Outlook>,
    /// What the recorder has seen.
    pub recorded: Look<Recorded>,
    /// What taking a change back would do.
    pub way_back: Look<UndoPlan>,
    /// The undo on its way.
    pub undoing: Look<String>,
    /// The choice of a practice machine.
    pub practising: Practising,
    /// A question that covers the page.
    pub question: Option<Question>,
    /// A message.
    pub toast: Option<Toast>,
    /// Whether the desktop is dark, where it said so.
    pub system_is_dark: Option<bool>,
    /// The settings.
    pub settings: Settings,
    /// The story of the practice machine in the window; `None` on a real computer.
    pub practice: Option<Practice>,
}

impl AppState {
    /// The window as it opens.
    pub fn new(now: Timestamp, zone: TimeZone, settings: Settings) -> Self {
        Self {
            now,
            zone,
            page: Page::Home,
            reached: 0,
            typed: String::new(),
            typed_problem: None,
            services: Look::default(),
            picker: Picker::default(),
            target: None,
            found: Look::default(),
            opened: None,
            option: 0,
            run: Run::default(),
            change: ChangeState::default(),
            verifying: Look::default(),
            ranges: RangesState::default(),
            report: ReportState::hiding(&settings.hide),
            ports: PortsState::default(),
            exhaustion: ExhaustionState::default(),
            refused: RefusedState::default(),
            history: Look::default(),
            outlook: Look::default(),
            recorded: Look::default(),
            way_back: Look::default(),
            undoing: Look::default(),
            practising: Practising::default(),
            question: None,
            toast: None,
            system_is_dark: None,
            settings,
            practice: None,
        }
    }

    /// The computer, as soon as it was looked at.
    pub fn host(&self) -> Option<&Host> {
        let services = || self.services.value().map(|services| &services.host);
        let ports = || self.ports.table.as_deref().map(|table| &table.host);
        let exhaustion = || self.exhaustion.latest.as_deref().map(|latest| &latest.case.host);
        let own = || services().or_else(ports).or_else(exhaustion);
        let of_case = || self.case().map(|case| &case.host);
        // The pages beside the wizard show this computer, whatever was opened; only Exhaustion shows that of the files.
        if self.page == Page::Exhaustion && self.shown_exhaustion().is_of_files() {
            return of_case();
        }
        if self.opened.is_some() && Page::TOOLS.contains(&self.page) { own().or_else(of_case) } else { of_case().or_else(own) }
    }

    /// The Exhaustion page of the computer that is looked into: that of the files where some are open, otherwise this one.
    pub const fn shown_exhaustion(&self) -> &ExhaustionState {
        match &self.opened {
            Some(Opened::Evidence(view)) => &view.exhaustion,
            Some(Opened::Case) | None => &self.exhaustion,
        }
    }

    /// The same, to be changed.
    pub(super) const fn shown_exhaustion_mut(&mut self) -> &mut ExhaustionState {
        match &mut self.opened {
            Some(Opened::Evidence(view)) => &mut view.exhaustion,
            Some(Opened::Case) | None => &mut self.exhaustion,
        }
    }

    /// The Case.
    pub fn case(&self) -> Option<&Case> {
        self.found.value().map(|found| &found.case)
    }

    /// The facts behind it.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.found.value().map(|found| &found.snapshot)
    }

    /// The chosen option.
    pub fn chosen_option(&self) -> Option<&FixOption> {
        self.case()?.plan.options.get(self.option)
    }

    /// Whether something was applied, so that what was found before no longer describes the computer.
    pub fn is_locked(&self) -> bool {
        self.run.may_have_changed()
    }

    /// The services that the list shows.
    pub fn shown_services(&self) -> Vec<&Service> {
        let Some(services) = self.services.value() else { return Vec::new() };
        let filter = self.picker.filter.trim().to_lowercase();
        let matches = |service: &&Service| {
            filter.is_empty()
                || service.name.to_lowercase().contains(&filter)
                || service.display_name().to_lowercase().contains(&filter)
        };
        services.list.iter().filter(|service| is_in(self.picker.view, service)).filter(matches).collect()
    }

    /// How many services a view has.
    pub fn count_in(&self, view: ServiceView) -> usize {
        self.services.value().map_or(0, |services| services.list.iter().filter(|service| is_in(view, service)).count())
    }

    /// Whether the option's steps ask for administrator rights first.
    pub fn will_ask(&self) -> bool {
        let elevated = self.host().is_some_and(|host| host.elevated);
        !elevated && self.chosen_option().is_some_and(|option| option.steps.iter().any(|step| step.elevation))
    }
}

fn is_in(view: ServiceView, service: &Service) -> bool {
    match view {
        ServiceView::Failing => service.is_failing() || service.failure.is_some(),
        ServiceView::Stopped => !matches!(service.state, ServiceState::Running | ServiceState::Starting),
        ServiceView::All => true,
    }
}
