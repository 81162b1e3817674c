//! The part of the map that is shown large: zoomed by wheel, buttons and keys, moved by dragging and arrows, and everything on it can be
//! chosen.

use eframe::egui::{
    EventFilter, Id, Key, Modifiers, Pos2, Rect, Response, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::flags;
use super::lanes::{self, Lane, Track};
use super::scale::{Scale, hit, ticks};
use super::{LABELS, Palette};
use crate::app::ranges::{Holds, View};
use crate::app::{Command, RangesCommand, RangesState};
use crate::machine::{Port, PortRange};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::Button;

const LANE: f32 = 28.0;
/// Title, buttons and flags above the tracks.
const ABOVE: f32 = 68.0;
/// One press on plus shows half as many ports.
const STEP: f64 = 0.5;
const SECONDS: f32 = 0.15;

/// Shows it. `adds` previews an exclusion of the chosen ports.
pub fn show(ui: &mut Ui, ranges: &RangesState, all: &[Lane], palette: Palette, adds: bool, out: &mut Vec<Command>) -> Rect {
    let t = tokens(ui);
    let lanes_height = all.len() as f32 * (LANE + 4.0) - 4.0;
    let (_, card) = ui.allocate_space(vec2(ui.available_width(), ABOVE + lanes_height + 39.0));
    paint::boxed(ui, card, 8, t.surface, t.line);
    head(ui, card, ranges, out);

    let x = eframe::egui::Rangef::new(card.left() + LABELS, card.right() - 16.0);
    let id = ui.make_persistent_id("map");
    let area = Rect::from_x_y_ranges(x, card.top() + ABOVE - 28.0..=card.top() + ABOVE + lanes_height);
    let response = ui.interact(area, id, Sense::click_and_drag());
    let view = ranges.view;
    let name = format!(
        "Map of the ports {} to {}. Arrow keys move it, plus and minus zoom, Home shows all, Page Up and Page Down go from thing to thing",
        view.first(),
        view.last()
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let scale = animated(ui, id, x, view, response.is_pointer_button_down_on());
    let shown = (view.first(), view.last());

    let tracks = lanes::tracks(all, x, card.top() + ABOVE, LANE);
    for track in &tracks {
        lanes::ground(ui, track, card.left() + 16.0, None);
        content(ui, track, ranges, &scale, shown);
    }
    let bottom = card.top() + ABOVE + lanes_height;
    let most = if x.span() < 360.0 { 4 } else { 8 };
    lanes::ticks(ui, &scale, &ticks(view.first(), view.last(), most), x, bottom + 3.0);
    if adds {
        preview(ui, &tracks, ranges, &scale);
    }
    flags::show(ui, ranges, &scale, palette, card.top() + ABOVE, bottom, x, out);
    ring(ui, &tracks, ranges, &scale, palette);
    if response.has_focus() {
        paint::focus_ring(ui, area.with_min_y(card.top() + ABOVE).shrink(1.0), 4);
        keys(ui, &response, ranges, out);
    }
    pointer(ui, &response, ranges, &scale, &tracks, out);
    card
}

/// What is shown, what the pointer can do, and the buttons.
fn head(ui: &mut Ui, card: Rect, ranges: &RangesState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let view = ranges.view;
    let middle = card.top() + 24.0;
    let mut right = card.right() - 16.0;
    let plus = Button::second("").icon(Icon::Plus).low().name("Zoom in");
    let minus = Button::second("").icon(Icon::Minus).low().name("Zoom out");
    let centre = place_to_keep(ranges);
    let mut put = |ui: &mut Ui, button: Button, command: RangesCommand| {
        let width = button.width(ui);
        right -= width;
        let rect = Rect::from_min_size(pos2(right, middle - 16.0), vec2(width, 32.0));
        right -= 8.0;
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("zoom", width.to_bits(), right.to_bits())));
        if child.add(button).clicked() {
            out.push(Command::Ranges(command));
        }
    };
    put(ui, plus, RangesCommand::View(view.zoomed(STEP, centre)));
    put(ui, minus, RangesCommand::View(view.zoomed(1.0 / STEP, centre)));
    if let Some(about) = &ranges.about {
        let find = Button::second(format!("Find {}", about.ports())).low();
        if find.width(ui) < card.width() * 0.4 {
            put(ui, find, RangesCommand::Find);
        }
    }
    let title = format!("{}\u{2013}{}", view.first(), view.last());
    let galley = Text::Section.line(ui, &title, t.text, 160.0);
    let note_left = card.left() + 16.0 + galley.size().x + 12.0;
    paint::line_left(ui, galley, pos2(card.left() + 16.0, middle));
    let note = Text::Label.line(ui, "scroll to zoom, drag to move", t.text2, (right - note_left).max(0.0));
    if !note.elided {
        paint::line_left(ui, note, pos2(note_left, middle));
    }
}

