//! The strip over every page that says that the computer is a practice machine, and leads back to the real one.

use eframe::egui::{CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use crate::app::{Command, Practice, PracticeCommand};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::link_at;
use crate::ui::{paint, words};

/// How high it is.
pub const HEIGHT: f32 = 40.0;
/// The room for the way back.
const LEAVE: f32 = 132.0;

/// Shows the strip.
pub fn strip(ui: &mut Ui, rect: Rect, practice: &Practice, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let text = format!("Practice machine {}: nothing real is changed", words::shown(&practice.name));
    ui.painter().rect_filled(rect, CornerRadius::ZERO, t.accent_bg);
    paint::rule(ui, rect.x_range(), rect.bottom(), t.accent.gamma_multiply(0.45));
    let response = ui.interact(rect, ui.make_persistent_id("practice"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    let (left, right, middle) = (rect.left() + 32.0, rect.right() - 32.0, rect.center().y);
    paint::icon(ui, Icon::ShieldCheck, 18.0, pos2(left + 9.0, middle), t.accent);
    let galley = Text::DetailStrong.line(ui, &text, t.text, right - left - 28.0 - LEAVE);
    paint::line_left(ui, galley, pos2(left + 28.0, middle));
    if link_at(ui, pos2(right, middle), None, "Leave practice", "Leave practice").clicked() {
        out.push(Command::Practice(PracticeCommand::Leave));
    }
}
