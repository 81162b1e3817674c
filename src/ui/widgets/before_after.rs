//! The before and after table: each check with what it was, what it is now, and how it ended.

use eframe::egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::state_word;
use crate::machine::visible;
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

const HEAD: f32 = 28.0;
const ROW: f32 = 36.0;
/// Where the columns begin, as parts of 760.
const COLUMNS: [f32; 4] = [16.0, 260.0, 452.0, 648.0];

/// One check.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// What was checked.
    pub what: &'a str,
    /// What it was.
    pub before: &'a str,
    /// What it is.
    pub now: &'a str,
    /// How it ended: status, icon and word.
    pub result: (Status, Icon, &'static str),
    /// Where it was read.
    pub source: &'a str,
}

/// Shows the rows under their heads, without a card around them.
pub fn table(ui: &mut Ui, rows: &[Row<'_>]) {
    let t = tokens(ui);
    let width = ui.available_width();
    let at = COLUMNS.map(|column| column / 760.0 * width);
    let (head, _) = ui.allocate_exact_size(vec2(width, HEAD), Sense::hover());
    for (left, title) in at.iter().zip(["Check", "Before", "Now", "Result"]) {
        let galley = Text::LabelStrong.line(ui, title, t.text3, 160.0);
        paint::line_left(ui, galley, pos2(head.left() + left, head.center().y + 2.0));
    }
    for row in rows {
        let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
        let name = format!("{}: before {}, now {}, {}", row.what, row.before, row.now, row.result.2);
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &name));
        paint::rule(ui, rect.x_range(), rect.top(), t.line);
        cells(ui, rect, at, row);
        let whole = format!("{}\nBefore: {}\nNow: {}\nRead from {}", row.what, row.before, row.now, row.source);
        response.on_hover_text(visible_lines(&whole));
    }
}

/// The text without characters that hide; its own line breaks stay.
fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

fn cells(ui: &Ui, rect: Rect, at: [f32; 4], row: &Row<'_>) {
    let t = tokens(ui);
    let middle = rect.center().y;
    let x = at.map(|left| rect.left() + left);
    let galley = Text::Body.middle_elided(ui, row.what, t.text, x[1] - x[0] - 12.0);
    paint::line_left(ui, galley, pos2(x[0], middle));
    let galley = Text::Detail.middle_elided(ui, row.before, t.text2, x[2] - x[1] - 40.0);
    paint::line_left(ui, galley, pos2(x[1], middle));
    paint::icon(ui, Icon::ArrowRight, 14.0, pos2(x[2] - 20.0, middle), t.text2);
    let galley = Text::DetailStrong.middle_elided(ui, row.now, t.text, x[3] - x[2] - 12.0);
    paint::line_left(ui, galley, pos2(x[2], middle));
    let (status, icon, word) = row.result;
    state_word(ui, pos2(x[3], middle), status, icon, word, rect.right() - x[3] - 8.0);
}
