//! What shows that something works: a turning arc, never without a word beside it.

use std::time::Duration;

use eframe::egui::{Pos2, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// Seconds for one turn.
const TURN: f32 = 1.2;
/// How often the arc is painted anew.
const FRAME: Duration = Duration::from_millis(33);

/// A ring with a turning arc. Asks for the next frame while it shows; with motion reduced it stands still.
pub fn arc(ui: &Ui, center: Pos2, radius: f32, width: f32) {
    let t = tokens(ui);
    let moving = ui.style().animation_time > 0.0;
    let turn = if moving { seconds(ui) / TURN % 1.0 } else { 0.0 };
    ui.painter().circle_stroke(center, radius, Stroke::new(width, t.line));
    paint::arc(ui, center, radius, turn, 0.3, Stroke::new(width, t.accent));
    if moving {
        ui.ctx().request_repaint_after(FRAME);
    }
}

/// Seconds since the window opened, as exact as a turning arc needs.
#[expect(clippy::cast_possible_truncation, reason = "an hour of seconds keeps a thousandth in an f32")]
fn seconds(ui: &Ui) -> f32 {
    ui.input(|input| (input.time % 3600.0) as f32)
}

/// A line that says what is going on, with the arc before it.
pub fn line(ui: &mut Ui, text: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, text));
    arc(ui, pos2(rect.left() + 10.0, rect.center().y), 8.0, 2.0);
    let color = tokens(ui).text2;
    let galley = Text::Body.line(ui, text, color, rect.width() - 28.0);
    paint::line_left(ui, galley, pos2(rect.left() + 28.0, rect.center().y));
    response
}
