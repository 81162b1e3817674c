//! All ports on one line, with a window around the part that is shown large.

use eframe::egui::{Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::lanes::{self, Lane};
use super::scale::{Scale, overview_ticks};
use super::{LABELS, Palette};
use crate::app::ranges::Lanes;
use crate::app::{Command, RangesCommand, RangesState};
use crate::ui::paint;
use crate::ui::text::count;
use crate::ui::theme::tokens;

const LANE: f32 = 16.0;

/// Shows it; gives the window around the part that is shown large.
pub fn show(ui: &mut Ui, ranges: &RangesState, all: &[Lane], palette: Palette, out: &mut Vec<Command>) -> Rect {
    let t = tokens(ui);
    let lanes_height = all.len() as f32 * (LANE + 4.0) - 4.0;
    let size = vec2(ui.available_width(), 16.0 + lanes_height + 39.0);
    let (_, card) = ui.allocate_space(size);
    paint::boxed(ui, card, 8, t.surface, t.line);
    let x = (card.left() + LABELS..=card.right() - 16.0).into();
    let scale = Scale::overview(card.left() + LABELS, card.right() - 16.0);
    let tracks = lanes::tracks(all, x, card.top() + 16.0, LANE);
    for track in &tracks {
        lanes::ground(ui, track, card.left() + 16.0, Some(scale.gap()));
        for mark in track.lane.marks(&ranges.lanes, &scale, (0, u16::MAX)) {
            let rect = Rect::from_x_y_ranges(mark.left..=mark.right, track.rect.y_range());
            match track.lane {
                Lane::Dynamic => lanes::dynamic(ui, rect),
                Lane::Reserved => lanes::reserved(ui, rect, 0),
                Lane::Excluded => lanes::excluded(ui, rect, lanes::holds(&ranges.lanes.kept, &mark)),
                Lane::InUse if mark.right - mark.left <= 5.0 => {
                    ui.painter().circle_filled(pos2(mark.middle(), rect.center().y), 2.5, t.text);
                }
                Lane::InUse => {
                    let rect = Rect::from_center_size(rect.center(), vec2(rect.width(), 5.0));
                    ui.painter().rect_filled(rect, 2, t.text);
                }
            }
        }
    }
    let bottom = card.top() + 16.0 + lanes_height;
    split(ui, &scale, card.top() + 12.0, bottom + 4.0);
    lanes::ticks(ui, &scale, &overview_ticks(card.width() - LABELS - 16.0), x, bottom + 3.0);
    services(ui, &ranges.lanes, &scale, card.top() + 10.0);
    let (first, last) = (f32::from(ranges.view.first()), f32::from(ranges.view.last()) + 1.0);
    let window = Rect::from_min_max(pos2(scale.x(first) - 2.0, card.top() + 9.0), pos2(scale.x(last) + 2.0, bottom + 4.0));
    let window = if window.width() < 8.0 { Rect::from_center_size(window.center(), vec2(8.0, window.height())) } else { window };
    paint::outline(ui, window, 4, 2.0, t.accent);
    for chosen in ranges.chosen.ranges() {
        let middle = f32::midpoint(f32::from(chosen.start()), f32::from(chosen.end()) + 1.0);
        triangle(ui, pos2(scale.x(middle), card.top() + 8.0), 5.0, palette.flag);
    }
    let area = Rect::from_x_y_ranges(x, card.top() + 8.0..=bottom + 6.0);
    let response = ui.interact(area, ui.make_persistent_id("overview"), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, spoken(ranges)));
    if (response.clicked() || response.dragged())
        && let Some(pointer) = response.interact_pointer_pos()
    {
        out.push(Command::Ranges(RangesCommand::View(ranges.view.centred(f64::from(scale.place(pointer.x))))));
    }
    window
}

/// The dashed line in the gap: left of it every port has more room.
fn split(ui: &Ui, scale: &Scale, top: f32, bottom: f32) {
    let (end, start) = scale.gap();
    let x = f32::midpoint(end, start);
    let stroke = Stroke::new(1.0, tokens(ui).line2);
    ui.painter().extend(Shape::dashed_line(&[pos2(x, top), pos2(x, bottom)], stroke, 3.0, 3.0));
}

/// A small triangle over each port that a service wants, in the colour of risk where a client may get it.
fn services(ui: &Ui, lanes: &Lanes, scale: &Scale, y: f32) {
    let t = tokens(ui);
    for risk in [false, true] {
        let ports = lanes.wanted.iter().filter(|wanted| wanted.at_risk == risk);
        let marks = scale.marks(ports.map(|wanted| crate::machine::PortRange::single(wanted.port)));
        for mark in marks {
            triangle(ui, pos2(mark.middle(), y), 3.0, if risk { t.warn } else { t.text3 });
        }
    }
}

/// A triangle that points down to `tip`.
fn triangle(ui: &Ui, tip: Pos2, half: f32, color: eframe::egui::Color32) {
    let points = vec![tip, tip + vec2(-half, -half * 1.2), tip + vec2(half, -half * 1.2)];
    ui.painter().add(Shape::convex_polygon(points, color, Stroke::NONE));
}

/// The whole map in one sentence.
fn spoken(ranges: &RangesState) -> String {
    let lanes = &ranges.lanes;
    let dynamic = lanes.dynamic.map_or_else(|| "dynamic range not seen".to_owned(), |range| format!("dynamic range {range}"));
    format!(
        "All ports: {dynamic}, {} reserved, {} excluded, {} in use",
        count(lanes.reserved.len()),
        count(lanes.kept.len()),
        count(lanes.in_use.len())
    )
}
