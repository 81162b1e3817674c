//! The report for the ticket: its text on paper, its form, what is hidden in it, and where it is saved.

mod choices;
mod paper;

use eframe::egui::{Rect, Ui, pos2, vec2};

use super::back;
use crate::app::{AppState, Command};
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::widgets::headline;
use crate::ui::words;

/// Narrower than this, the choices stand below the paper.
const SIDE_BY_SIDE: f32 = 640.0;
const CHOICES: f32 = 264.0;
const GAP: f32 = 32.0;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    headline(ui, "Report for the ticket", "Exactly what you see is saved.");
    ui.add_space(20.0);
    let width = ui.available_width();
    let height = (ui.clip_rect().bottom() - ui.cursor().top() - 24.0).max(320.0);
    let start = ui.cursor().min;
    if width >= SIDE_BY_SIDE {
        let paper = Rect::from_min_size(start, vec2(width - CHOICES - GAP, height));
        let choices = Rect::from_min_size(pos2(paper.right() + GAP, start.y), vec2(CHOICES, height));
        paper::show(ui, state, paper);
        choices::show(ui, state, choices, out);
        ui.advance_cursor_after_rect(paper.union(choices));
    } else {
        let paper = Rect::from_min_size(start, vec2(width, 320.0));
        paper::show(ui, state, paper);
        let choices = Rect::from_min_size(pos2(start.x, paper.bottom() + 16.0), vec2(width, 560.0));
        choices::show(ui, state, choices, out);
        ui.advance_cursor_after_rect(paper.union(choices));
    }
}

pub fn footer(state: &AppState) -> Footer {
    let nothing = state.report.text.is_empty().then_some("There is nothing to save yet");
    Footer {
        back: back(state),
        note: note(state),
        second: Some(FooterButton::new("Copy for ticket", Command::CopyReport).icon(Icon::Copy).off(nothing)),
        primary: Some(FooterButton::new("Save report", Command::Save).icon(Icon::FileDown).off(nothing).busy(state.report.busy)),
    }
}

/// What stands in the file, or does not.
fn note(state: &AppState) -> (Icon, String) {
    let report = &state.report;
    if !report.format.can_hide() {
        return (Icon::Eye, "A script works only with the real names, so nothing is hidden".to_owned());
    }
    match report.hidden.len() {
        0 if report.hide.is_nothing() => (Icon::Eye, "Names and addresses are in this report".to_owned()),
        0 => (Icon::Eye, "Nothing had to be hidden in this report".to_owned()),
        count => (Icon::EyeOff, format!("{} hidden in this report", words::plural(count, "value", "values"))),
    }
}
