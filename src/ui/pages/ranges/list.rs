//! The same facts as the map, as a list.

use eframe::egui::{Margin, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use egui_extras::{Column, TableBuilder};

use crate::app::ranges::Lanes;
use crate::app::{Command, RangesCommand, RangesState};
use crate::machine::{PortRange, visible};
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::card;
use crate::ui::words;

const ROW: f32 = 28.0;
const HEIGHT: f32 = 340.0;

/// One line of the list, as a place in the lanes.
#[derive(Debug, Clone, Copy)]
enum Row {
    Dynamic,
    Reserved(usize),
    Kept(usize),
    Wanted(usize),
    InUse(usize),
}

/// Shows it.
pub fn show(ui: &mut Ui, ranges: &RangesState, out: &mut Vec<Command>) {
    let rows = rows(&ranges.lanes);
    card(ui, Margin::symmetric(0, 4), |ui| {
        let t = tokens(ui);
        let width = ui.available_width();
        let columns = [112.0, 148.0, (width - 260.0) / 2.0, (width - 260.0) / 2.0];
        let mut table = TableBuilder::new(ui).id_salt("ranges").max_scroll_height(HEIGHT).min_scrolled_height(HEIGHT);
        for width in columns {
            table = table.column(Column::exact(width).clip(true));
        }
        let heads = ["Ports", "What", "Who or when", "Known from"];
        let table = table.header(32.0, |mut header| {
            for (index, head) in heads.into_iter().enumerate() {
                header.col(|ui| {
                    let rect = ui.max_rect();
                    let galley = Text::LabelBold.line(ui, head, t.text2, rect.width() - 16.0);
                    paint::line_left(ui, galley, pos2(rect.left() + if index == 0 { 16.0 } else { 0.0 }, rect.center().y));
                    paint::rule(ui, rect.x_range(), rect.bottom() - 1.0, t.line);
                });
            }
        });
        table.body(|body| {
            body.rows(ROW, rows.len(), |mut line| {
                let (range, texts) = texts(rows[line.index()], &ranges.lanes);
                let chosen = ranges.chosen == Some(range);
                let name = texts.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(", ");
                let number = line.index();
                for (index, text) in texts.iter().enumerate() {
                    line.col(|ui| {
                        cell(ui, index, text, chosen);
                        if index + 1 == columns.len() && whole_row(ui, number, width, &name, chosen) {
                            out.push(Command::Ranges(RangesCommand::Choose(range)));
                        }
                    });
                }
            });
        });
    });
}

/// What can be pressed is the row and not its cells, so that a row is one stop for the Tab key and one name. Call it in the last cell; true
/// when the row was chosen.
fn whole_row(ui: &mut Ui, number: usize, width: f32, name: &str, chosen: bool) -> bool {
    let last = ui.max_rect();
    let rect = last.with_min_x(last.right() - width);
    let mut row = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("row", number)));
    row.set_clip_rect(ui.clip_rect().with_min_x(rect.left()));
    let response = row.interact(rect, row.make_persistent_id("press"), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, chosen, name));
    if response.has_focus() {
        paint::focus_ring(&row, rect.shrink(3.0), 4);
    }
    response.on_hover_text(name).clicked()
}

fn cell(ui: &Ui, index: usize, text: &str, chosen: bool) {
    let t = tokens(ui);
    let rect = ui.max_rect();
    if chosen {
        ui.painter().rect_filled(rect.expand2(vec2(1.0, 0.0)), 0, t.accent_bg);
    } else if ui.rect_contains_pointer(rect) {
        ui.painter().rect_filled(rect, 0, t.hover);
    }
    let left = rect.left() + if index == 0 { 16.0 } else { 0.0 };
    let role = if index == 0 { Text::SmallCode } else { Text::Detail };
    let galley = role.middle_elided(ui, text, if index < 2 { t.text } else { t.text2 }, rect.right() - left - 12.0);
    paint::line_left(ui, galley, pos2(left, rect.center().y));
}

fn rows(lanes: &Lanes) -> Vec<Row> {
    let mut rows: Vec<Row> = lanes.dynamic.map(|_| Row::Dynamic).into_iter().collect();
    rows.extend((0..lanes.reserved.len()).map(Row::Reserved));
    rows.extend((0..lanes.kept.len()).map(Row::Kept));
    rows.extend((0..lanes.wanted.len()).map(Row::Wanted));
    rows.extend((0..lanes.in_use.len()).map(Row::InUse));
    rows
}

/// The ports and the four texts of a row.
fn texts(row: Row, lanes: &Lanes) -> (PortRange, [String; 4]) {
    let dash = |range: PortRange| range.to_string().replace('-', "\u{2013}");
    match row {
        Row::Dynamic => {
            let range = lanes.dynamic.unwrap_or(PortRange::single(1));
            let next = lanes.dynamic_next.map(|next| format!("{} after a restart", dash(next)));
            let when = next.unwrap_or_else(|| "Handed out to clients".to_owned());
            (range, [dash(range), "Dynamic range".to_owned(), when, String::new()])
        }
        Row::Reserved(index) => {
            let block = &lanes.reserved[index];
            let by_whom = block.by_whom.trim_start_matches([',', ' ']);
            let owner = if by_whom.is_empty() { "By another program".to_owned() } else { words::capital(by_whom) };
            (block.range, [dash(block.range), "Reserved".to_owned(), owner, visible(&block.source)])
        }
        Row::Kept(index) => {
            let kept = &lanes.kept[index];
            let whose = if kept.own { ", by PortMedic" } else { "" };
            let when = words::capital(&format!("{}{whose}", kept.holds.as_str()));
            (kept.range, [dash(kept.range), "Excluded".to_owned(), when, visible(&kept.source)])
        }
        Row::Wanted(index) => {
            let wanted = &lanes.wanted[index];
            let risk = if wanted.at_risk { "A client may get it" } else { "Not handed out" };
            let what = "Port of a service".to_owned();
            (PortRange::single(wanted.port), [wanted.port.to_string(), what, risk.to_owned(), visible(&wanted.service)])
        }
        Row::InUse(index) => {
            let used = &lanes.in_use[index];
            let who = used.process.as_deref().map_or_else(|| "Program not seen".to_owned(), visible);
            let sockets = words::plural(used.sockets, "socket", "sockets");
            (PortRange::single(used.port), [used.port.to_string(), "In use".to_owned(), who, sockets])
        }
    }
}
