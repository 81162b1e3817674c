//! One row: its cells, its name for screen readers, and its menu.

use eframe::egui::{Color32, Popup, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::columns::Place;
use super::list::indent;
use super::{detail, list_id, words};
use crate::app::ports::{Change, Column, Known, PortRow, PortsCommand};
use crate::app::{AppState, Command};
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, Tokens, tokens};
use crate::ui::widgets::pill;

pub fn show(ui: &mut Ui, state: &AppState, row: &PortRow, rect: Rect, places: &[Place], out: &mut Vec<Command>) {
    let t = tokens(ui);
    let selected = state.ports.selected_row().is_some_and(|chosen| chosen.id == row.id);
    let response = ui.interact(rect, list_id().with(row.id), Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, row.sentence()));
    if response.clicked() || response.secondary_clicked() {
        out.push(Command::Ports(PortsCommand::Select(row.id)));
        ui.memory_mut(|memory| memory.request_focus(list_id()));
    }
    if response.double_clicked() {
        out.push(Command::Ports(PortsCommand::Check));
    }
    Popup::context_menu(&response).width(240.0).show(|ui| detail::menu(ui, state, row, out));
    if selected {
        ui.painter().rect_filled(rect, 0, t.accent_bg);
        ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(3.0, rect.height())), 0, t.accent);
    } else if response.hovered() {
        ui.painter().rect_filled(rect.shrink2(vec2(1.0, 0.0)), 0, t.hover);
    }
    let mut cut = false;
    for place in places {
        let cell = Rect::from_min_size(rect.min + vec2(place.left, 0.0), vec2(place.width, rect.height()));
        cut |= paint_cell(ui, row, *place, cell, t);
    }
    if cut {
        response.on_hover_text(row.sentence());
    }
}

/// Paints one cell; tells whether its text had to be cut.
fn paint_cell(ui: &Ui, row: &PortRow, place: Place, cell: Rect, t: &Tokens) -> bool {
    let middle = cell.center().y;
    let left = cell.left() + indent(place);
    let quiet = if row.is_alive() { t.text2 } else { t.text3 };
    let loud = if row.is_alive() { t.text } else { t.text3 };
    match place.column {
        Column::Protocol => text(ui, Text::Label, row.kind(), quiet, pos2(left, middle), place.width),
        Column::Port => right(ui, Text::Code, &row.port().to_string(), loud, pos2(cell.right() - 16.0, middle)),
        Column::Local => middle_cut(ui, &row.local_address(), quiet, pos2(left, middle), place.width - 12.0),
        Column::Remote => middle_cut(ui, &row.remote_address(), quiet, pos2(left, middle), place.width - 12.0),
        Column::State => {
            let (icon, mark, color) = words::look(row, t);
            paint::icon(ui, icon, 14.0, pos2(left + 7.0, middle), mark);
            text(ui, Text::Detail, row.state_in_words(), color, pos2(left + 20.0, middle), place.width - 24.0)
        }
        Column::Pid => {
            let pid = row.pid().map(|pid| pid.to_string()).unwrap_or_default();
            right(ui, Text::SmallCode, &pid, quiet, pos2(cell.right() - 16.0, middle))
        }
        Column::Program => program(ui, row, cell.with_max_x(cell.right() - 12.0), t),
    }
}

/// The program, its service behind it, and a tag where the socket is new.
fn program(ui: &Ui, row: &PortRow, cell: Rect, t: &Tokens) -> bool {
    let middle = cell.center().y;
    let mut end = cell.right();
    if matches!(row.change, Change::New(_)) {
        end -= 44.0;
        pill(ui, pos2(end + 4.0, middle), Status::Info, "New");
    }
    let (role, color) = match row.holder.known {
        Known::Now => (Text::DetailStrong, t.text),
        Known::NotSeen => (Text::Detail, t.text2),
        Known::Before | Known::Nobody => (Text::Detail, t.text3),
    };
    let words = row.program_in_words();
    let galley = role.middle_elided(ui, &words, color, end - cell.left());
    let mut cut = galley.text() != words;
    let after = cell.left() + galley.size().x + 8.0;
    paint::line_left(ui, galley, pos2(cell.left(), middle));
    if let Some(service) = row.holder.service.as_ref().filter(|_| end - after > 24.0) {
        let galley = Text::Detail.line(ui, service, if row.is_alive() { t.text2 } else { t.text3 }, end - after);
        cut |= galley.elided;
        paint::line_left(ui, galley, pos2(after, middle));
    }
    cut
}

fn text(ui: &Ui, role: Text, text: &str, color: Color32, at: eframe::egui::Pos2, width: f32) -> bool {
    let galley = role.line(ui, text, color, width);
    let cut = galley.elided;
    paint::line_left(ui, galley, at);
    cut
}

fn middle_cut(ui: &Ui, text: &str, color: Color32, at: eframe::egui::Pos2, width: f32) -> bool {
    let galley = Text::SmallCode.middle_elided(ui, text, color, width);
    let cut = galley.text() != text;
    paint::line_left(ui, galley, at);
    cut
}

fn right(ui: &Ui, role: Text, text: &str, color: Color32, at: eframe::egui::Pos2) -> bool {
    paint::line_right(ui, role.line(ui, text, color, f32::INFINITY), at);
    false
}
