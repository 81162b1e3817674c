//! One bar for ports by state: connected solid and closing hatched; what a program should have given back is in the colour of a warning,
//! left open hatched and bound solid.

use eframe::egui::{Color32, Rect, Stroke, Ui, pos2};

use crate::diagnosis::exhaustion::StateCounts;
use crate::ui::paint;
use crate::ui::theme::{Status, tokens};

/// What a part of the bar stands for, in the order of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Connected,
    LeftOpen,
    Closing,
    Bound,
}

impl Part {
    pub const ALL: [Self; 4] = [Self::Connected, Self::LeftOpen, Self::Closing, Self::Bound];

    /// How many ports it has.
    pub fn of(self, states: &StateCounts) -> u32 {
        match self {
            Self::Connected => states.connected(),
            Self::LeftOpen => states.left_open(),
            Self::Closing => states.closing(),
            Self::Bound => states.bound(),
        }
    }
}

/// The bar in `rect`, which is as wide as `whole` ports. A part that is there can be seen.
pub fn show(ui: &Ui, rect: Rect, states: &StateCounts, whole: u32) {
    let mut left = rect.left();
    for part in Part::ALL {
        let ports = part.of(states);
        if ports == 0 || whole == 0 {
            continue;
        }
        let width = (rect.width() * (ports as f32 / whole as f32)).max(2.0);
        let right = (left + width).min(rect.right());
        swatch(ui, Rect::from_x_y_ranges(left..=right, rect.y_range()), part);
        left = right;
    }
}

/// The ground of a part, also for the heads of columns.
pub fn swatch(ui: &Ui, rect: Rect, part: Part) {
    let t = tokens(ui);
    match part {
        Part::Connected => drop(ui.painter().rect_filled(rect, 2, t.accent)),
        Part::Bound => drop(ui.painter().rect_filled(rect, 2, t.warn)),
        Part::Closing => hatched(ui, rect, t.accent_bg, t.accent),
        Part::LeftOpen => hatched(ui, rect, t.status_bg(Status::Warn), t.warn),
    }
}

fn hatched(ui: &Ui, rect: Rect, ground: Color32, color: Color32) {
    ui.painter().rect_filled(rect, 2, ground);
    paint::hatch(ui, rect, 5.0, Stroke::new(1.5, color));
}

/// The words for screen readers: how many ports each part has.
pub fn in_words(states: &StateCounts) -> String {
    let said = Part::ALL.map(|part| {
        let word = match part {
            Part::Connected => "connected",
            Part::LeftOpen => "left open",
            Part::Closing => "closing",
            Part::Bound => "bound",
        };
        format!("{} {word}", part.of(states))
    });
    said.join(", ")
}

/// A swatch of the size of text with its left end and middle there; gives its right end.
pub fn legend(ui: &Ui, left: f32, middle: f32, part: Part) -> f32 {
    let rect = Rect::from_min_max(pos2(left, middle - 5.0), pos2(left + 12.0, middle + 5.0));
    swatch(ui, rect, part);
    rect.right()
}
