//! A key as it is printed on the keyboard.

use eframe::egui::{Pos2, Rect, Ui, pos2, vec2};

use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// The width it takes.
pub fn key_cap_width(ui: &Ui, keys: &str) -> f32 {
    Text::Key.line(ui, keys, tokens(ui).text2, f32::INFINITY).size().x + 12.0
}

/// Paints it from its left end; gives the place it takes.
pub fn key_cap(ui: &Ui, left_center: Pos2, keys: &str) -> Rect {
    let t = tokens(ui);
    let size = vec2(key_cap_width(ui, keys), 18.0);
    let rect = Rect::from_min_size(pos2(left_center.x, left_center.y - 9.0), size);
    paint::outline(ui, rect, 4, paint::hairline(ui), t.line2);
    paint::line_center(ui, Text::Key.line(ui, keys, t.text2, f32::INFINITY), rect.center());
    rect
}
