//! The strip over every page that says that the computer is a practice machine.

use eframe::egui::{CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use crate::app::Practice;
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::{paint, words};

/// How high it is.
pub const HEIGHT: f32 = 32.0;

/// Paints the strip.
pub fn strip(ui: &mut Ui, rect: Rect, practice: &Practice) {
    let t = tokens(ui);
    let text = format!("Practice machine {}: nothing real is changed", words::shown(&practice.name));
    ui.painter().rect_filled(rect, CornerRadius::ZERO, t.accent);
    let response = ui.interact(rect, ui.make_persistent_id("practice"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    let left = rect.left() + 32.0;
    paint::icon(ui, Icon::Eye, 16.0, pos2(left + 8.0, rect.center().y), t.on_accent);
    let galley = Text::DetailStrong.line(ui, &text, t.on_accent, rect.right() - left - 40.0);
    paint::line_left(ui, galley, pos2(left + 24.0, rect.center().y));
}
