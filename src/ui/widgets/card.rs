//! A card: surface, hairline, radius 8; its height follows its content.

use eframe::egui::epaint::RectShape;
use eframe::egui::{Color32, Margin, Rect, Response, Shape, Stroke, StrokeKind, Ui, UiBuilder};

use crate::ui::paint::hairline;
use crate::ui::theme::tokens;

/// A card as wide as the column, with `margin` around its content.
pub fn card<R>(ui: &mut Ui, margin: Margin, content: impl FnOnce(&mut Ui) -> R) -> R {
    let t = tokens(ui);
    let edge = Stroke::new(hairline(ui), t.line);
    card_with(ui, margin, t.surface, edge, content).0
}

/// A card with its own ground and edge. The edge is painted over the content, so that rows may reach it.
pub fn card_with<R>(
    ui: &mut Ui,
    margin: Margin,
    fill: Color32,
    edge: Stroke,
    content: impl FnOnce(&mut Ui) -> R,
) -> (R, Response) {
    let width = ui.available_width();
    let top_left = ui.cursor().min;
    let ground = ui.painter().add(Shape::Noop);
    let room = Rect::from_min_size(top_left, eframe::egui::vec2(width, f32::INFINITY)) - margin;
    let inner = ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
        ui.set_width(room.width());
        content(ui)
    });
    let rect = Rect::from_min_max(top_left, inner.response.rect.max + margin.right_bottom());
    let rect = rect.with_max_x(top_left.x + width);
    ui.painter().set(ground, RectShape::filled(rect, 8, fill));
    ui.painter().add(RectShape::stroke(rect, 8, edge, StrokeKind::Inside));
    ui.advance_cursor_after_rect(rect);
    (inner.inner, inner.response.with_new_rect(rect))
}
