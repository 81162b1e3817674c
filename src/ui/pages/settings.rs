//! The settings: how the window looks, moves and how large it is, and what reports hide.

use eframe::egui::{Align, Layout, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

use crate::app::{AppState, Command, Scale, ThemeChoice};
use crate::report::Kind;
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{Button, heading, modal, segmented, toggle};

/// The room that title and buttons take of the window's height.
const AROUND: f32 = 180.0;

pub fn show(ui: &Ui, state: &AppState, out: &mut Vec<Command>) {
    let closed = modal(ui, "settings", |ui| {
        heading(ui, Text::Title, "Settings", 1);
        ui.add_space(16.0);
        let room = (ui.ctx().content_rect().height() - AROUND).max(80.0);
        let part = UiBuilder::new().accessibility_label("all settings");
        ui.scope_builder(part, |ui| {
            ScrollArea::vertical().max_height(room).show(ui, |ui| settings(ui, state, out));
        });
        ui.add_space(24.0);
        ui.allocate_ui_with_layout(vec2(432.0, 36.0), Layout::right_to_left(Align::Center), |ui| {
            let first = ui.memory(|memory| memory.focused().is_none());
            if ui.add(Button::second("Close").focused(first)).clicked() {
                out.push(Command::CloseQuestion);
            }
            ui.add_space(8.0);
            if ui.add(Button::ghost("List of keys").icon(Icon::Keyboard)).clicked() {
                out.push(Command::Keys);
            }
        });
    });
    if closed {
        out.push(Command::CloseQuestion);
    }
}

fn settings(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    label(ui, "Theme", "\"As the system\" follows the desktop");
    let labels = ThemeChoice::ALL.map(|choice| choice.as_str().to_owned());
    let chosen = ThemeChoice::ALL.iter().position(|choice| *choice == state.settings.theme).unwrap_or(0);
    if let Some(taken) = segmented(ui, "theme", &labels, chosen) {
        out.push(Command::Theme(ThemeChoice::ALL[taken]));
    }
    ui.add_space(20.0);
    label(ui, "Size", "of texts and controls, as far as the window has room");
    let labels = Scale::ALL.map(|scale| scale.to_string());
    let chosen = Scale::ALL.iter().position(|scale| *scale == state.settings.scale).unwrap_or(1);
    if let Some(taken) = segmented(ui, "scale", &labels, chosen) {
        out.push(Command::Scale(Scale::ALL[taken]));
    }
    ui.add_space(20.0);
    ui.horizontal(|ui| {
        if toggle(ui, state.settings.reduce_motion, "Reduce motion").clicked() {
            out.push(Command::ReduceMotion(!state.settings.reduce_motion));
        }
        ui.add_space(12.0);
        ui.vertical(|ui| {
            ui.add_space(6.0);
            Text::Strong.show(ui, "Reduce motion", t.text);
            Text::Detail.show(ui, "Nothing turns or slides", t.text2);
        });
    });
    ui.add_space(20.0);
    label(ui, "Hidden in reports", "unless one of them is set otherwise");
    for kind in Kind::ALL {
        ui.horizontal(|ui| {
            let on = state.settings.hide.has(kind);
            if toggle(ui, on, &format!("Always hide {}", kind.as_str().to_lowercase())).clicked() {
                out.push(Command::AlwaysHide(kind, !on));
            }
            ui.add_space(12.0);
            let galley = Text::Body.line(ui, kind.as_str(), t.text, 300.0);
            let (rect, _) = ui.allocate_exact_size(vec2(galley.size().x, 32.0), Sense::hover());
            paint::line_left(ui, galley, rect.left_center());
        });
    }
    ui.add_space(4.0);
}

/// The name of a setting, with what it means.
fn label(ui: &mut Ui, name: &str, note: &str) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
    let galley = Text::Strong.line(ui, name, t.text, rect.width());
    let note_left = rect.left() + galley.size().x + 8.0;
    paint::line_left(ui, galley, pos2(rect.left(), rect.center().y - 2.0));
    let galley = Text::Detail.line(ui, note, t.text3, rect.right() - note_left);
    paint::line_left(ui, galley, pos2(note_left, rect.center().y - 2.0));
}
