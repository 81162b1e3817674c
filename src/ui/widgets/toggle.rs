//! A switch. On and off differ in shape too: on is filled with a check on the knob, off is a ring.

use eframe::egui::{Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::theme::tokens;

/// Puts a switch into the flow; the caller changes the value when it was clicked.
pub fn toggle(ui: &mut Ui, on: bool, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(32.0, 32.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), on, name));
    let t = tokens(ui);
    let track = eframe::egui::Rect::from_center_size(rect.center(), vec2(32.0, 18.0));
    if on {
        ui.painter().rect_filled(track, 9, t.accent);
        let knob = pos2(track.right() - 9.0, track.center().y);
        ui.painter().circle_filled(knob, 6.0, t.on_accent);
        paint::icon_in_disc(ui, Icon::Check, 10.0, knob, t.accent);
    } else {
        ui.painter().rect_stroke(track, 9, Stroke::new(1.5, t.line2), StrokeKind::Inside);
        ui.painter().circle_filled(pos2(track.left() + 9.0, track.center().y), 5.0, t.line2);
    }
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    if response.has_focus() {
        paint::focus_ring(ui, track, 9);
    }
    response
}
