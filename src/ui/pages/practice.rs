//! What a trainee reads on a practice machine, around the pages that everybody sees.

use eframe::egui::Ui;

use crate::app::{AppState, Command, Page, RefusedCommand};
use crate::ui::icons::Icon;
use crate::ui::theme::Status;
use crate::ui::widgets::{Banner, Button, notice};
use crate::ui::words;

/// Before the first page: what happened, and what to check.
pub fn before(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(practice) = state.practice.as_ref().filter(|_| state.page == Page::Home) else { return };
    Banner { status: Status::Info, headline: &practice.title, explanation: &practice.story, strip: None }.show(ui);
    ui.add_space(12.0);
    let (label, commands) = if let Some(asked) = &practice.connect {
        let asked = RefusedCommand::Ask(asked.clone());
        ("Ask as the client".to_owned(), vec![Command::Refused(asked), Command::Refused(RefusedCommand::Check)])
    } else {
        let label = format!("Check {}", words::shown(&practice.target));
        (label, vec![Command::Type(practice.target.clone()), Command::CheckTyped])
    };
    ui.horizontal(|ui| {
        if ui.add(Button::second(label).icon(Icon::ArrowRight).name("Check what the story is about")).clicked() {
            out.extend(commands);
        }
    });
    ui.add_space(20.0);
}

/// After the last pages: what was to be learned.
pub fn after(ui: &mut Ui, state: &AppState) {
    let Some(practice) = &state.practice else { return };
    let is_over = match state.page {
        Page::Verify => state.case().is_some_and(|case| case.outcome.is_some()),
        Page::Report => true,
        Page::Refused => practice.connect.is_some() && state.refused.answer().is_some(),
        _ => false,
    };
    if is_over {
        ui.add_space(20.0);
        notice(ui, Status::Info, "What this machine teaches", &practice.learns);
    }
}
