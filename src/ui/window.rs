//! The window: takes the answers of the workers, draws the state, and gives the user's commands to it.

use std::path::Path;
use std::sync::Arc;

use eframe::egui::{
    Color32, Context, Id, Key as EguiKey, KeyboardShortcut, Memory, Modifiers, Pos2, Theme, ThemePreference, Ui, Vec2,
    ViewportCommand, vec2,
};
use eframe::{App, CreationContext, Frame};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::caret::Caret;
use super::theme::{self, Status};
use super::widgets::{ToastAnswer, toast};
use super::{fonts, pages, shell};
use crate::app::ports::PortsCommand;
use crate::app::{
    AppState, Backend, Command, Computer, Effect, Event, ExhaustionCommand, Input, Key, Page, Question, SavedCommand, Settings,
    Shortcut, ThemeChoice, ToastAction, Workers, is_changing, opened, turned_to_another_computer, update,
};

/// How long a message shows.
const TOAST: std::time::Duration = std::time::Duration::from_secs(6);

/// The least room in points in which every page can be used, and the least size of the window.
pub const LEAST_ROOM: Vec2 = vec2(560.0, 440.0);

/// Gives the time; tests give a fixed one.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What had the focus before a question covered the page, and gets it back.
#[derive(Debug, Clone, Copy)]
struct Opener(Option<Id>);

/// The window.
pub struct Window {
    state: AppState,
    workers: Workers,
    /// The real computer, once it is known: the way back from practising.
    live: Option<Arc<dyn Backend>>,
    clock: Clock,
    page_at_last_frame: Option<Page>,
    /// Set while a question covers the page.
    covered: Option<Opener>,
    caret: Caret,
    had_focus: bool,
    minimised: bool,
}

impl Window {
    /// A window on the computer behind `backend`.
    pub fn new(creation: &CreationContext<'_>, backend: Arc<dyn Backend>, settings: Settings) -> Self {
        Self::with_clock(&creation.egui_ctx, backend, settings, Arc::new(Timestamp::now), TimeZone::system())
    }

    /// The same with a clock and a zone of one's own.
    pub fn with_clock(ctx: &Context, backend: Arc<dyn Backend>, settings: Settings, clock: Clock, zone: TimeZone) -> Self {
        fonts::install(ctx);
        theme::install(ctx);
        let mut window = Self {
            state: AppState { practice: backend.practice(), ..AppState::new(clock(), zone, settings) },
            live: backend.practice().is_none().then(|| Arc::clone(&backend)),
            workers: workers(ctx, backend),
            clock,
            page_at_last_frame: None,
            covered: None,
            caret: Caret::default(),
            had_focus: true,
            minimised: false,
        };
        window.apply_settings(ctx);
        for effect in opened(&mut window.state) {
            window.work(ctx, effect);
        }
        window
    }

    /// Turns to another computer. Answers about the one before find nobody who waits for them.
    fn turn_to(&mut self, ctx: &Context, backend: Arc<dyn Backend>) {
        self.state = AppState { practice: backend.practice(), ..turned_to_another_computer(&self.state) };
        self.workers = workers(ctx, backend);
        for effect in opened(&mut self.state) {
            self.work(ctx, effect);
        }
    }

    /// What the window shows.
    pub const fn state(&self) -> &AppState {
        &self.state
    }

    fn input(&mut self, ctx: &Context, input: Input) {
        for effect in update(&mut self.state, input) {
            self.work(ctx, effect);
        }
    }

