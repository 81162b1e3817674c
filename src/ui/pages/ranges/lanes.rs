//! What lies in the lanes of the map, in the overview and large. Only what is visible is worked out.

use eframe::egui::{Rangef, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::scale::{Mark, Scale};
use crate::app::ranges::{Holds, Kept, Lanes};
use crate::machine::PortRange;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// A lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The dynamic range.
    Dynamic,
    /// Blocks that other programs reserved.
    Reserved,
    /// Exclusions.
    Excluded,
    /// Ports that somebody has.
    InUse,
}

impl Lane {
    /// The lanes from top to bottom. A system without reserved blocks has no lane for them.
    pub fn of(lanes: &Lanes, windows: bool) -> Vec<Self> {
        let reserved = windows || !lanes.reserved.is_empty();
        let all = [Self::Dynamic, Self::Reserved, Self::Excluded, Self::InUse];
        all.into_iter().filter(|lane| *lane != Self::Reserved || reserved).collect()
    }

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Dynamic => "Dynamic range",
            Self::Reserved => "Reserved",
            Self::Excluded => "Excluded",
            Self::InUse => "In use",
        }
    }

    /// The marks of what lies in it, as far as it is on the scale.
    pub fn marks(self, lanes: &Lanes, scale: &Scale, (first, last): (u16, u16)) -> Vec<Mark> {
        let shown = |range: &PortRange| range.start() <= last && range.end() >= first;
        match self {
            Self::Dynamic => scale.marks(lanes.dynamic),
            Self::Reserved => scale.marks(lanes.reserved.iter().map(|block| block.range).filter(shown)),
            Self::Excluded => scale.marks(lanes.kept.iter().map(|kept| kept.range).filter(shown)),
            Self::InUse => {
                let from = lanes.in_use.partition_point(|used| used.port < first);
                let to = lanes.in_use.partition_point(|used| used.port <= last);
                scale.marks(lanes.in_use[from..to].iter().map(|used| PortRange::single(used.port)))
            }
        }
    }
}

/// A lane's place: its name at the left, its track.
#[derive(Debug, Clone, Copy)]
pub struct Track {
    /// Which lane.
    pub lane: Lane,
    /// Where it lies.
    pub rect: Rect,
}

/// The tracks from `top` down, each `height` high.
pub fn tracks(all: &[Lane], x: Rangef, top: f32, height: f32) -> Vec<Track> {
    let track = |(index, lane): (usize, &Lane)| {
        let top = top + index as f32 * (height + 4.0);
        Track { lane: *lane, rect: Rect::from_x_y_ranges(x, top..=top + height) }
    };
    all.iter().enumerate().map(track).collect()
}

/// The lane's name and its empty track, cut by `gap`.
pub fn ground(ui: &Ui, track: &Track, label_left: f32, gap: Option<(f32, f32)>) {
    let t = tokens(ui);
    let middle = track.rect.center().y;
    let galley = Text::LabelStrong.line(ui, track.lane.title(), t.text2, track.rect.left() - label_left - 8.0);
    paint::line_left(ui, galley, pos2(label_left, middle));
    let Some((end, start)) = gap else {
        ui.painter().rect_filled(track.rect, 3, t.sunken);
        return;
    };
    ui.painter().rect_filled(track.rect.with_max_x(end), 3, t.sunken);
    ui.painter().rect_filled(track.rect.with_min_x(start), 3, t.sunken);
}

/// A hatched part of the dynamic range.
pub fn dynamic(ui: &Ui, rect: Rect) {
    let t = tokens(ui);
    ui.painter().rect_filled(rect, 0, t.accent_bg);
    paint::hatch(ui, rect, 7.0, Stroke::new(1.0, t.accent.gamma_multiply(0.45)));
}

/// A reserved block.
pub fn reserved(ui: &Ui, rect: Rect, radius: u8) {
    ui.painter().rect_filled(rect, radius, tokens(ui).text2);
}

/// An excluded block. Place and pattern tell when it counts: filled always, empty until the restart, dashed from the restart on.
pub fn excluded(ui: &Ui, rect: Rect, holds: Holds) {
    let t = tokens(ui);
    if rect.width() < 6.0 {
        let fill = if holds == Holds::NextOnly { t.ok.gamma_multiply(0.5) } else { t.ok };
        ui.painter().rect_filled(rect, 0, fill);
        return;
    }
    match holds {
        Holds::Always => {
            ui.painter().rect_filled(rect, 3, t.ok_bg);
            paint::outline(ui, rect, 3, 1.5, t.ok);
        }
        Holds::NowOnly => paint::outline(ui, rect, 3, 1.5, t.ok),
        Holds::NextOnly => dashed(ui, rect, t.ok),
    }
}

/// A dashed box: what is not there yet.
pub fn dashed(ui: &Ui, rect: Rect, color: eframe::egui::Color32) {
    let rect = rect.shrink(0.75);
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    ui.painter().extend(Shape::dashed_line(&corners, Stroke::new(1.5, color), 4.0, 3.0));
}

/// The label of a block in its middle, where it has room.
pub fn label(ui: &Ui, rect: Rect, text: &str, color: eframe::egui::Color32) {
    let galley = Text::LabelStrong.line(ui, text, color, f32::INFINITY);
    if galley.size().x + 12.0 <= rect.width() {
        paint::line_center(ui, galley, rect.center());
    }
}

/// When the exclusion that begins a mark counts.
pub fn holds(kept: &[Kept], mark: &Mark) -> Holds {
    let at = kept.partition_point(|own| own.range.start() < mark.first);
    kept.get(at).map_or(Holds::Always, |own| own.holds)
}

/// The dynamic range in a box of its own, for the legend.
pub fn swatch(ui: &Ui, lane: Lane, rect: Rect) {
    let t = tokens(ui);
    match lane {
        Lane::Dynamic => dynamic(ui, rect),
        Lane::Reserved => reserved(ui, rect, 3),
        Lane::Excluded => excluded(ui, rect, Holds::Always),
        Lane::InUse => {
            ui.painter().rect_filled(rect, 3, t.sunken);
            ui.painter().circle_filled(rect.center() + vec2(0.0, 0.0), 4.0, t.text);
        }
    }
}

/// Ticks with their numbers below the tracks.
pub fn ticks(ui: &Ui, scale: &Scale, ports: &[u32], x: Rangef, top: f32) {
    let t = tokens(ui);
    let mut free_from = f32::MIN;
    for (index, port) in ports.iter().enumerate() {
        let place = if *port == 65535 { 65536.0 } else { *port as f32 };
        let at = scale.x(place).clamp(x.min, (x.max - 1.0).max(x.min));
        paint::vertical_rule(ui, at, (top..=top + 4.0).into(), t.line2);
        let galley = Text::Label.line(ui, &port.to_string(), t.text3, 64.0);
        let left = (at - galley.size().x / 2.0).clamp(x.min, (x.max - galley.size().x).max(x.min));
        let last = index + 1 == ports.len();
        // A number that would touch the one before it, or the last one, is left out; its tick stays.
        let next_is_near = ports.last().is_some_and(|end| !last && *end == 65535 && left + galley.size().x + 8.0 > x.max - 36.0);
        if left >= free_from && !next_is_near {
            free_from = left + galley.size().x + 8.0;
            paint::place(ui, galley, pos2(left, top + 7.0));
        }
    }
}
