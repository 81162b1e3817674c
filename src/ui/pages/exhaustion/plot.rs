//! The ports in use over time: how many now, the line with its limit, and where it goes.

use std::fmt::Write as _;

use eframe::egui::epaint::{Mesh, PathStroke, Vertex, WHITE_UV};
use eframe::egui::{Color32, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use jiff::{SignedDuration, Timestamp};

use super::axis;
use super::words::{number, outlook, table};
use crate::app::{AppState, ExhaustionState};
use crate::diagnosis::exhaustion::Usage;
use crate::machine::PortEvent;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::Disc;

const HEIGHT: f32 = 280.0;
/// Beside the plot: the numbers of ports, and the limit.
const LEFT: f32 = 76.0;
const RIGHT: f32 = 88.0;
/// The figure above it, and the times below.
const TOP: f32 = 76.0;
const BOTTOM: f32 = 40.0;
/// The forecast stands below the figure where this much of the width is not left for it.
const FIGURE: f32 = 320.0;
const SECOND_ROW: f32 = 40.0;
/// The plot is never of less time than this.
const LEAST: SignedDuration = SignedDuration::from_mins(1);
/// The room that a time takes.
const TIME: f32 = 96.0;
const MOST_EVENTS: usize = 2;

pub fn show(ui: &mut Ui, state: &AppState, usage: &Usage) {
    let t = tokens(ui);
    let own = state.shown_exhaustion();
    let (Some(latest), Some(forecast)) = (own.latest.as_deref(), own.forecast()) else { return };
    let (status, said) = outlook(usage, forecast);
    let badge = Text::Strong.line(ui, &said, t.text, f32::INFINITY);
    let width = ui.available_width();
    let below = if badge.size().x + 48.0 + FIGURE > width { SECOND_ROW } else { 0.0 };
    let (card, _) = ui.allocate_exact_size(vec2(width, HEIGHT + below), Sense::hover());
    paint::boxed(ui, card, 8, t.surface, t.line);
    figure(ui, card, usage);
    let badge_at = if below > 0.0 { pos2(card.left() + 20.0, card.top() + 76.0) } else { card.right_top() + vec2(-20.0, 34.0) };
    forecast_badge(ui, badge_at, below > 0.0, badge, status, &said);

    let points = own.points();
    let now = latest.sample.time;
    let begin = points.first().map_or(now, |(time, _)| *time).min(now.saturating_sub(LEAST).unwrap_or(now));
    let shown = now.duration_since(begin);
    let full = forecast.full_in_minutes.map(|minutes| now + SignedDuration::from_secs_f64(minutes * 60.0));
    let area = Rect::from_min_max(
        pos2(card.left() + LEFT, card.top() + TOP + below),
        pos2(card.right() - RIGHT, card.bottom() - BOTTOM),
    );
    let chart = Chart {
        area,
        begin,
        end: now.saturating_add(shown / 4).unwrap_or(now),
        highest: usage.capacity.max(1),
        is_of_files: own.is_of_files(),
    };
    let alternative = in_words(state, usage, points, &said);
    let response = ui.interact(area, ui.make_persistent_id("plot"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &alternative));

    chart.grid(ui, state, now);
    chart.line(ui, points);
    chart.limit(ui);
    if let (Some(full), Some((_, last))) = (full, points.last()) {
        chart.goes_on(ui, (now, *last), full);
    }
    chart.now(ui, state, points.last().copied(), now);
    if !chart.is_of_files {
        chart.events(ui, state, &latest.load.events);
    }
    if let Some((time, ports)) = response.hover_pos().and_then(|at| chart.nearest(points, at.x)) {
        response.on_hover_text_at_pointer(format!("{}: {} ports in use", moment(state, own, time), number(ports)));
    }
}

/// How many of how many.
fn figure(ui: &mut Ui, card: Rect, usage: &Usage) {
    let t = tokens(ui);
    let middle = card.top() + 34.0;
    let many = number(usage.in_use);
    let rest = format!("of {} ports in use", number(usage.capacity));
    let galley = Text::Figure.line(ui, &many, t.text, f32::INFINITY);
    let left = card.left() + 20.0;
    let rest_left = left + galley.size().x + 8.0;
    let galley_rest = Text::Body.line(ui, &rest, t.text2, card.right() - rest_left - 20.0);
    let whole = Rect::from_min_max(pos2(left, middle - 18.0), pos2(rest_left + galley_rest.size().x, middle + 18.0));
    let response = ui.interact(whole, ui.make_persistent_id("figure"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{many} {rest}")));
    paint::line_left(ui, galley, pos2(left, middle));
    paint::line_left(ui, galley_rest, pos2(rest_left, middle + 4.0));
}

/// Where it goes: its right end and middle at `at`, or its left end where `from_left`.
fn forecast_badge(ui: &Ui, at: Pos2, from_left: bool, galley: std::sync::Arc<eframe::egui::Galley>, status: Status, said: &str) {
    let t = tokens(ui);
    let width = galley.size().x + 48.0;
    let left = if from_left { at.x } else { at.x - width };
    let rect = Rect::from_min_size(pos2(left, at.y - 16.0), vec2(width, 32.0));
    let response = ui.interact(rect, ui.make_persistent_id("forecast"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, said));
    ui.painter().rect_filled(rect, 6, t.status_bg(status));
    paint::icon(ui, Disc::glyph(status), 16.0, pos2(rect.left() + 20.0, at.y), t.status(status));
    paint::line_left(ui, galley, pos2(rect.left() + 36.0, at.y));
}

/// When a look was taken; of files only how long before the last one is known.
fn moment(state: &AppState, own: &ExhaustionState, time: Timestamp) -> String {
    match own.latest.as_deref().filter(|_| own.is_of_files()) {
        Some(latest) if latest.sample.time == time => "the last look".to_owned(),
        Some(latest) => axis::ago(latest.sample.time.duration_since(time)),
        None => crate::ui::words::moment(state, time),
    }
}

/// The plot for those who do not see it.
fn in_words(state: &AppState, usage: &Usage, points: &[(Timestamp, u32)], said: &str) -> String {
    let own = state.shown_exhaustion();
    let clock = |time: &Timestamp| moment(state, own, *time);
    let mut text = format!("Ports in use over time, {}", table(usage));
    if let (Some((first, from)), Some((last, to))) = (points.first(), points.last()) {
        // Writing into a String cannot fail.
        let _infallible = write!(text, ": {from} at {}, {to} at {}", clock(first), clock(last));
    }
    if let Some((time, most)) = points.iter().max_by_key(|(_, ports)| *ports) {
        let _infallible = write!(text, ", the most {most} at {}", clock(time));
    }
    let _infallible = write!(text, ". The limit is {}. {said}", usage.capacity);
    text
}

/// Where times and numbers are in the plot.
struct Chart {
    area: Rect,
    begin: Timestamp,
    end: Timestamp,
    /// The limit, a little below the upper end.
    highest: u32,
    /// Whether the looks were taken elsewhere: then only the time between them is known.
    is_of_files: bool,
}

impl Chart {
    fn x(&self, time: Timestamp) -> f32 {
        let whole = self.end.duration_since(self.begin).as_secs_f32().max(1.0);
        self.area.left() + self.area.width() * (time.duration_since(self.begin).as_secs_f32() / whole)
    }

    fn y(&self, ports: u32) -> f32 {
        let part = ports as f32 / (self.highest as f32 * 1.08);
        self.area.bottom() - self.area.height() * part
    }

    /// Round numbers and times.
    fn grid(&self, ui: &Ui, state: &AppState, now: Timestamp) {
        let t = tokens(ui);
        for ports in axis::numbers(self.highest) {
            let y = self.y(ports);
            paint::rule(ui, self.area.x_range(), y, t.line);
            let galley = Text::Label.line(ui, &number(ports), t.text2, LEFT);
            paint::line_right(ui, galley, pos2(self.area.left() - 8.0, y));
        }
        let most = if self.area.width() < 5.0 * TIME { 3 } else { 6 };
        let beside_now = self.x(now);
        let times = if self.is_of_files {
            axis::before(self.begin, now, most)
        } else {
            axis::times(self.begin, self.end, most, &state.zone)
        };
        for (time, text) in times {
            let x = self.x(time);
            if (x - beside_now).abs() > TIME * 0.8 {
                let galley = Text::Label.line(ui, &text, t.text2, TIME);
                paint::line_center(ui, galley, pos2(x, self.area.bottom() + 16.0));
            }
        }
    }

    /// The line with its ground, broken where nobody looked for long.
    fn line(&self, ui: &Ui, points: &[(Timestamp, u32)]) {
        let t = tokens(ui);
        let (strong, faint) = (t.accent.gamma_multiply(0.2), t.accent.gamma_multiply(0.03));
        for run in runs(points) {
            let line: Vec<Pos2> = run.iter().map(|(time, ports)| pos2(self.x(*time), self.y(*ports))).collect();
            let mut mesh = Mesh::default();
            for (index, at) in line.iter().enumerate() {
                let vertex = |pos: Pos2, color: Color32| Vertex { pos, uv: WHITE_UV, color };
                mesh.vertices.extend([vertex(*at, strong), vertex(pos2(at.x, self.area.bottom()), faint)]);
                if let Some(first) = index.checked_sub(1).and_then(|before| u32::try_from(before * 2).ok()) {
                    mesh.indices.extend([first, first + 1, first + 2, first + 1, first + 2, first + 3]);
                }
            }
            ui.painter().add(Shape::mesh(mesh));
            match line.as_slice() {
                [alone] => drop(ui.painter().circle_filled(*alone, 2.0, t.accent)),
                _ => drop(ui.painter().add(Shape::line(line, PathStroke::new(2.0, t.accent)))),
            }
        }
    }

    /// All ports that may be handed out.
    fn limit(&self, ui: &Ui) {
        let t = tokens(ui);
        let y = self.y(self.highest);
        let ends = [pos2(self.area.left(), y), pos2(self.area.right(), y)];
        ui.painter().extend(Shape::dashed_line(&ends, Stroke::new(1.5, t.err), 6.0, 4.0));
        let galley = Text::LabelStrong.line(ui, &number(self.highest), t.err, RIGHT);
        paint::line_left(ui, galley, pos2(self.area.right() + 8.0, y - 7.0));
        let galley = Text::Label.line(ui, "limit", t.err, RIGHT);
        paint::line_left(ui, galley, pos2(self.area.right() + 8.0, y + 9.0));
    }

    /// Where the line goes, as far as the plot reaches.
    fn goes_on(&self, ui: &Ui, (now, last): (Timestamp, u32), full: Timestamp) {
        let t = tokens(ui);
        let (from, to) = (pos2(self.x(now), self.y(last)), pos2(self.x(full), self.y(self.highest)));
        let part = ((self.area.right() - from.x) / (to.x - from.x).max(1.0)).clamp(0.0, 1.0);
        let end = from + (to - from) * part;
        ui.painter().extend(Shape::dashed_line(&[from, end], Stroke::new(1.5, t.accent), 4.0, 4.0));
    }

    /// The newest look.
    fn now(&self, ui: &Ui, state: &AppState, last: Option<(Timestamp, u32)>, now: Timestamp) {
        let t = tokens(ui);
        let x = self.x(now);
        paint::vertical_rule(ui, x, (self.area.top()..=self.area.bottom()).into(), t.line2);
        if let Some((_, ports)) = last {
            ui.painter().circle(pos2(x, self.y(ports)), 5.0, t.surface, Stroke::new(2.0, t.accent));
        }
        let word = if self.is_of_files {
            "last look".to_owned()
        } else {
            format!("now {}", now.to_zoned(state.zone.clone()).strftime("%H:%M"))
        };
        let galley = Text::LabelBold.line(ui, &word, t.text, f32::INFINITY);
        paint::line_center(ui, galley, pos2(x, self.area.bottom() + 16.0));
    }

    /// When the system said that ports ran out.
    fn events(&self, ui: &Ui, state: &AppState, events: &[PortEvent]) {
        let t = tokens(ui);
        let shown = events.iter().filter_map(|event| Some((event.time?, event.id)));
        for (index, (time, id)) in
            shown.filter(|(time, _)| *time >= self.begin && *time <= self.end).take(MOST_EVENTS).enumerate()
        {
            let x = self.x(time);
            let y = self.area.top() + 36.0 + 20.0 * index as f32;
            paint::vertical_rule(ui, x, (y - 8.0..=y + 24.0).into(), t.line2);
            let word = format!("{} event {id}", time.to_zoned(state.zone.clone()).strftime("%H:%M"));
            let galley = Text::Label.line(ui, &word, t.text2, f32::INFINITY);
            if x - galley.size().x - 8.0 > self.area.left() {
                paint::line_right(ui, galley, pos2(x - 8.0, y));
            } else {
                paint::line_left(ui, galley, pos2(x + 8.0, y));
            }
        }
    }

    /// The point under the pointer.
    fn nearest(&self, points: &[(Timestamp, u32)], x: f32) -> Option<(Timestamp, u32)> {
        let after = points.partition_point(|(time, _)| self.x(*time) < x);
        let around = after.checked_sub(1).into_iter().chain([after]).filter_map(|index| points.get(index));
        around.min_by(|one, other| (self.x(one.0) - x).abs().total_cmp(&(self.x(other.0) - x).abs())).copied()
    }
}

/// The points between pauses. A pause is a minute or more, and far longer than the steps on either side of it: old samples lie wider apart.
fn runs(points: &[(Timestamp, u32)]) -> Vec<&[(Timestamp, u32)]> {
    const LEAST_PAUSE: f64 = 60.0;
    const LONGER: f64 = 6.0;
    let step = |at: usize| Some(points.get(at + 1)?.0.duration_since(points.get(at)?.0).as_secs_f64());
    let is_pause = |at: usize| {
        let beside = [at.checked_sub(1).and_then(step), step(at + 1)].into_iter().flatten().reduce(f64::max);
        step(at).is_some_and(|own| own >= LEAST_PAUSE && beside.is_none_or(|beside| own > beside * LONGER))
    };
    let mut runs = Vec::new();
    let mut begin = 0;
    for at in 0..points.len() {
        if at + 1 == points.len() || is_pause(at) {
            runs.push(&points[begin..=at]);
            begin = at + 1;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(seconds: &[i64]) -> Vec<(Timestamp, u32)> {
        seconds.iter().map(|second| (Timestamp::from_second(*second).unwrap(), 1)).collect()
    }

    fn lengths(seconds: &[i64]) -> Vec<usize> {
        runs(&points(seconds)).iter().map(|run| run.len()).collect()
    }

    #[test]
    fn a_line_is_broken_where_nobody_looked() {
        assert_eq!(lengths(&[0, 5, 10, 700, 705, 710]), [3, 3]);
        assert_eq!(lengths(&[0, 5, 10, 15]), [4]);
        assert_eq!(lengths(&[0]), [1]);
        assert_eq!(lengths(&[]), [] as [usize; 0]);
    }

    #[test]
    fn old_samples_that_lie_wider_apart_are_one_line_with_the_new_ones() {
        assert_eq!(lengths(&[0, 160, 320, 400, 480, 520, 560, 580]), [8]);
    }
}