/// Zooming keeps the chosen ports where they are; without them the middle.
fn place_to_keep(ranges: &RangesState) -> f64 {
    let (first, last) = (f64::from(ranges.view.first()), f64::from(ranges.view.last()) + 1.0);
    let chosen = ranges.span().map(|range| f64::midpoint(f64::from(range.start()), f64::from(range.end()) + 1.0));
    chosen.filter(|place| (first..last).contains(place)).unwrap_or(f64::midpoint(first, last))
}

/// The scale of the view, on its way from the one before.
fn animated(ui: &Ui, id: Id, x: eframe::egui::Rangef, view: View, direct: bool) -> Scale {
    let wheel = ui.input(|input| input.smooth_scroll_delta != vec2(0.0, 0.0));
    let time = if ui.style().animation_time > 0.0 && !direct && !wheel { SECONDS } else { 0.0 };
    let from = ui.ctx().animate_value_with_time(id.with("from"), f32::from(view.first()), time);
    let to = ui.ctx().animate_value_with_time(id.with("to"), f32::from(view.last()) + 1.0, time);
    Scale::even(x.min, x.max, from, to.max(from + 1.0))
}

fn content(ui: &Ui, track: &Track, ranges: &RangesState, scale: &Scale, shown: (Port, Port)) {
    let t = tokens(ui);
    let marks = track.lane.marks(&ranges.lanes, scale, shown);
    for (index, mark) in marks.iter().enumerate() {
        let rect = Rect::from_x_y_ranges(mark.left..=mark.right, track.rect.y_range());
        let name = || PortRange::new(mark.first, mark.last).map(|range| range.to_string().replace('-', "\u{2013}"));
        // The needle must not hide what it points to.
        let hidden = track.lane == Lane::Excluded && rect.width() < 8.0 && ranges.chosen.contains(mark.first);
        let rect = if hidden { Rect::from_center_size(rect.center(), vec2(16.0, rect.height() - 4.0)) } else { rect };
        match track.lane {
            Lane::Dynamic => {
                lanes::dynamic(ui, rect);
                dynamic_label(ui, rect, ranges);
            }
            Lane::Reserved => {
                lanes::reserved(ui, rect, if rect.width() > 12.0 { 4 } else { 0 });
                lanes::label(ui, rect, &name().unwrap_or_default(), t.on_status);
            }
            Lane::Excluded => {
                let holds = lanes::holds(&ranges.lanes.kept, mark);
                lanes::excluded(ui, rect, holds);
                let text = match holds {
                    Holds::Always => name().unwrap_or_default(),
                    Holds::NowOnly | Holds::NextOnly => format!("{}, {}", name().unwrap_or_default(), holds.as_str()),
                };
                lanes::label(ui, rect, &text, t.text);
            }
            Lane::InUse => {
                let next = marks.get(index + 1).map_or(track.rect.right(), |next| next.left);
                in_use(ui, rect, mark.first, mark.count, next);
            }
        }
    }
}

