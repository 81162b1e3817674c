//! A row of a menu.

use eframe::egui::{Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// The height of a row.
pub const MENU_ROW: f32 = 32.0;

/// Puts a row into a menu that is open; `off` is why it cannot be taken now.
pub fn menu_row(ui: &mut Ui, icon: Option<Icon>, label: &str, role: Role, off: Option<&str>) -> Response {
    let t = tokens(ui);
    let sense = if off.is_none() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), MENU_ROW), sense);
    response.widget_info(|| WidgetInfo::labeled(role, off.is_none(), label));
    if off.is_none() && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect, 6, t.hover);
    }
    let color = if off.is_none() { t.text } else { t.text3 };
    if let Some(icon) = icon {
        paint::icon(ui, icon, 16.0, pos2(rect.left() + 16.0, rect.center().y), color);
    }
    let galley = Text::Detail.line(ui, label, color, rect.width() - 40.0);
    paint::line_left(ui, galley, pos2(rect.left() + 32.0, rect.center().y));
    if response.has_focus() {
        paint::focus_ring(ui, rect.shrink(3.0), 4);
    }
    match off {
        Some(why) => response.on_hover_text(why),
        None => response,
    }
}
