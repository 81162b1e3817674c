//! The only place that changes the state: an input comes in, work comes out.

pub(super) mod check;
mod events;
pub(super) mod export;
pub(super) mod fix;
pub(super) mod report;

use super::ports;
use super::settings::{Scale, ThemeChoice};
use super::state::{AppState, Question, Toast, ToastAction};
use super::steps::{is_open, is_shut};
use super::{Command, Effect, Input, Page, change, exhaustion, practice, ranges, refused, saved};

/// Changes the state by one input; gives the work that this asks for.
pub fn update(state: &mut AppState, input: Input) -> Vec<Effect> {
    let page = state.page;
    let mut effects = match input {
        Input::Tick(now) => {
            state.now = now;
            Vec::new()
        }
        Input::Command(command) => command_given(state, command),
        Input::Event(event) => events::arrived(state, event),
    };
    effects.extend(ports::page_changed(state, page));
    effects.extend(exhaustion::update::page_changed(state, page));
    state.reached = state.reached.max(state.page.step().unwrap_or(0));
    effects
}

/// The work of a window that opens.
pub fn opened(state: &mut AppState) -> Vec<Effect> {
    let mut effects = check::look_at_services(state);
    effects.extend(fix::read_outlook(state));
    effects.push(Effect::ReadSystemTheme);
    effects
}

fn command_given(state: &mut AppState, command: Command) -> Vec<Effect> {
    if state.opened.is_some() && saved::acts(&command, state.page) {
        return saved::refuse(state);
    }
    match command {
        Command::GoTo(page) => go_to(state, page),
        Command::Back => back(state),
        Command::NewCheck => check::new_check(state),
        Command::Ports(command) => ports::given(state, command),
        Command::Ranges(command) => ranges::update::given(state, command),
        Command::Exhaustion(command) => exhaustion::update::given(state, command),
        Command::Refused(command) => refused::update::given(state, command),
        Command::LookAgain => look_again(state),
        Command::Type(text) => check::typed(state, text),
        Command::CheckTyped => check::check_typed(state),
        Command::CheckService(name) => check::check_service(state, name),
        Command::Filter(text) => check::filter(state, text),
        Command::View(view) => check::view(state, view),
        Command::Choose(name) => none(|| state.picker.chosen = Some(name)),
        Command::CheckChosen => check::check_chosen(state),
        Command::AskForPort => none(|| state.question = Some(Question::OtherPort { text: String::new(), problem: None })),
        Command::TypePort(text) => none(|| state.question = Some(Question::OtherPort { text, problem: None })),
        Command::CheckPort => check::check_port(state),
        Command::ChooseOption(index) => none(|| state.option = index),
        Command::Apply => fix::apply(state),
        Command::ApplyNow => fix::apply_now(state),
        Command::Stop => fix::stop(state),
        Command::Verify => fix::verify(state),
        Command::StopWaiting => fix::stop_waiting(state),
        Command::Saved(command) => saved::command(state, command),
        Command::Format(format) => none(|| report::format(state, format)),
        Command::Hide(kind, hidden) => none(|| report::hide(state, kind, hidden)),
        Command::ListHidden(listed) => none(|| state.report.lists_hidden = listed),
        Command::ReportFolder(folder) => none(|| report::folder(state, folder)),
        Command::ReportName(name) => none(|| report::name(state, name)),
        Command::Browse => report::browse(state),
        Command::Save => report::save(state, false),
        Command::SaveOver => report::save(state, true),
        Command::CopyReport => report::copy(state),
        Command::CopyFinding => report::copy_finding(state),
        Command::CopyCommands => report::copy_commands(state),
        Command::Copy(text) => copied(state, text),
        Command::Change(command) => change::update::command(state, command),
        Command::ExportHistory => export::history(state),
        Command::AskUndo(entry) => fix::ask_undo(state, entry),
        Command::Undo(entry, mode) => fix::undo(state, entry, mode),
        Command::Practice(command) => practice::update::given(state, command),
        Command::Settings => none(|| state.question = Some(Question::Settings)),
        Command::Theme(theme) => set_theme(state, theme),
        Command::ReduceMotion(reduce) => {
            state.settings.reduce_motion = reduce;
            vec![Effect::SaveSettings(state.settings.clone())]
        }
        Command::AlwaysHide(kind, hidden) => {
            state.settings.hide.set(kind, hidden);
            report::hide(state, kind, hidden);
            vec![Effect::SaveSettings(state.settings.clone())]
        }
        Command::Scale(scale) => set_scale(state, scale),
        Command::Larger => set_scale(state, state.settings.scale.larger()),
        Command::Smaller => set_scale(state, state.settings.scale.smaller()),
        Command::UsualSize => set_scale(state, Scale::default()),
        Command::Keys => none(|| state.question = Some(Question::Keys)),
        Command::CloseQuestion => close_question(state),
        Command::CloseToast => none(|| state.toast = None),
        Command::ToastAction => toast_action(state),
        Command::CloseWindow if is_changing(state) => none(|| state.question = Some(Question::CloseWhileRunning)),
        Command::CloseWindow | Command::CloseNow => vec![Effect::Close],
    }
}

