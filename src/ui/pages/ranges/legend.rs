//! What the lanes mean.

use eframe::egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::lanes::{self, Lane};
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// Shows it, in two columns where there is room.
pub fn show(ui: &mut Ui, all: &[Lane], windows: bool) {
    let width = ui.available_width();
    let columns = if width < 620.0 { 1 } else { 2 };
    let rows = all.len().div_ceil(columns);
    let (rect, _) = ui.allocate_exact_size(vec2(width, rows as f32 * 44.0), Sense::hover());
    let column = ((width - 16.0) / columns as f32).floor();
    for (index, lane) in all.iter().enumerate() {
        let corner = rect.min + vec2(16.0 + (index % columns) as f32 * column, (index / columns) as f32 * 44.0);
        entry(ui, *lane, windows, Rect::from_min_size(corner, vec2(column - 16.0, 44.0)));
    }
}

fn entry(ui: &Ui, lane: Lane, windows: bool, rect: Rect) {
    let t = tokens(ui);
    let text = meaning(lane, windows);
    let response = ui.interact(rect, ui.make_persistent_id(("legend", lane.title())), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}: {text}", lane.title())));
    lanes::swatch(ui, lane, Rect::from_min_size(rect.min + vec2(0.0, 2.0), vec2(28.0, 16.0)));
    let left = rect.left() + 40.0;
    let galley = Text::Strong.line(ui, lane.title(), t.text, rect.width() - 40.0);
    paint::line_left(ui, galley, pos2(left, rect.top() + 10.0));
    let galley = Text::Detail.line(ui, text, t.text2, rect.width() - 40.0);
    let elided = galley.elided;
    paint::line_left(ui, galley, pos2(left, rect.top() + 28.0));
    if elided {
        response.on_hover_text(text);
    }
}

const fn meaning(lane: Lane, windows: bool) -> &'static str {
    match lane {
        Lane::Dynamic if windows => "Handed out to clients. Usual is 49152\u{2013}65535.",
        Lane::Dynamic => "Handed out to clients. Usual is 32768\u{2013}60999.",
        Lane::Reserved => "Held by WinNAT or HTTP.sys. A bind gets error 10013.",
        Lane::Excluded if windows => "Never handed out. The service can still listen on it.",
        Lane::Excluded => "Never handed out, TCP or UDP. Services can still ask for it.",
        Lane::InUse => "A listener or a connection has this port now.",
    }
}
