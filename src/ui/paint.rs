//! What widgets paint with: sharp hairlines, icons, rings, hatching, and text at a place.

use std::f32::consts::TAU;
use std::sync::Arc;

use eframe::egui::epaint::{PathShape, PathStroke, TextShape};
use eframe::egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Galley, Painter, Pos2, Rangef, Rect, Stroke, StrokeKind, Ui, pos2, vec2,
};

use super::fonts::ICONS;
use super::icons::Icon;
use super::theme::tokens;

/// The width of a hairline in points: whole pixels, or it blurs where a point is one and a half.
pub fn hairline(ui: &Ui) -> f32 {
    let pixels = ui.pixels_per_point();
    pixels.floor().max(1.0) / pixels
}

/// A horizontal hairline.
pub fn rule(ui: &Ui, x: Rangef, y: f32, color: Color32) {
    let y = y.round_to_pixels(ui);
    let height = hairline(ui);
    ui.painter().rect_filled(Rect::from_x_y_ranges(x, y - height..=y), 0, color);
}

/// A vertical hairline.
pub fn vertical_rule(ui: &Ui, x: f32, y: Rangef, color: Color32) {
    let x = x.round_to_pixels(ui);
    ui.painter().rect_filled(Rect::from_x_y_ranges(x..=x + hairline(ui), y), 0, color);
}

trait RoundToPixels {
    fn round_to_pixels(self, ui: &Ui) -> f32;
}

impl RoundToPixels for f32 {
    fn round_to_pixels(self, ui: &Ui) -> f32 {
        (self * ui.pixels_per_point()).round() / ui.pixels_per_point()
    }
}

/// A filled box with a hairline inside its edge.
pub fn boxed(ui: &Ui, rect: Rect, radius: u8, fill: Color32, edge: Color32) {
    ui.painter().rect(rect, radius, fill, Stroke::new(hairline(ui), edge), StrokeKind::Inside);
}

/// A box without ground.
pub fn outline(ui: &Ui, rect: Rect, radius: u8, width: f32, edge: Color32) {
    ui.painter().rect_stroke(rect, radius, Stroke::new(width, edge), StrokeKind::Inside);
}

/// The ring around what has the focus: two points wide, two points outside.
pub fn focus_ring(ui: &Ui, rect: Rect, radius: u8) {
    let stroke = Stroke::new(2.0, tokens(ui).accent);
    ui.painter().rect_stroke(rect.expand(2.0), CornerRadius::same(radius + 2), stroke, StrokeKind::Outside);
}

/// An icon beside text. One point lower than the middle, because words sit on the x-height.
pub fn icon(ui: &Ui, icon: Icon, size: f32, center: Pos2, color: Color32) {
    glyph(ui.painter(), icon, size, center + vec2(0.0, 1.0), color);
}

/// An icon in the exact middle: in discs, on tags, alone in a button.
pub fn icon_in_disc(ui: &Ui, icon: Icon, size: f32, center: Pos2, color: Color32) {
    glyph(ui.painter(), icon, size, center, color);
}

fn glyph(painter: &Painter, icon: Icon, size: f32, center: Pos2, color: Color32) {
    painter.text(center, Align2::CENTER_CENTER, icon.glyph(), FontId::new(size, FontFamily::Name(ICONS.into())), color);
}

/// A laid out line with its left end and its middle at `left_center`.
pub fn line_left(ui: &Ui, galley: Arc<Galley>, left_center: Pos2) {
    let top_left = left_center - vec2(0.0, galley.size().y / 2.0);
    place(ui, galley, top_left);
}

/// A laid out line with its right end and its middle at `right_center`.
pub fn line_right(ui: &Ui, galley: Arc<Galley>, right_center: Pos2) {
    let top_left = right_center - vec2(galley.size().x, galley.size().y / 2.0);
    place(ui, galley, top_left);
}

/// A laid out line in the middle of `center`.
pub fn line_center(ui: &Ui, galley: Arc<Galley>, center: Pos2) {
    let top_left = center - galley.size() / 2.0;
    place(ui, galley, top_left);
}

/// A laid out text with its corner at `top_left`.
pub fn place(ui: &Ui, galley: Arc<Galley>, top_left: Pos2) {
    ui.painter().add(TextShape::new(top_left, galley, tokens(ui).text));
}

/// An arc of a circle, for what is busy. `from` and `length` in turns, from the top, clockwise.
pub fn arc(ui: &Ui, center: Pos2, radius: f32, from: f32, length: f32, stroke: Stroke) {
    let steps = 32;
    let points = (0..=steps)
        .map(|step| {
            let angle = TAU * (from - 0.25 + length * step as f32 / steps as f32);
            center + radius * vec2(angle.cos(), angle.sin())
        })
        .collect();
    ui.painter().add(PathShape::line(points, PathStroke::new(stroke.width, stroke.color)));
}

/// Diagonal lines over `rect`: the dynamic range, wherever it is drawn.
pub fn hatch(ui: &Ui, rect: Rect, step: f32, stroke: Stroke) {
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        painter.line_segment([pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())], stroke);
        x += step;
    }
}

/// An arrow that points right.
pub fn arrow_right(ui: &Ui, from: Pos2, to_x: f32, stroke: Stroke) {
    let tip = pos2(to_x, from.y);
    let painter = ui.painter();
    painter.line_segment([from, tip], stroke);
    painter.line_segment([tip - vec2(4.0, 4.0), tip], stroke);
    painter.line_segment([tip - vec2(4.0, -4.0), tip], stroke);
}