fn none(change: impl FnOnce()) -> Vec<Effect> {
    change();
    Vec::new()
}

fn set_theme(state: &mut AppState, theme: ThemeChoice) -> Vec<Effect> {
    state.settings.theme = theme;
    vec![Effect::SaveSettings(state.settings.clone())]
}

fn set_scale(state: &mut AppState, scale: Scale) -> Vec<Effect> {
    state.settings.scale = scale;
    vec![Effect::SaveSettings(state.settings.clone())]
}

/// Goes to a page that is open. One that is shut since something was applied says so.
fn go_to(state: &mut AppState, page: Page) -> Vec<Effect> {
    if is_shut(state, page) && !state.run.is_busy() {
        let text = "Changes were applied, start a new check".to_owned();
        state.toast = Some(Toast { good: false, text, action: Some(ToastAction::NewCheck), since: state.now });
        return Vec::new();
    }
    if !is_open(state, page) {
        return Vec::new();
    }
    state.page = page;
    match page {
        Page::Service if state.services.value().is_none() && state.services.busy().is_none() => check::look_at_services(state),
        Page::Report => none(|| report::fill(state)),
        Page::Ranges => ranges::update::opened(state),
        Page::Exhaustion => none(|| state.exhaustion.complaint = None),
        Page::Evidence => none(|| saved::show_files(state)),
        Page::History => fix::read_history(state),
        Page::Practice => none(|| practice::update::opened(state)),
        Page::Refused => none(|| refused::update::opened(state)),
        _ => Vec::new(),
    }
}

/// The page before in the wizard.
fn page_before(page: Page) -> Option<Page> {
    let step = page.step()?;
    Some(if step == 1 { Page::Home } else { Page::STEPS[step - 2] })
}

/// Where Back goes: the nearest page before that is open. Nowhere past a step that is shut since something was applied.
pub fn back_to(state: &AppState) -> Option<Page> {
    let mut before = page_before(state.page);
    // Steps that were passed over, as Fix where nothing needs one, are passed over on the way back too.
    while let Some(page) = before
        && !is_open(state, page)
    {
        before = page_before(page).filter(|_| !is_shut(state, page));
    }
    before
}

fn back(state: &mut AppState) -> Vec<Effect> {
    match back_to(state) {
        Some(page) => go_to(state, page),
        None => Vec::new(),
    }
}

fn look_again(state: &mut AppState) -> Vec<Effect> {
    match state.page {
        Page::Home | Page::Service => check::look_at_services(state),
        // What the Exhaustion page found is looked at there.
        Page::Owner | Page::Fix | Page::Apply if state.target.is_none() && !state.is_locked() => go_to(state, Page::Exhaustion),
        Page::Port | Page::Owner | Page::Fix | Page::Apply if !state.is_locked() => check::investigate_again(state),
        Page::Verify => fix::verify(state),
        Page::Ports => ports::look_again(state),
        Page::Ranges => ranges::update::look(state),
        Page::Exhaustion => exhaustion::update::look_again(state),
        Page::Refused => refused::update::check(state),
        Page::History => fix::read_history(state),
        Page::Port | Page::Owner | Page::Fix | Page::Apply | Page::Report | Page::Practice | Page::Evidence => Vec::new(),
    }
}

/// Whether something is being done to the computer right now.
pub fn is_changing(state: &AppState) -> bool {
    state.run.is_busy() || state.change.is_busy()
}

fn close_question(state: &mut AppState) -> Vec<Effect> {
    match state.question {
        Some(Question::Change) => change::update::close(state),
        // The dialog that it came over is still there.
        Some(Question::CloseWhileRunning) if state.change.is_busy() => none(|| state.question = Some(Question::Change)),
        _ => none(|| state.question = None),
    }
}

pub(super) fn copied(state: &mut AppState, text: String) -> Vec<Effect> {
    state.toast = Some(Toast { good: true, text: "Copied".to_owned(), action: None, since: state.now });
    vec![Effect::CopyText(text)]
}

fn toast_action(state: &mut AppState) -> Vec<Effect> {
    match state.toast.take().and_then(|toast| toast.action) {
        Some(ToastAction::NewCheck) => check::new_check(state),
        Some(ToastAction::OpenFolder(folder)) => vec![Effect::OpenFolder(folder)],
        Some(ToastAction::Undo(entry)) => fix::ask_undo(state, entry),
        None => Vec::new(),
    }
}
