//! The head of the page: whether it looks, how often, how much of the past shows, and saving.

use eframe::egui::{Align, Layout, Sense, Ui, vec2};

use super::words::table;
use crate::app::exhaustion::{Every, Span};
use crate::app::{AppState, Command, ExhaustionCommand, ExhaustionState};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{Button, LivePressed, LiveTitle, dropdown, headline, segmented, toggle};
use crate::ui::{paint, words};

/// Narrower than this, saving has a row of its own.
const ONE_ROW: f32 = 720.0;
const TITLE: &str = "Exhaustion";
const KEEP: &str = "Go on while other pages show";

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let own = state.shown_exhaustion();
    if own.is_of_files() {
        headline(ui, TITLE, &note(own));
        ui.add_space(8.0);
        ui.horizontal(|ui| save(ui, own, &mut |command| out.push(Command::Exhaustion(command))));
        return;
    }
    title(ui, state, out);
    ui.add_space(8.0);
    toolbar(ui, state, out);
}

/// Which range shows.
fn note(own: &ExhaustionState) -> String {
    own.usage().map(|usage| format!("{}, all remote addresses", table(usage))).unwrap_or_default()
}

/// The title with the range that shows, the word on being live, and the button that stops it.
fn title(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let own = &state.exhaustion;
    let note = note(own);
    let standing = match own.paused {
        Some(since) => format!("Paused at {}", words::clock(state, since)),
        None if own.problem.is_some() => "Not live".to_owned(),
        None => format!("Live, {}", own.every.as_str()),
    };
    let title = LiveTitle {
        title: TITLE,
        note: &note,
        room_for_note: 0.0,
        live: own.paused.is_none(),
        well: own.problem.is_none(),
        standing: &standing,
        standing_hint: None,
        go_on_hint: "Look again and again",
    };
    out.extend(title.show(ui).map(|pressed| match pressed {
        LivePressed::Live(live) => Command::Exhaustion(ExhaustionCommand::Live(live)),
        LivePressed::Again => Command::LookAgain,
    }));
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