fn dynamic_label(ui: &Ui, rect: Rect, ranges: &RangesState) {
    let t = tokens(ui);
    let Some(range) = ranges.lanes.dynamic else { return };
    let dash = |range: PortRange| range.to_string().replace('-', "\u{2013}");
    let next = ranges.lanes.dynamic_next.map(|next| format!("; {} after a restart", dash(next))).unwrap_or_default();
    let galley =
        Text::LabelStrong.line(ui, &format!("{}, handed out to clients{next}", dash(range)), t.text, rect.width() - 24.0);
    if galley.elided {
        return;
    }
    let ground =
        Rect::from_min_size(pos2(rect.left() + 8.0, rect.top() + 2.0), vec2(galley.size().x + 16.0, rect.height() - 4.0));
    ui.painter().rect_filled(ground, 0, t.accent_bg);
    paint::line_left(ui, galley, pos2(ground.left() + 8.0, rect.center().y));
}

fn in_use(ui: &Ui, rect: Rect, port: Port, count: usize, next: f32) {
    let t = tokens(ui);
    let middle = rect.center();
    if rect.width() > 12.0 && count > 1 {
        ui.painter().rect_filled(Rect::from_center_size(middle, vec2(rect.width(), 8.0)), 4, t.text);
        return;
    }
    ui.painter().circle_filled(middle, 4.0, t.text);
    let galley = Text::Label.line(ui, &port.to_string(), t.text2, f32::INFINITY);
    if count == 1 && middle.x + 11.0 + galley.size().x + 8.0 < next {
        paint::line_left(ui, galley, pos2(middle.x + 11.0, middle.y));
    }
}

/// What excluding the chosen ports would add.
fn preview(ui: &Ui, tracks: &[Track], ranges: &RangesState, scale: &Scale) {
    let Some(track) = tracks.iter().find(|track| track.lane == Lane::Excluded) else { return };
    for range in ranges.chosen.ranges() {
        if let Some(span) = scale.span(*range) {
            added(ui, track, *range, span);
        }
    }
}

/// One block of it.
fn added(ui: &Ui, track: &Track, range: PortRange, (left, right): (f32, f32)) {
    let t = tokens(ui);
    let middle = f32::midpoint(left, right);
    let half = ((right - left) / 2.0).max(8.0);
    let rect = Rect::from_x_y_ranges(middle - half..=middle + half, track.rect.top() + 2.0..=track.rect.bottom() - 2.0);
    ui.painter().rect_filled(rect, 3, t.ok_bg.gamma_multiply(0.6));
    lanes::dashed(ui, rect, t.ok);
    let text = format!("{} would be added here", range.to_string().replace('-', "\u{2013}"));
    let galley = Text::LabelStrong.line(ui, &text, t.ok, f32::INFINITY);
    let width = galley.size().x + 20.0;
    let left = if rect.right() + 12.0 + width < track.rect.right() { rect.right() + 12.0 } else { rect.left() - 12.0 - width };
    if left > track.rect.left() {
        paint::icon(ui, Icon::Plus, 14.0, pos2(left + 7.0, rect.center().y - 1.0), t.ok);
        paint::line_left(ui, galley, pos2(left + 20.0, rect.center().y));
    }
}

/// A ring where the needle meets the lane of ports in use: empty where nobody has the port.
fn ring(ui: &Ui, tracks: &[Track], ranges: &RangesState, scale: &Scale, palette: Palette) {
    let Some(range) = ranges.block().filter(|range| range.count() == 1) else { return };
    let Some((left, right)) = scale.span(range) else { return };
    let Some(track) = tracks.iter().find(|track| track.lane == Lane::InUse) else { return };
    let center = pos2(f32::midpoint(left, right), track.rect.center().y);
    let used = ranges.lanes.in_use.binary_search_by_key(&range.start(), |used| used.port).is_ok();
    let t = tokens(ui);
    ui.painter().circle(center, 6.0, if used { t.text } else { t.sunken }, Stroke::new(2.0, palette.flag));
}

