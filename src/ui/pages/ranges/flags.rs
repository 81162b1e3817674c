//! The flags above the large map: the chosen ports with their needle, and the ports of services as far as they have room.

use eframe::egui::{Rangef, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::Palette;
use super::scale::Scale;
use crate::app::ranges::Wanted;
use crate::app::{Command, RangesCommand, RangesState};
use crate::machine::{PortRange, visible};
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

const HEIGHT: f32 = 20.0;
/// The longest name of a service on a flag.
const NAME: f32 = 150.0;

/// Shows them; the lanes go from `top` to `bottom`.
#[expect(clippy::too_many_arguments, reason = "what to show, where, and where the click goes")]
pub fn show(
    ui: &mut Ui,
    ranges: &RangesState,
    scale: &Scale,
    palette: Palette,
    top: f32,
    bottom: f32,
    x: Rangef,
    out: &mut Vec<Command>,
) {
    let mut taken: Vec<Rangef> = Vec::new();
    for range in ranges.chosen.ranges() {
        if let Some(span) = scale.span(*range) {
            taken.extend(chosen(ui, ranges, *range, span, palette, (top, bottom), x, &taken));
        }
    }
    let shown = ranges.lanes.wanted.iter().filter(|wanted| !ranges.chosen.contains(wanted.port));
    for wanted in shown {
        let Some((left, right)) = scale.span(PortRange::single(wanted.port)) else { continue };
        if service(ui, wanted, f32::midpoint(left, right), &mut taken, (top, bottom), x) {
            out.push(Command::Ranges(RangesCommand::Choose(PortRange::single(wanted.port))));
        }
    }
}

/// The flag of the chosen ports with a needle through all lanes; a range has a needle at each end. Where another flag stands already there
/// is only the needle.
#[expect(clippy::too_many_arguments, reason = "what to show, where, and what is there already")]
fn chosen(
    ui: &Ui,
    ranges: &RangesState,
    range: PortRange,
    (left, right): (f32, f32),
    palette: Palette,
    (top, bottom): (f32, f32),
    x: Rangef,
    taken: &[Rangef],
) -> Option<Rangef> {
    let service = ranges.lanes.wanted.iter().find(|wanted| range.count() == 1 && wanted.port == range.start());
    let service = service.map(|wanted| format!(" {}", visible(&wanted.service))).unwrap_or_default();
    let text = format!("{}{service}", range.to_string().replace('-', "\u{2013}"));
    let galley = Text::LabelBold.line(ui, &text, palette.on_flag, NAME + 40.0);
    let width = galley.size().x + 20.0;
    let middle = f32::midpoint(left, right);
    let tag_left = (middle - width / 2.0).clamp(x.min, (x.max - width).max(x.min));
    let tag = Rect::from_min_size(pos2(tag_left, top - HEIGHT - 6.0), vec2(width, HEIGHT));
    let needle = |at: f32| {
        let rect = Rect::from_min_max(pos2(at - 1.0, tag.bottom() - 2.0), pos2(at + 1.0, bottom + 3.0));
        ui.painter().rect_filled(rect, 0, palette.flag);
    };
    if range.count() == 1 {
        needle(middle);
    } else {
        let band = Rect::from_min_max(pos2(left, top), pos2(right, bottom));
        ui.painter().rect_filled(band, 0, palette.flag.gamma_multiply(0.10));
        needle(left);
        needle(right);
        ui.painter().rect_filled(Rect::from_min_max(pos2(left, tag.bottom() - 2.0), pos2(right, tag.bottom())), 0, palette.flag);
    }
    if taken.iter().any(|other| tag.left() < other.max + 6.0 && other.min < tag.right() + 6.0) {
        return None;
    }
    ui.painter().rect_filled(tag, 4, palette.flag);
    paint::line_center(ui, galley, tag.center());
    Some(tag.x_range())
}

/// The flag of a service's port, or a tick where there is no room for it; true where it was clicked.
fn service(ui: &mut Ui, wanted: &Wanted, at: f32, taken: &mut Vec<Rangef>, (top, bottom): (f32, f32), x: Rangef) -> bool {
    let t = tokens(ui);
    let color = if wanted.at_risk { t.warn } else { t.text2 };
    let name = visible(&wanted.service);
    let galley = Text::LabelStrong.line(ui, &format!("{} {name}", wanted.port), color, NAME);
    let width = galley.size().x + 16.0;
    let left = (at - width / 2.0).clamp(x.min, (x.max - width).max(x.min));
    let room = Rangef::new(left, left + width);
    let fits = taken.iter().all(|other| room.max + 6.0 < other.min || other.max + 6.0 < room.min);
    let rect = if fits {
        Rect::from_x_y_ranges(room, top - HEIGHT - 6.0..=top - 6.0)
    } else {
        Rect::from_center_size(pos2(at, top - 5.0), vec2(8.0, 10.0))
    };
    let risk = if wanted.at_risk { ", a client may get it" } else { "" };
    let spoken = format!("Port {}, {name}{risk}", wanted.port);
    // Without a flag a click is one on the map below.
    let (sense, role) = if fits { (Sense::click(), Role::Button) } else { (Sense::hover(), Role::Label) };
    let response = ui.interact(rect, ui.make_persistent_id(("flag", wanted.port)), sense);
    response.widget_info(|| WidgetInfo::labeled(role, true, &spoken));
    let needle = Rect::from_min_max(pos2(at - 0.5, top - 6.0), pos2(at + 0.5, bottom));
    ui.painter().rect_filled(needle, 0, color.gamma_multiply(0.5));
    if fits {
        taken.push(room);
        let fill = if response.hovered() { t.hover } else { t.surface };
        ui.painter().rect(rect, 4, fill, Stroke::new(paint::hairline(ui), color), StrokeKind::Inside);
        paint::line_center(ui, galley, rect.center());
        if response.has_focus() {
            paint::focus_ring(ui, rect, 4);
        }
    } else {
        ui.painter().circle_filled(pos2(at, top - 6.0), 2.5, color);
    }
    let clicked = response.clicked();
    response.on_hover_text(spoken);
    clicked
}
