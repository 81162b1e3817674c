//! The frame around every page: side bar, column, footer.

mod footer;
mod practice;
mod side_bar;

use eframe::egui::{CornerRadius, Id, Memory, Pos2, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

pub use footer::{Footer, FooterButton};

use super::paint;
use super::theme::tokens;
use crate::app::{AppState, Command, Page};

/// Where the first line of a page begins.
const TOP: f32 = 28.0;
const FOOTER: f32 = 64.0;
/// The widest a column of text gets.
const READING: f32 = 760.0;

/// How the side bar fits into the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideBar {
    /// Steps 44 high with their answers.
    Full,
    /// Steps 36 high.
    Low,
    /// Discs and icons only.
    Narrow,
}

impl SideBar {
    fn for_window(rect: Rect) -> Self {
        if rect.height() < 560.0 || rect.width() < 860.0 {
            Self::Narrow
        } else if rect.height() < 680.0 {
            Self::Low
        } else {
            Self::Full
        }
    }

    const fn width(self) -> f32 {
        match self {
            Self::Full | Self::Low => 220.0,
            Self::Narrow => 56.0,
        }
    }
}

/// Draws the frame with a page in it. The page comes first in the order of the Tab key, then the footer, then the side bar. Gives the
/// place for a message: the lower left corner of the column.
pub fn show(
    ui: &mut Ui,
    state: &AppState,
    footer: Option<Footer>,
    out: &mut Vec<Command>,
    page: impl FnOnce(&mut Ui, &mut Vec<Command>),
) -> Pos2 {
    let t = tokens(ui);
    let window = ui.max_rect();
    let bar = SideBar::for_window(window);
    let side = Rect::from_min_max(window.min, pos2(window.left() + bar.width(), window.bottom()));
    let rest = Rect::from_min_max(pos2(side.right(), window.top()), window.max);
    let fills = state.page == Page::Ports;
    let wide = matches!(state.page, Page::Report | Page::Ports | Page::Ranges | Page::Exhaustion);
    let width = if wide { rest.width() - 64.0 } else { (rest.width() - 64.0).min(READING) };
    let footer = footer.map(|footer| (footer.fit(ui, width), footer));
    let foot_height = footer.as_ref().map_or(0.0, |(fit, _)| FOOTER + fit.extra_height());
    let foot = Rect::from_min_max(pos2(rest.left(), rest.bottom() - foot_height), rest.max);
    let top = rest.top() + if state.practice.is_some() { practice::HEIGHT } else { 0.0 };
    let body = Rect::from_min_max(pos2(rest.left(), top), pos2(rest.right(), foot.top()));
    ui.painter().rect_filled(window, CornerRadius::ZERO, t.canvas);
    ui.painter().rect_filled(side, CornerRadius::ZERO, t.side);
    if ui.visuals().dark_mode {
        paint::vertical_rule(ui, side.right() - paint::hairline(ui), side.y_range(), t.line);
    }

    let left = (rest.left() + (rest.width() - width) / 2.0).round();
    region(ui, "page", body, |ui| {
        if fills {
            let column = Rect::from_min_max(pos2(left, body.top() + TOP), pos2(left + width, body.bottom() - 16.0));
            ui.scope_builder(UiBuilder::new().max_rect(column), |ui| page(ui, out));
            return;
        }
        // A new page starts at its top.
        ScrollArea::vertical()
            .id_salt(("scroll", state.page, state.practice.as_ref().map(|on| &on.name)))
            .auto_shrink(false)
            .show(ui, |ui| {
                let column = Rect::from_min_size(pos2(left, ui.cursor().top() + TOP), vec2(width, f32::INFINITY));
                let inner = ui.scope_builder(UiBuilder::new().max_rect(column), |ui| {
                    ui.set_width(width);
                    page(ui, out);
                    keep_focus_in_view(ui);
                    ui.add_space(24.0);
                });
                ui.advance_cursor_after_rect(inner.response.rect);
            });
    });
    if let Some((fit, footer)) = footer {
        region(ui, "footer", foot, |ui| {
            paint::rule(ui, foot.x_range(), foot.top() + paint::hairline(ui), t.line);
            let room = Rect::from_min_size(pos2(left, foot.top()), vec2(width, foot.height()));
            footer.show(ui, room, fit, out);
        });
    }
    if let Some(practice) = &state.practice {
        let over = rest.with_max_y(top);
        region(ui, "practice", over, |ui| practice::strip(ui, over, practice, out));
    }
    region(ui, "side bar", side, |ui| side_bar::show(ui, side, bar, state, out));
    pos2(left, foot.top() - 16.0)
}

/// Scrolls to what the Tab key or an arrow key moved the focus to. Call it at the end of what scrolls.
fn keep_focus_in_view(ui: &Ui) {
    let last = ui.scope_id().with("last focus");
    let focused = ui.memory(Memory::focused);
    if ui.data(|data| data.get_temp(last)) == Some(focused) {
        return;
    }
    ui.data_mut(|data| data.insert_temp(last, focused));
    // Reading a response in the frame of a click takes the focus away from what the click gave it to.
    let by_key = ui.input(|input| !input.pointer.any_down() && !input.pointer.any_released());
    let seen = focused.filter(|_| by_key).and_then(|id| ui.ctx().read_response(id));
    if let Some(response) = seen.filter(|seen| seen.layer_id == ui.layer_id() && ui.min_rect().contains_rect(seen.rect)) {
        ui.scroll_to_rect(response.rect.expand(8.0), None);
    }
}

fn region(ui: &mut Ui, name: &str, rect: Rect, content: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().max_rect(rect).scope_id(Id::unique(name)).accessibility_label(name);
    let mut child = ui.new_child(builder);
    child.set_clip_rect(rect);
    content(&mut child);
}
