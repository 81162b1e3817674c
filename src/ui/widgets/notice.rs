//! A notice in the flow: something about this page that is not its answer.

use eframe::egui::epaint::RectShape;
use eframe::egui::{Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::Disc;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

/// Two lines, the first with weight.
pub fn notice(ui: &mut Ui, status: Status, title: &str, text: &str) {
    let t = tokens(ui);
    let width = ui.available_width() - 44.0 - 16.0;
    let first = Text::DetailStrong.paragraph(ui, title, t.text, width, 3);
    let second = Text::Detail.paragraph(ui, text, t.text2, width, 6);
    let second_height = if text.is_empty() { 0.0 } else { second.size().y };
    let ground = ui.painter().add(Shape::Noop);
    let height = first.size().y + second_height + 16.0;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height.max(52.0)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}. {text}")));
    let edge = Stroke::new(paint::hairline(ui), t.status(status).gamma_multiply(0.45));
    ui.painter().set(ground, RectShape::new(rect, 8, t.status_bg(status), edge, StrokeKind::Inside));
    paint::icon(ui, Disc::glyph(status), 18.0, pos2(rect.left() + 22.0, rect.top() + 25.0), t.status(status));
    let top = rect.center().y - f32::midpoint(first.size().y, second_height);
    let below = top + first.size().y;
    paint::place(ui, first, pos2(rect.left() + 44.0, top));
    paint::place(ui, second, pos2(rect.left() + 44.0, below));
}
