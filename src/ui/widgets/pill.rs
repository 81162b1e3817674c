//! A short word on the soft ground of its status.

use eframe::egui::{Pos2, Rect, Ui, pos2, vec2};

use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

/// Paints it from its left end; gives the place it takes.
pub fn pill(ui: &Ui, left_center: Pos2, status: Status, word: &str) -> Rect {
    let t = tokens(ui);
    let galley = Text::LabelStrong.line(ui, word, t.status(status), f32::INFINITY);
    let rect = Rect::from_min_size(pos2(left_center.x, left_center.y - 10.0), vec2(galley.size().x + 16.0, 20.0));
    ui.painter().rect_filled(rect, 10, t.status_bg(status));
    paint::line_center(ui, galley, rect.center());
    rect
}
