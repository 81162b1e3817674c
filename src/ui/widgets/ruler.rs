//! The port ruler: 0 to 65535 with a flag on the port and the dynamic range hatched.

use eframe::egui::{Margin, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::card;
use crate::machine::{Port, PortRange};
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

const TICKS: [u32; 5] = [0, 16384, 32768, 49152, 65535];

/// What the ruler shows.
#[derive(Debug, Clone)]
pub struct Ruler<'a> {
    /// The port with the flag.
    pub port: Port,
    /// The flag's colour.
    pub status: Status,
    /// The dynamic range.
    pub dynamic: Option<PortRange>,
    /// One sentence on where the port lies.
    pub text: &'a str,
}

/// Shows it in a card.
pub fn ruler(ui: &mut Ui, ruler: &Ruler<'_>) {
    card(ui, Margin::ZERO, |ui| {
        let t = tokens(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 88.0), Sense::hover());
        let name = format!("Port {} on a ruler from 0 to 65535. {}", ruler.port, ruler.text);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
        let track = Rect::from_min_max(pos2(rect.left() + 16.0, rect.top() + 44.0), pos2(rect.right() - 16.0, rect.top() + 60.0));
        let x_of = |port: u32| track.left() + track.width() * port as f32 / 65535.0;
        ui.painter().rect_filled(track, 3, t.hover);
        if let Some(range) = ruler.dynamic {
            let x = x_of(u32::from(range.start()))..=x_of(u32::from(range.end()));
            let part = Rect::from_x_y_ranges(x, track.y_range());
            ui.painter().rect_filled(part, 0, t.accent_bg);
            paint::hatch(ui, part, 7.0, Stroke::new(1.0, t.accent.gamma_multiply(0.45)));
        }
        for tick in TICKS {
            let x = x_of(tick);
            paint::vertical_rule(ui, x.min(track.right() - 1.0), (track.bottom()..=track.bottom() + 4.0).into(), t.line2);
            let galley = Text::Label.line(ui, &tick.to_string(), t.text3, 64.0);
            let left = (x - galley.size().x / 2.0).clamp(track.left(), (track.right() - galley.size().x).max(track.left()));
            paint::place(ui, galley, pos2(left, track.bottom() + 6.0));
        }
        flag(ui, ruler, rect, x_of(u32::from(ruler.port)), track);
    });
}

fn flag(ui: &Ui, ruler: &Ruler<'_>, rect: Rect, x: f32, track: Rect) {
    let t = tokens(ui);
    let color = t.status(ruler.status);
    let label = Text::LabelBold.line(ui, &ruler.port.to_string(), t.on_status, f32::INFINITY);
    let width = label.size().x + 16.0;
    let left = (x - width / 3.0).clamp(track.left(), (track.right() - width).max(track.left()));
    let tag = Rect::from_min_size(pos2(left, rect.top() + 12.0), vec2(width, 20.0));
    ui.painter().rect_filled(Rect::from_min_max(pos2(x - 1.0, tag.bottom()), pos2(x + 1.0, track.bottom() + 2.0)), 0, color);
    ui.painter().rect_filled(tag, 4, color);
    paint::line_center(ui, label, tag.center());
    let (left_room, right_room) = (tag.left() - 12.0 - track.left(), track.right() - tag.right() - 12.0);
    let room = left_room.max(right_room);
    let whole = Text::Detail.line(ui, ruler.text, t.text, room);
    let begin = ruler.text.split(", ").next().unwrap_or_default();
    let text = if whole.elided { Text::Detail.line(ui, begin, t.text, room) } else { whole };
    if right_room >= left_room {
        paint::line_left(ui, text, pos2(tag.right() + 12.0, tag.center().y));
    } else {
        paint::line_right(ui, text, pos2(tag.left() - 12.0, tag.center().y));
    }
}
