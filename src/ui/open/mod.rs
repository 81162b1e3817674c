//! Opens the window with the first renderer that works here, and says in words where none does.
//!
//! The order: wgpu on whatever adapter there is, hardware first; wgpu on a software adapter, for adapters that are there but cannot show
//! anything; OpenGL. Over RDP OpenGL alone would not do: it is version 1.1 there.

mod libraries;
mod renderer;
mod trouble;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eframe::egui::{self, Ui, ViewportBuilder};
use eframe::{App, Frame, NativeOptions};

use super::Window;
use super::window::LEAST_ROOM;
use crate::app::{Backend, Settings};
use renderer::Attempt;
use trouble::Trouble;

/// The exit code where no window can be shown: it could not be done.
const COULD_NOT: u8 = 2;

/// Opens the window and stays until it is closed.
pub fn open(computer: &Arc<dyn Backend>) -> ExitCode {
    // A program of the command line, for which shells wait. Started from the desktop it gets a console that nobody needs.
    #[cfg(windows)]
    crate::platform::windows::ffi::leave_own_console();
    if !renderer::has_display() {
        return tell(&Trouble::NoDisplay);
    }
    trouble::note_panics();
    let mut refusals = Vec::new();
    for attempt in Attempt::ALL {
        let drawn = Arc::new(AtomicBool::new(false));
        // A panic of the window system's library (it has some where a library is missing) must end in words, not in a trace.
        let shown = catch_unwind(AssertUnwindSafe(|| show(attempt, Arc::clone(computer), Arc::clone(&drawn))));
        match shown {
            Ok(Ok(())) => return ExitCode::SUCCESS,
            Ok(Err(error)) if drawn.load(Ordering::Relaxed) => return tell(&Trouble::Lost(error.to_string())),
            Ok(Err(error)) => refusals.push(format!("{}: {error}", attempt.as_str())),
            Err(_) if drawn.load(Ordering::Relaxed) => return tell(&Trouble::Panicked),
            Err(_) => {
                refusals.push(format!("{}: {}", attempt.as_str(), trouble::last_panic()));
                break;
            }
        }
    }
    tell(&Trouble::NoWindow { refusals, missing: libraries::missing() })
}

fn tell(trouble: &Trouble) -> ExitCode {
    trouble.tell();
    ExitCode::from(COULD_NOT)
}

fn show(attempt: Attempt, computer: Arc<dyn Backend>, drawn: Arc<AtomicBool>) -> eframe::Result {
    let mut viewport = ViewportBuilder::default()
        .with_title("PortMedic")
        .with_app_id("portmedic")
        .with_inner_size([1100.0, 720.0])
        .with_min_inner_size(LEAST_ROOM);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(include_bytes!("../../../assets/icons/portmedic.png")) {
        viewport = viewport.with_icon(icon);
    }
    let options = attempt.options(NativeOptions { viewport, centered: true, ..NativeOptions::default() });
    let create: eframe::AppCreator<'_> = Box::new(move |creation| {
        let window = Window::new(creation, computer, Settings::load());
        Ok(Box::new(Noting { window, drawn }))
    });
    eframe::run_native("PortMedic", options, create)
}

/// The window, noting that it was drawn: from then on an error is not a reason to try another renderer.
struct Noting {
    window: Window,
    drawn: Arc<AtomicBool>,
}

impl App for Noting {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut Frame) {
        self.window.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut Frame) {
        self.window.ui(ui, frame);
        self.drawn.store(true, Ordering::Relaxed);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        self.window.clear_color(visuals)
    }
}
