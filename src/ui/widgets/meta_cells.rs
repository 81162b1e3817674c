//! What an option costs: risk, undo, interruption and restart, side by side.

use std::sync::Arc;

use eframe::egui::{Color32, Galley, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::meter;
use crate::remedy::{FixOption, Risk};
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Tokens, tokens};

/// Narrower than this, the cells stand two by two.
const WIDE: f32 = 560.0;
/// The room of the meter before the word of the risk.
const METER: f32 = 36.0;
/// Between two rows of cells.
const GAP: f32 = 8.0;

/// Puts the cells into the flow; a long value takes two lines.
pub fn meta_cells(ui: &mut Ui, option: &FixOption) {
    let t = tokens(ui);
    let columns = if ui.available_width() < WIDE { 2 } else { 4 };
    let width = (ui.available_width() / columns as f32).floor();
    let cells: [(&str, &str); 4] = [
        ("Risk", option.risk.as_str()),
        ("Can be undone", &option.reversible),
        ("Interrupts", &option.interrupts),
        ("Restart", &option.restart),
    ];
    let name = cells.map(|(label, value)| format!("{label}: {value}")).join(", ");
    let laid_out: Vec<(&str, Arc<Galley>)> = cells
        .iter()
        .enumerate()
        .map(|(index, (label, value))| {
            let room = width - 16.0 - if index == 0 { METER } else { 0.0 };
            (*label, Text::Strong.paragraph(ui, value, t.text, room, 2))
        })
        .collect();
    for (row, cells) in laid_out.chunks(columns).enumerate() {
        if row > 0 {
            ui.add_space(GAP);
        }
        let values = cells.iter().map(|(_, value)| value.size().y).fold(0.0, f32::max);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 17.0 + values), Sense::hover());
        if row == 0 {
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
        }
        for (column, (label, value)) in cells.iter().enumerate() {
            let corner = rect.min + vec2(width * column as f32, 0.0);
            if column > 0 {
                paint::vertical_rule(ui, corner.x - 12.0, rect.y_range(), t.line);
            }
            let label = Text::Label.line(ui, label, t.text3, width - 16.0);
            paint::line_left(ui, label, pos2(corner.x, corner.y + 8.0));
            let mut at = corner + vec2(0.0, 17.0);
            if row + column == 0 {
                let (filled, color) = risk(t, option.risk);
                meter(ui, pos2(at.x, at.y + 10.0), filled, color);
                at.x += METER;
            }
            paint::place(ui, Arc::clone(value), at);
        }
        if cells.iter().any(|(_, value)| value.elided) {
            response.on_hover_text(&name);
        }
    }
}

/// Boxes of the meter and their colour.
pub const fn risk(t: &Tokens, risk: Risk) -> (usize, Color32) {
    match risk {
        Risk::Low => (1, t.ok),
        Risk::Medium => (2, t.warn),
        Risk::High => (3, t.err),
    }
}
