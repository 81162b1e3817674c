//! A text link: what a word can do beside a headline or in a row.

use eframe::egui::{Color32, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// Puts a link into the flow.
fn link(ui: &mut Ui, icon: Option<Icon>, label: &str, name: &str) -> Response {
    let t = tokens(ui);
    let galley = Text::DetailStrong.line(ui, label, t.accent, f32::INFINITY);
    let text_left = if icon.is_some() { 20.0 } else { 0.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(text_left + galley.size().x, 32.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, ui.is_enabled(), name));
    let middle = rect.center().y;
    if let Some(icon) = icon {
        paint::icon(ui, icon, 14.0, pos2(rect.left() + 7.0, middle), t.accent);
    }
    if response.hovered() {
        let line = Rect::from_min_max(pos2(rect.left() + text_left, middle + 7.0), pos2(rect.right(), middle + 8.0));
        ui.painter().rect_filled(line, 0, t.accent);
    }
    paint::line_left(ui, galley, pos2(rect.left() + text_left, middle));
    if response.has_focus() {
        paint::focus_ring(ui, rect.shrink2(vec2(0.0, 4.0)).expand2(vec2(2.0, 0.0)), 4);
    }
    response
}

/// The width that a link takes.
pub fn link_width(ui: &Ui, icon: Option<Icon>, label: &str) -> f32 {
    let text = Text::DetailStrong.line(ui, label, Color32::PLACEHOLDER, f32::INFINITY).size().x;
    text + if icon.is_some() { 20.0 } else { 0.0 }
}

/// Puts a link at a place outside the flow: its right end and middle at `right_center`.
pub fn link_at(ui: &mut Ui, right_center: eframe::egui::Pos2, icon: Option<Icon>, label: &str, name: &str) -> Response {
    let width = link_width(ui, icon, label);
    let rect = Rect::from_min_size(pos2(right_center.x - width, right_center.y - 16.0), vec2(width, 32.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(name));
    link(&mut child, icon, label, name)
}
