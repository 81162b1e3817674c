//! Three boxes, some of them filled: how sure, or how risky. A word stands behind it.

use eframe::egui::{Color32, Pos2, Rect, Ui, pos2, vec2};

use crate::ui::paint;
use crate::ui::theme::tokens;

/// Paints it from its left end; 28 points wide.
pub fn meter(ui: &Ui, left_center: Pos2, filled: usize, color: Color32) {
    for index in 0..3 {
        let left = left_center.x + 10.0 * index as f32;
        let rect = Rect::from_min_size(pos2(left, left_center.y - 5.0), vec2(8.0, 10.0));
        if index < filled {
            ui.painter().rect_filled(rect, 2, color);
        } else {
            paint::outline(ui, rect, 2, paint::hairline(ui).max(1.0), tokens(ui).line2);
        }
    }
}
