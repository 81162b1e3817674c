//! The same facts as the map, as a list: what counts now and what after a restart, whose it is, and what can be removed.

use eframe::egui::{Margin, Pos2, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use egui_extras::{Column, TableBuilder};

use crate::app::ranges::{Holds, Line};
use crate::app::{AppState, Command, RangesCommand};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{card, link_at};

const ROW: f32 = 32.0;
const HEIGHT: f32 = 340.0;
/// From this width on there is room for the source.
const WITH_SOURCE: f32 = 760.0;
/// And from this one on for the owner and the link.
const WITH_OWNER: f32 = 620.0;
const REMOVE: &str = "Remove\u{2026}";

/// The heads and widths of the columns. Where it is narrow the chosen ports say below the list whose they are and how they are removed.
fn columns(width: f32, link: f32) -> Vec<(&'static str, f32)> {
    if width < WITH_OWNER {
        let rest = width - 108.0 - 64.0 - 108.0;
        return vec![("Ports", 108.0), ("What", rest), ("Now", 64.0), ("After restart", 108.0)];
    }
    let rest = width - 108.0 - 168.0 - 56.0 - 100.0 - link;
    let mut columns = vec![("Ports", 108.0), ("What", 168.0), ("Now", 56.0), ("After restart", 100.0)];
    if width >= WITH_SOURCE {
        let whose = (rest * 0.5).floor();
        columns.extend([("Whose", whose), ("Known from", rest - whose)]);
    } else {
        columns.push(("Whose", rest));
    }
    columns.push(("", link));
    columns
}

/// Shows it.
pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let ranges = &state.ranges;
    let places = ranges.lanes.places();
    card(ui, Margin::symmetric(0, 4), |ui| {
        let t = tokens(ui);
        let width = ui.available_width();
        // The last column, with the link and what is around it.
        let link_width = Text::DetailStrong.line(ui, REMOVE, t.accent, f32::INFINITY).size().x + 32.0;
        let columns = columns(width, link_width);
        let mut table = TableBuilder::new(ui).id_salt("ranges").max_scroll_height(HEIGHT).min_scrolled_height(HEIGHT);
        for (_, width) in &columns {
            table = table.column(Column::exact(*width).clip(true));
        }
        let table = table.header(32.0, |mut header| {
            for (index, (head, _)) in columns.iter().enumerate() {
                header.col(|ui| {
                    let rect = ui.max_rect();
                    let galley = Text::LabelBold.line(ui, head, t.text2, rect.width());
                    paint::line_left(ui, galley, pos2(rect.left() + if index == 0 { 16.0 } else { 0.0 }, rect.center().y));
                    paint::rule(ui, rect.x_range(), rect.bottom() - 1.0, t.line);
                });
            }
        });
        table.body(|body| {
            body.rows(ROW, places.len(), |mut row| {
                let number = row.index();
                let Some(line) = ranges.lanes.line(places[number]) else { return };
                let chosen = ranges.block() == Some(line.range);
                let last = columns.len() - 1;
                for (index, (head, _)) in columns.iter().enumerate() {
                    row.col(|ui| {
                        ground(ui, chosen);
                        cell(ui, head, &line);
                        if index == last {
                            let kept_free = if line.removable && head.is_empty() { link_width } else { 0.0 };
                            if whole_row(ui, number, (width, kept_free), &line.spoken(), chosen) {
                                out.push(Command::Ranges(RangesCommand::Choose(line.range)));
                            }
                            if kept_free > 0.0 {
                                remove(ui, &line, out);
                            }
                        }
                    });
                }
            });
        });
    });
}

/// The link that hands the ports of an exclusion out again.
fn remove(ui: &mut Ui, line: &Line, out: &mut Vec<Command>) {
    let name = format!("Remove the exclusion of {}\u{2026}", line.ports());
    let rect = ui.max_rect();
    if link_at(ui, pos2(rect.right() - 16.0, rect.center().y), None, REMOVE, &name).clicked() {
        out.push(Command::Ranges(RangesCommand::RemoveBlock(line.range)));
    }
}

/// What can be pressed is the row up to its link and not its cells, so that a row is one stop for the Tab key and one name. Call it in the last cell; true
/// when the row was chosen.
fn whole_row(ui: &mut Ui, number: usize, (width, link): (f32, f32), name: &str, chosen: bool) -> bool {
    let last = ui.max_rect();
    let rect = last.with_min_x(last.right() - width).with_max_x(last.right() - link);
    let mut row = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("row", number)));
    row.set_clip_rect(ui.clip_rect().with_min_x(rect.left()));
    let response = row.interact(rect, row.make_persistent_id("press"), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, chosen, name));
    if response.has_focus() {
        paint::focus_ring(&row, rect.shrink(3.0), 4);
    }
    response.on_hover_text(name).clicked()
}

fn ground(ui: &Ui, chosen: bool) {
    let t = tokens(ui);
    let rect = ui.max_rect();
    if chosen {
        ui.painter().rect_filled(rect.expand2(vec2(1.0, 0.0)), 0, t.accent_bg);
    } else if ui.rect_contains_pointer(rect) {
        ui.painter().rect_filled(rect, 0, t.hover);
    }
}

fn cell(ui: &Ui, head: &str, line: &Line) {
    let t = tokens(ui);
    let rect = ui.max_rect();
    let text = |role: Text, text: &str, color, left: f32| {
        let galley = role.middle_elided(ui, text, color, rect.right() - left - 12.0);
        paint::line_left(ui, galley, pos2(left, rect.center().y));
    };
    match head {
        "Ports" => text(Text::SmallCode, &line.ports(), t.text, rect.left() + 16.0),
        "What" => text(Text::Detail, &line.what, t.text, rect.left()),
        "Now" => mark(ui, line.holds.map(|holds| holds != Holds::NextOnly), rect.left_center()),
        "After restart" => mark(ui, line.holds.map(|holds| holds != Holds::NowOnly), rect.left_center()),
        "Whose" => text(Text::Detail, &line.whose, t.text2, rect.left()),
        "Known from" => text(Text::Detail, &line.source, t.text2, rect.left()),
        _ => {}
    }
}

/// Yes or no, by shape and word; nothing for what is no setting.
fn mark(ui: &Ui, holds: Option<bool>, left_center: Pos2) {
    let t = tokens(ui);
    let Some(holds) = holds else { return };
    let (icon, word, color) = if holds { (Icon::Check, "Yes", t.text) } else { (Icon::Minus, "No", t.warn) };
    paint::icon(ui, icon, 14.0, left_center + vec2(7.0, 0.0), color);
    let galley = Text::Detail.line(ui, word, color, 40.0);
    paint::line_left(ui, galley, left_center + vec2(18.0, 0.0));
}
