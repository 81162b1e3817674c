//! The real window without a screen, driven by what a person reads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, Theme, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use jiff::tz::TimeZone;
use portmedic::app::{Backend, Page, Settings, ThemeChoice};
use portmedic::ui::Window;

/// How long a worker may take before a test calls it stuck.
const LIMIT: Duration = Duration::from_secs(20);

/// The window and the hands of its user.
pub struct Screen {
    pub harness: Harness<'static, Window>,
}

/// How a window is looked at.
#[derive(Debug, Clone, Copy)]
pub struct View {
    pub theme: Theme,
    /// In points.
    pub size: (f32, f32),
    pub pixels_per_point: f32,
    /// Whether pictures are taken, which needs a renderer.
    pub pictures: bool,
    /// Whether the caret blinks and things glide.
    pub motion: bool,
}

impl Default for View {
    fn default() -> Self {
        Self { theme: Theme::Light, size: (1100.0, 720.0), pixels_per_point: 1.5, pictures: false, motion: false }
    }
}

impl Screen {
    pub fn open(computer: &Arc<impl Backend + 'static>) -> Self {
        Self::open_as(computer, Theme::Light, 1100.0, 720.0, false)
    }

    pub fn open_as(computer: &Arc<impl Backend + 'static>, theme: Theme, width: f32, height: f32, pictures: bool) -> Self {
        Self::open_with(computer, View { theme, size: (width, height), pictures, ..View::default() })
    }

    pub fn open_with(computer: &Arc<impl Backend + 'static>, view: View) -> Self {
        let backend = Arc::clone(computer);
        let theme = if view.theme == Theme::Dark { ThemeChoice::Dark } else { ThemeChoice::Light };
        let settings = Settings { theme, reduce_motion: !view.motion, ..Settings::default() };
        let clock = Arc::new(|| "2026-11-20T03:14:10Z".parse().unwrap());
        let builder = Harness::builder().with_size(view.size).with_pixels_per_point(view.pixels_per_point).with_theme(view.theme);
        let builder = if view.pictures { builder.wgpu() } else { builder };
        let harness =
            builder.build_eframe(move |creation| Window::with_clock(&creation.egui_ctx, backend, settings, clock, TimeZone::UTC));
        Self { harness }
    }

    /// Steps until `condition` holds.
    #[track_caller]
    pub fn until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let end = Instant::now() + LIMIT;
        while !condition(self) {
            assert!(Instant::now() < end, "waited in vain for {what}; the screen says:\n{}", self.says().join("\n"));
            self.harness.step();
            std::thread::yield_now();
        }
        self.harness.run_steps(2);
    }

    /// After how long it draws itself anew although nothing happens.
    pub fn next_frame(&self) -> Duration {
        self.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay
    }

    /// Everything that is readable now.
    pub fn says(&self) -> Vec<String> {
        let mut all = Vec::new();
        collect(&self.harness.root(), &mut all);
        all
    }

    /// Whether something readable contains `text`.
    pub fn has(&self, text: &str) -> bool {
        self.says().iter().any(|said| said.contains(text))
    }

    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.until(text, |screen| screen.has(text));
    }

    #[track_caller]
    pub fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.run_steps(3);
    }

    /// Presses the button that is called `label`, also where it is scrolled out of sight.
    #[track_caller]
    pub fn press_button(&mut self, label: &str) {
        self.harness.get_by_label(label).click_accesskit();
        self.harness.run_steps(3);
    }

    /// Clicks what is called `start` and more: rows are named by all they say.
    #[track_caller]
    pub fn click_starting_with(&mut self, start: &str) {
        let start = start.to_owned();
        self.harness.get_by(move |node| node.label().is_some_and(|label| label.starts_with(&start))).click();
        self.harness.run_steps(3);
    }

    /// The same where it is scrolled out of sight.
    #[track_caller]
    pub fn press_starting_with(&mut self, start: &str) {
        let start = start.to_owned();
        self.harness.get_by(move |node| node.label().is_some_and(|label| label.starts_with(&start))).click_accesskit();
        self.harness.run_steps(3);
    }

    /// Presses Enter with nothing in the way: the page's primary button.
    pub fn click_primary(&mut self) {
        self.press(Key::Enter);
    }

    pub fn press(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.run_steps(3);
    }

    pub fn press_with(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(3);
    }

    #[track_caller]
    pub fn type_into(&mut self, label: &str, text: &str) {
        self.harness.get_by_role_and_label(Role::TextInput, label).focus();
        self.harness.run_steps(2);
        self.harness.get_by_role_and_label(Role::TextInput, label).type_text(text);
        self.harness.run_steps(3);
    }

    /// Goes to the page with the ways out for the failing database.
    #[track_caller]
    pub fn go_to_fixes(&mut self) {
        self.wait_for("PostgreSQL, postgresql.service");
        self.click("Check PostgreSQL");
        self.wait_for("Find the owner");
        self.until("the finding", |screen| screen.harness.state().state().case().is_some());
        self.click("Find the owner");
        self.click("Show the fixes");
    }

    /// Types where the focus is.
    pub fn write(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.run_steps(3);
    }

    /// Replaces what a field holds.
    #[track_caller]
    pub fn replace_in(&mut self, label: &str, text: &str) {
        self.harness.get_by_role_and_label(Role::TextInput, label).focus();
        self.harness.run_steps(2);
        self.press_with(Modifiers::COMMAND, Key::A);
        self.write(text);
    }

    /// The name of what has the focus.
    pub fn focus(&self) -> Option<String> {
        let focused = self.harness.query_by(|node| node.is_focused() && node.label().is_some())?;
        egui_kittest::kittest::NodeT::accesskit_node(&focused).label()
    }

    /// Presses Tab until `name` has the focus.
    #[track_caller]
    pub fn until_focus(&mut self, name: &str) {
        for _ in 0..60 {
            if self.focus().as_deref() == Some(name) {
                return;
            }
            self.press(Key::Tab);
        }
        panic!("Tab never reaches {name}");
    }

    /// Whether the services are still on their way.
    pub fn is_looking_at_services(&self) -> bool {
        self.harness.state().state().services.busy().is_some()
    }

    /// Whether a headline contains `text`.
    pub fn says_a_heading_about(&self, text: &str) -> bool {
        let heading = self.harness.query_all_by_role(Role::Heading);
        heading
            .into_iter()
            .any(|node| egui_kittest::kittest::NodeT::accesskit_node(&node).label().is_some_and(|label| label.contains(text)))
    }

    pub fn page(&self) -> Page {
        self.harness.state().state().page
    }
}

fn collect(node: &egui_kittest::Node<'_>, all: &mut Vec<String>) {
    use egui_kittest::kittest::NodeT as _;
    let own = node.accesskit_node();
    all.extend(own.label());
    all.extend(own.value());
    for child in node.children() {
        collect(&child, all);
    }
}