    fn work(&mut self, ctx: &Context, effect: Effect) {
        match effect {
            Effect::CopyText(text) => ctx.copy_text(text),
            Effect::OpenFolder(folder) => {
                if let Some(address) = address_of(&folder) {
                    ctx.open_url(eframe::egui::OpenUrl::new_tab(address));
                }
            }
            Effect::Close => {
                self.workers.start(Effect::StopRun);
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Effect::Practise(machine, behaviour) => self.turn_to(ctx, Arc::new(Computer::practice(&machine, behaviour))),
            Effect::UseLiveComputer => {
                let live = Arc::clone(self.live.get_or_insert_with(|| Arc::new(Computer::live())));
                self.turn_to(ctx, live);
            }
            Effect::SaveSettings(settings) => {
                self.apply_settings(ctx);
                self.workers.start(Effect::SaveSettings(settings));
            }
            other => self.workers.start(other),
        }
    }

    fn apply_settings(&self, ctx: &Context) {
        let settings = &self.state.settings;
        ctx.set_theme(match settings.theme {
            // Where the window system tells egui, egui knows better than we do; on X11 it does not.
            ThemeChoice::System => ThemePreference::System,
            ThemeChoice::Light => ThemePreference::Light,
            ThemeChoice::Dark => ThemePreference::Dark,
        });
        let usual = if self.state.system_is_dark == Some(true) { Theme::Dark } else { Theme::Light };
        ctx.options_mut(|options| options.fallback_theme = usual);
        let time = if settings.reduce_motion { 0.0 } else { 0.12 };
        ctx.all_styles_mut(|style| style.animation_time = time);
        // The settings keep the scale, so its keys are commands.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
    }

    /// Scales everything as the settings say, or less where that would leave pages too little room.
    fn apply_scale(&self, ctx: &Context) {
        let window = ctx.content_rect().size() * ctx.zoom_factor();
        let most = (window / LEAST_ROOM).min_elem().max(1.0);
        // In whole steps, so that nothing trembles while the window is pulled larger.
        let most = (most * 20.0).floor() / 20.0;
        let factor = self.state.settings.scale.factor().min(most);
        if (factor - ctx.zoom_factor()).abs() > 0.001 {
            ctx.set_zoom_factor(factor);
        }
    }

    /// On X11 nobody tells when the desktop turns dark: asked again when the user comes back from where that is set.
    fn follow_system_theme(&mut self, ctx: &Context) {
        let focused = ctx.input(|input| input.focused);
        if focused && !self.had_focus && self.state.settings.theme == ThemeChoice::System {
            self.workers.start(Effect::ReadSystemTheme);
        }
        self.had_focus = focused;
    }

    /// Nobody looks at a table that is minimised: the computer is left in peace until it shows again.
    fn rest_while_minimised(&mut self, ctx: &Context) {
        let minimised = ctx.input(|input| input.viewport().minimized == Some(true));
        if std::mem::replace(&mut self.minimised, minimised) != minimised {
            self.input(ctx, Input::Command(Command::Ports(PortsCommand::Away(minimised))));
            self.input(ctx, Input::Command(Command::Exhaustion(ExhaustionCommand::Away(minimised))));
        }
    }

    /// The focus goes into a question when it appears, and back when it is answered on the same page.
    fn keep_focus(&mut self, ctx: &Context) {
        let moved = self.page_at_last_frame.replace(self.state.page) != Some(self.state.page);
        if moved && self.covered.is_some() {
            self.covered = Some(Opener(None));
        }
        match (self.state.question.is_some(), self.covered) {
            (true, None) => {
                let focused = ctx.memory(Memory::focused);
                self.covered = Some(Opener(focused));
                if let Some(id) = focused {
                    ctx.memory_mut(|memory| memory.surrender_focus(id));
                }
            }
            // While egui still knows of the dialog, nothing below it can take the focus.
            (false, Some(_)) if ctx.memory(|memory| memory.top_modal_layer().is_some()) => ctx.request_repaint(),
            (false, Some(Opener(before))) => {
                self.covered = None;
                if let Some(id) = before {
                    ctx.memory_mut(|memory| memory.request_focus(id));
                }
            }
            (true, Some(_)) | (false, None) => {}
        }
        if moved {
            move_focus(ctx, self.state.page);
        }
    }

    fn draw(&self, ui: &mut Ui, out: &mut Vec<Command>) {
        let footer = pages::footer(&self.state);
        let corner = shell::show(ui, &self.state, footer, out, |ui, out| pages::show(ui, &self.state, out));
        pages::question(ui, &self.state, out);
        self.draw_toast(ui, corner, out);
        keys(ui.ctx(), &self.state, out);
    }

    fn draw_toast(&self, ui: &Ui, at: Pos2, out: &mut Vec<Command>) {
        let Some(message) = &self.state.toast else { return };
        let status = if message.good { Status::Ok } else { Status::Warn };
        let (rect, answer) = toast(ui, at, status, &message.text, message.action.as_ref().map(ToastAction::label));
        match answer {
            Some(ToastAnswer::Act) => out.push(Command::ToastAction),
            Some(ToastAnswer::Close) => out.push(Command::CloseToast),
            None => {}
        }
        let shown = self.state.now.duration_since(message.since).unsigned_abs();
        // A message stays while the pointer is on it: nobody is hurried who reads it.
        if shown >= TOAST && !ui.rect_contains_pointer(rect) {
            out.push(Command::CloseToast);
        } else {
            ui.ctx().request_repaint_after(TOAST.saturating_sub(shown).max(std::time::Duration::from_millis(100)));
        }
    }
}

/// Workers that wake the window up.
fn workers(ctx: &Context, backend: Arc<dyn Backend>) -> Workers {
    let waker = ctx.clone();
    Workers::new(backend, Arc::new(move || waker.request_repaint()))
}

impl App for Window {
    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        let now = (self.clock)();
        self.input(ctx, Input::Tick(now));
        let answers: Vec<_> = self.workers.answers().collect();
        for answer in answers {
            let theme = matches!(answer, Event::SystemTheme(_));
            self.input(ctx, Input::Event(answer));
            if theme {
                self.apply_settings(ctx);
            }
        }
        self.follow_system_theme(ctx);
        self.rest_while_minimised(ctx);
        self.apply_scale(ctx);
        self.caret.follow(ctx, !self.state.settings.reduce_motion);
        let dropped: Vec<_> = ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
        if !dropped.is_empty() {
            self.input(ctx, Input::Command(Command::Saved(SavedCommand::Open(dropped))));
        }
        let closing = ctx.input(|input| input.viewport().close_requested());
        if closing && is_changing(&self.state) && self.state.question != Some(Question::CloseWhileRunning) {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.input(ctx, Input::Command(Command::CloseWindow));
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        let mut commands = Vec::new();
        self.draw(ui, &mut commands);
        let ctx = ui.ctx().clone();
        for command in commands {
            self.input(&ctx, Input::Command(command));
        }
        self.keep_focus(&ctx);
    }

