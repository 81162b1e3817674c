//! The head of the page: whether it looks, how often, how much of the past shows, and saving.

use eframe::egui::{Align, Layout, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::words::table;
use crate::app::exhaustion::{Every, Span};
use crate::app::{AppState, Command, ExhaustionCommand, ExhaustionState};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{Button, dropdown, segmented, toggle};
use crate::ui::{paint, words};

/// Narrower than this, saving has a row of its own.
const ONE_ROW: f32 = 720.0;
const KEEP: &str = "Go on while other pages show";

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    title(ui, state, out);
    ui.add_space(8.0);
    toolbar(ui, state, out);
}

/// The title with the range that shows, the word on being live, and the button that stops it.
fn title(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let own = &state.exhaustion;
    let live = own.paused.is_none();
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 36.0), Layout::right_to_left(Align::Center), |ui| {
        let button = if live {
            Button::second("Pause").icon(Icon::Pause).hint("Look no longer by itself")
        } else {
            Button::second("Go on").icon(Icon::Play).hint("Look again and again")
        };
        if ui.add(button).clicked() {
            out.push(Command::Exhaustion(ExhaustionCommand::Live(!live)));
        }
        ui.add_space(8.0);
        let again = Button::ghost("").icon(Icon::RotateCw).name("Look again").hint("Look again (F5)");
        if ui.add(again).clicked() {
            out.push(Command::LookAgain);
        }
        ui.add_space(8.0);
        let room = ui.available_rect_before_wrap();
        let heading = Text::Headline.line(ui, "Exhaustion", t.text, room.width());
        let note_left = room.left() + heading.size().x + 12.0;
        let note = own.usage().map(|usage| format!("{}, all remote addresses", table(usage))).unwrap_or_default();
        let spoken = if note.is_empty() { "Exhaustion".to_owned() } else { format!("Exhaustion, {note}") };
        let right = standing(ui, state, room, note_left);
        let whole = Rect::from_min_max(room.min, pos2(right, room.bottom()));
        let response = ui.interact(whole, ui.make_persistent_id("title"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &spoken));
        paint::line_left(ui, heading, pos2(room.left(), room.center().y));
        let galley = Text::Detail.line(ui, &note, t.text2, (right - note_left - 12.0).max(0.0));
        if !galley.elided {
            paint::line_left(ui, galley, pos2(note_left, room.center().y + 2.0));
        }
    });
}

/// Says at the right end of `room` whether it looks by itself; gives its left end.
fn standing(ui: &Ui, state: &AppState, room: Rect, least: f32) -> f32 {
    let t = tokens(ui);
    let own = &state.exhaustion;
    let text = match own.paused {
        Some(since) => format!("Paused at {}", words::clock(state, since)),
        None if own.problem.is_some() => "Not live".to_owned(),
        None => format!("Live, {}", own.every.as_str()),
    };
    let galley = Text::Label.line(ui, &text, t.text2, (room.right() - least).max(0.0));
    let left = room.right() - galley.size().x - 16.0;
    let rect = Rect::from_min_max(pos2(left, room.top()), room.right_bottom());
    let response = ui.interact(rect, ui.make_persistent_id("live"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &text));
    let center = pos2(left + 4.0, room.center().y + 1.0);
    if own.paused.is_none() && own.problem.is_none() {
        ui.painter().circle_filled(center, 4.0, t.ok);
    } else {
        ui.painter().circle_stroke(center, 3.5, (1.5, t.line2));
    }
    paint::line_left(ui, galley, pos2(left + 16.0, room.center().y + 1.0));
    left
}

fn toolbar(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let own = &state.exhaustion;
    let one_row = ui.available_width() >= ONE_ROW;
    let mut give = |command| out.push(Command::Exhaustion(command));
    ui.horizontal(|ui| {
        let labels = Span::ALL.map(|span| span.as_str().to_owned());
        let chosen = Span::ALL.iter().position(|span| *span == own.span).unwrap_or(0);
        if let Some(taken) = segmented(ui, "span", &labels, chosen) {
            give(ExhaustionCommand::Span(Span::ALL[taken]));
        }
        ui.add_space(16.0);
        let chosen = Every::ALL.iter().position(|every| *every == own.every).unwrap_or(0);
        let word = |index: usize| words::capital(Every::ALL[index].as_str());
        if let Some(taken) = dropdown(ui, "Look", 176.0, Every::ALL.len(), chosen, word) {
            give(ExhaustionCommand::Every(Every::ALL[taken]));
        }
        if one_row {
            ui.add_space(16.0);
            keep(ui, own, &mut give);
            save(ui, own, &mut give);
        }
    });
    if !one_row {
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            keep(ui, own, &mut give);
            save(ui, own, &mut give);
        });
    }
}

/// The switch that keeps it going.
fn keep(ui: &mut Ui, own: &ExhaustionState, give: &mut impl FnMut(ExhaustionCommand)) {
    if toggle(ui, own.keep, KEEP).clicked() {
        give(ExhaustionCommand::Keep(!own.keep));
    }
    ui.add_space(8.0);
    let t = tokens(ui);
    let room = ui.available_width() - 140.0;
    let galley = Text::Detail.line(ui, KEEP, t.text2, room.max(0.0));
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, 32.0), Sense::hover());
    let elided = galley.elided;
    paint::line_left(ui, galley, rect.left_center());
    if elided {
        response.on_hover_text(KEEP);
    }
}

fn save(ui: &mut Ui, own: &ExhaustionState, give: &mut impl FnMut(ExhaustionCommand)) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let off = own.latest.is_none().then(|| "Nothing was seen yet".to_owned());
        let hint = "Every sample so far as a table (.csv) or with all details (.json)";
        let button =
            Button::second("Save\u{2026}").low().icon(Icon::FileDown).name("Save the samples\u{2026}").hint(hint).off(off);
        if ui.add(button).clicked() {
            give(ExhaustionCommand::Save);
        }
    });
}