fn keys(ui: &Ui, response: &Response, ranges: &RangesState, out: &mut Vec<Command>) {
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let (view, place) = (ranges.view, place_to_keep(ranges));
    let tenth = f64::from(view.count()) / 10.0;
    let commands = [
        (Key::ArrowLeft, RangesCommand::View(view.moved(-tenth))),
        (Key::ArrowRight, RangesCommand::View(view.moved(tenth))),
        (Key::Plus, RangesCommand::View(view.zoomed(STEP, place))),
        (Key::Equals, RangesCommand::View(view.zoomed(STEP, place))),
        (Key::Minus, RangesCommand::View(view.zoomed(1.0 / STEP, place))),
        (Key::Home, RangesCommand::View(View::ALL)),
        (Key::PageDown, RangesCommand::Step { forward: true }),
        (Key::PageUp, RangesCommand::Step { forward: false }),
    ];
    out.extend(commands.into_iter().filter(|(key, _)| pressed(*key)).map(|(_, command)| Command::Ranges(command)));
}

fn pointer(ui: &Ui, response: &Response, ranges: &RangesState, scale: &Scale, tracks: &[Track], out: &mut Vec<Command>) {
    let mut give = |command| out.push(Command::Ranges(command));
    let begin = response.id.with("view at the begin of the drag");
    if response.drag_started() {
        ui.data_mut(|data| data.insert_temp(begin, ranges.view));
    }
    if response.dragged() {
        let view = ui.data(|data| data.get_temp::<View>(begin)).unwrap_or(ranges.view);
        let dragged = response.total_drag_delta().unwrap_or_default().x;
        let per_point = f64::from(view.count()) / f64::from(response.rect.width());
        give(RangesCommand::View(view.moved(-f64::from(dragged) * per_point)));
    }
    let Some(at) = response.hover_pos() else { return };
    // The wheel zooms here and does not scroll the page.
    let (wheel, pinch) = ui.input_mut(|input| (std::mem::take(&mut input.smooth_scroll_delta), input.zoom_delta()));
    let factor = f64::from(-wheel.y * 0.004).exp() / f64::from(pinch);
    if (factor - 1.0).abs() > 0.001 {
        give(RangesCommand::View(ranges.view.zoomed(factor, f64::from(scale.place(at.x)))));
    } else if wheel.x.abs() > 0.0 {
        let per_point = f64::from(ranges.view.count()) / f64::from(response.rect.width());
        give(RangesCommand::View(ranges.view.moved(-f64::from(wheel.x) * per_point)));
    }
    let under = under_pointer(ranges, scale, tracks, at);
    if response.clicked() {
        give(RangesCommand::Choose(under.unwrap_or_else(|| PortRange::single(scale.port(at.x)))));
    } else if !response.dragged() {
        let text = tooltip(ranges, under, scale.port(at.x));
        response.clone().on_hover_text_at_pointer(text);
    }
}

/// The thing under the pointer; nothing in the dynamic range, where every port is meant by itself.
fn under_pointer(ranges: &RangesState, scale: &Scale, tracks: &[Track], at: Pos2) -> Option<PortRange> {
    let track = tracks.iter().find(|track| track.rect.y_range().contains(at.y))?;
    if track.lane == Lane::Dynamic {
        return None;
    }
    let marks = track.lane.marks(&ranges.lanes, scale, (ranges.view.first(), ranges.view.last()));
    hit(&marks, at.x, 5.0).and_then(|mark| PortRange::new(mark.first, mark.last).ok())
}

fn tooltip(ranges: &RangesState, under: Option<PortRange>, port: Port) -> String {
    let range = under.unwrap_or_else(|| PortRange::single(port));
    let process = ranges.lanes.in_use.iter().find(|used| range.count() == 1 && used.port == range.start());
    let who = process.and_then(|used| used.process.as_deref()).map(|name| format!(", {}", crate::machine::visible(name)));
    let wanted = ranges.lanes.wanted.iter().find(|wanted| range.count() == 1 && wanted.port == range.start());
    let service = wanted.map(|wanted| format!(", wanted by {}", crate::machine::visible(&wanted.service)));
    format!("{}{}{}", range.to_string().replace('-', "\u{2013}"), who.unwrap_or_default(), service.unwrap_or_default())
}
