//! What a trainee reads on a practice machine, around the pages that everybody sees.

use eframe::egui::Ui;

use crate::app::{AppState, Page};
use crate::ui::theme::Status;
use crate::ui::widgets::{Banner, Strip, notice};

/// Before the first page: what happened, and what to check.
pub fn before(ui: &mut Ui, state: &AppState) {
    let Some(practice) = state.practice.as_ref().filter(|_| state.page == Page::Home) else { return };
    let strip = Strip { next_step: format!("Check {}", practice.target), ..Strip::default() };
    Banner { status: Status::Info, headline: &practice.title, explanation: &practice.story, strip: Some(strip) }.show(ui);
    ui.add_space(20.0);
}

/// After the last pages: what was to be learned.
pub fn after(ui: &mut Ui, state: &AppState) {
    let Some(practice) = &state.practice else { return };
    let is_over = match state.page {
        Page::Verify => state.case().is_some_and(|case| case.outcome.is_some()),
        Page::Report => true,
        _ => false,
    };
    if is_over {
        ui.add_space(20.0);
        notice(ui, Status::Info, "What this machine teaches", &practice.learns);
    }
}