    fn clear_color(&self, visuals: &eframe::egui::Visuals) -> [f32; 4] {
        let canvas: Color32 = visuals.panel_fill;
        canvas.to_normalized_gamma_f32()
    }
}

/// What had the focus is gone with its page: Tab begins at the new page's first control, and Enter is its primary button.
fn move_focus(ctx: &Context, page: Page) {
    ctx.memory_mut(|memory| {
        if let Some(id) = memory.focused() {
            memory.surrender_focus(id);
        }
        if let Some(id) = pages::first_focus(page) {
            memory.request_focus(id);
        }
    });
    ctx.request_repaint();
}

/// The commands whose keys were pressed. While a question covers the page only those that change the size.
fn keys(ctx: &Context, state: &AppState, out: &mut Vec<Command>) {
    for (command, shortcut) in Command::with_keys() {
        let sizes = matches!(command, Command::Larger | Command::Smaller | Command::UsualSize);
        if state.question.is_some() && !sizes {
            continue;
        }
        if as_egui(shortcut).any(|keys| ctx.input_mut(|input| input.consume_shortcut(&keys))) && applies(&command, state) {
            out.push(command);
        }
    }
}

/// Whether a command's keys mean something on this page.
fn applies(command: &Command, state: &AppState) -> bool {
    match command {
        Command::Save => state.page == Page::Report,
        _ => true,
    }
}

/// The keys as egui knows them, and those that mean the same.
fn as_egui(shortcut: Shortcut) -> impl Iterator<Item = KeyboardShortcut> {
    let modifiers = Modifiers { alt: shortcut.alt, ctrl: false, shift: shortcut.shift, mac_cmd: false, command: shortcut.ctrl };
    let named = |name: &str| (EguiKey::from_name(name).unwrap_or(EguiKey::F35), None);
    let (key, same) = match shortcut.key {
        Key::F1 => (EguiKey::F1, None),
        Key::F5 => (EguiKey::F5, None),
        Key::Left => (EguiKey::ArrowLeft, None),
        Key::Comma => (EguiKey::Comma, None),
        // On many keyboards the plus is the equals sign with Shift.
        Key::Plus => (EguiKey::Plus, Some(EguiKey::Equals)),
        Key::Minus => (EguiKey::Minus, None),
        Key::Digit(digit) => named(&digit.to_string()),
        Key::Letter(letter) => named(&letter.to_string()),
    };
    std::iter::once(key).chain(same).map(move |key| KeyboardShortcut::new(modifiers, key))
}

/// The address of a folder as other programs take it: what has a meaning in an address stands in it as its number. `None` where the folder
/// has no place from the root on, which no folder has that a file was saved in.
fn address_of(folder: &Path) -> Option<String> {
    let folder = std::path::absolute(folder).ok()?;
    url::Url::from_directory_path(folder).ok().map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shortcut_has_a_key_that_egui_knows() {
        for (command, shortcut) in Command::with_keys() {
            assert!(as_egui(shortcut).all(|keys| keys.logical_key != EguiKey::F35), "{command:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_address_of_a_folder_says_which_folder_it_is_whatever_its_name() {
        for (folder, address) in [
            ("/home/alice", "file:///home/alice/"),
            ("/srv/My reports #1", "file:///srv/My%20reports%20%231/"),
            ("/srv/100%?", "file:///srv/100%25%3F/"),
            ("/home/jürgen", "file:///home/j%C3%BCrgen/"),
        ] {
            assert_eq!(address_of(Path::new(folder)).as_deref(), Some(address));
        }
    }

    #[test]
    fn a_folder_that_is_named_from_here_has_an_address_too() {
        assert!(address_of(Path::new("reports")).is_some_and(|address| address.ends_with("/reports/")));
    }
}
