//! Status discs and state words: a shape and a word for every state, so that colour is never alone.

use eframe::egui::{Pos2, Ui, pos2};

use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

/// A filled disc with the glyph of a status.
#[derive(Debug, Clone, Copy)]
pub struct Disc(pub Status);

impl Disc {
    /// The glyph that says the same as the colour.
    pub const fn glyph(status: Status) -> Icon {
        match status {
            Status::Ok => Icon::Check,
            Status::Warn => Icon::TriangleAlert,
            Status::Err => Icon::X,
            Status::Info => Icon::Info,
            Status::Neutral => Icon::Minus,
        }
    }

    /// Paints it. `diameter` 20, 32 or 40.
    pub fn paint(self, ui: &Ui, center: Pos2, diameter: f32) {
        let t = tokens(ui);
        ui.painter().circle_filled(center, diameter / 2.0, t.status(self.0));
        let color = if self.0 == Status::Info { t.on_accent } else { t.on_status };
        paint::icon_in_disc(ui, Self::glyph(self.0), (diameter * 0.6).round(), center, color);
    }
}

/// A disc with the soft ground of a status, for rows of lists.
pub fn soft_disc(ui: &Ui, center: Pos2, diameter: f32, status: Status, icon: Icon) {
    let t = tokens(ui);
    ui.painter().circle_filled(center, diameter / 2.0, t.status_bg(status));
    paint::icon_in_disc(ui, icon, (diameter * 0.6).round().min(28.0), center, t.status(status));
}

/// An icon and a word in the colour of a status; gives the right end.
pub fn state_word(ui: &Ui, left_center: Pos2, status: Status, icon: Icon, word: &str, max_width: f32) -> f32 {
    let color = tokens(ui).status(status);
    paint::icon(ui, icon, 14.0, left_center + eframe::egui::vec2(7.0, 0.0), color);
    let galley = Text::DetailStrong.line(ui, word, color, max_width - 20.0);
    let right = left_center.x + 20.0 + galley.size().x;
    paint::line_left(ui, galley, pos2(left_center.x + 20.0, left_center.y));
    right
}
