//! The before and after table: each check with what it was, what it is now, and how it ended.

use eframe::egui::{Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};
use egui_extras::{Column, TableBuilder};

use super::state_word;
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
pub struct Row {
    /// What was checked.
    pub what: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub now: String,
    /// How it ended: status, icon and word.
    pub result: (Status, Icon, &'static str),
    /// Where it was read.
    pub source: String,
}

/// Shows the rows under their heads, without a card around them.
pub fn table(ui: &mut Ui, rows: &[Row]) {
    let t = tokens(ui);
    let width = ui.available_width();
    let starts = COLUMNS.map(|column| column / 760.0 * width);
    let ends = [starts[1], starts[2], starts[3], width];
    ui.spacing_mut().item_spacing = Vec2::ZERO;
    let mut table = TableBuilder::new(ui).id_salt("before and after").vscroll(false).sense(Sense::hover());
    let mut left = 0.0;
    for end in ends {
        table = table.column(Column::exact(end - left).clip(true));
        left = end;
    }
    let heads = ["Check", "Before", "Now", "Result"];
    let table = table.header(HEAD, |mut header| {
        for (index, head) in heads.into_iter().enumerate() {
            header.col(|ui| {
                let galley = Text::LabelStrong.line(ui, head, t.text3, 160.0);
                let rect = ui.max_rect();
                paint::line_left(ui, galley, pos2(rect.left() + indent(index, starts), rect.center().y + 2.0));
            });
        }
    });
    table.body(|body| {
        body.rows(ROW, rows.len(), |mut line| {
            let row = &rows[line.index()];
            for index in 0..heads.len() {
                line.col(|ui| {
                    let mut rect = ui.max_rect();
                    paint::rule(ui, rect.x_range(), rect.top() + 0.5, t.line);
                    rect.min.x += indent(index, starts);
                    cell(ui, rect, index, row);
                });
            }
            let name = format!("{}: before {}, now {}, {}", row.what, row.before, row.now, row.result.2);
            let response = line.response();
            response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &name));
            let whole = format!("{}\nBefore: {}\nNow: {}\nRead from {}", row.what, row.before, row.now, row.source);
            response.on_hover_text(whole);
        });
    });
}

/// The first column begins a little inside the card, the others where they are.
const fn indent(column: usize, starts: [f32; 4]) -> f32 {
    if column == 0 { starts[0] } else { 0.0 }
}

fn cell(ui: &Ui, rect: Rect, column: usize, row: &Row) {
    let t = tokens(ui);
    let start = pos2(rect.left(), rect.center().y);
    match column {
        0 => paint::line_left(ui, Text::Body.middle_elided(ui, &row.what, t.text, rect.width() - 12.0), start),
        1 => {
            paint::line_left(ui, Text::Detail.middle_elided(ui, &row.before, t.text2, rect.width() - 40.0), start);
            paint::icon(ui, Icon::ArrowRight, 14.0, pos2(rect.right() - 20.0, start.y), t.text2);
        }
        2 => paint::line_left(ui, Text::DetailStrong.middle_elided(ui, &row.now, t.text, rect.width() - 12.0), start),
        _ => {
            let (status, icon, word) = row.result;
            state_word(ui, start, status, icon, word, rect.width() - 8.0);
        }
    }
}
