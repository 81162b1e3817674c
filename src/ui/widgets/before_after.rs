//! The before and after table: each check with what it was, what it is now, and how it ended.

use std::sync::Arc;

use eframe::egui::{Galley, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};
use egui_extras::{Column, TableBuilder};

use super::state_word;
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

const HEAD: f32 = 28.0;
const ROW: f32 = 36.0;
/// The most lines of a text in a row.
const LINES: usize = 3;
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
    let heights: Vec<f32> = rows.iter().map(|row| height(ui, row, starts)).collect();
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
        body.heterogeneous_rows(heights.into_iter(), |mut line| {
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

/// What a row says in one of its first three columns, in a column of this width.
fn words(ui: &Ui, row: &Row, column: usize, width: f32) -> Arc<Galley> {
    let t = tokens(ui);
    match column {
        0 => Text::Body.paragraph(ui, &row.what, t.text, width - 12.0, LINES),
        1 => Text::Detail.paragraph(ui, &row.before, t.text2, width - 40.0, LINES),
        _ => Text::DetailStrong.paragraph(ui, &row.now, t.text, width - 12.0, LINES),
    }
}

/// The height of a row: that of its longest text.
fn height(ui: &Ui, row: &Row, starts: [f32; 4]) -> f32 {
    let columns = (0..3).map(|column| words(ui, row, column, starts[column + 1] - starts[column]).size().y);
    columns.fold(20.0, f32::max) + ROW - 20.0
}

fn cell(ui: &Ui, rect: Rect, column: usize, row: &Row) {
    let t = tokens(ui);
    let start = pos2(rect.left(), rect.center().y);
    if column == 3 {
        let (status, icon, word) = row.result;
        state_word(ui, start, status, icon, word, rect.width() - 8.0);
        return;
    }
    paint::line_left(ui, words(ui, row, column, rect.width()), start);
    if column == 1 {
        paint::icon(ui, Icon::ArrowRight, 14.0, pos2(rect.right() - 20.0, start.y), t.text2);
    }
}
