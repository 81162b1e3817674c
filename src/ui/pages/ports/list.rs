//! The rows: only those in sight are drawn. The list is one tab stop; arrow keys move the choice.

use std::sync::{Arc, Weak};

use eframe::egui::scroll_area::ScrollAreaOutput;
use eframe::egui::{
    EventFilter, Key, Margin, Modifiers, Rangef, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::columns::{Place, places};
use super::{list_id, row};
use crate::app::ports::{Arranged, PortsCommand, PortsState, SocketId};
use crate::app::{AppState, Command};
use crate::ui::text::count;
use crate::ui::theme::tokens;
use crate::ui::widgets::{ColumnHead, End, card};
use crate::ui::{keys, paint};

const HEAD: f32 = 32.0;
/// The height of a row.
pub const ROW: f32 = 28.0;

/// What the list must remember from frame to frame. It is nobody's last hold on the rows: to let go of them takes longer than a frame may.
#[derive(Clone)]
struct Seen {
    shown: Weak<Arranged>,
    /// The first row in sight, and its place.
    first: Option<(SocketId, usize)>,
    offset: f32,
    moved: u64,
    asked: u64,
}

impl Seen {
    fn is_of(&self, shown: &Arc<Arranged>) -> bool {
        self.shown.as_ptr() == Arc::as_ptr(shown)
    }
}

pub fn show(ui: &mut Ui, state: &AppState, shown: &Arc<Arranged>, out: &mut Vec<Command>) {
    let room = ui.max_rect();
    card(ui, Margin::ZERO, |ui| {
        let places = places(room.width());
        heads(ui, &state.ports, &places, out);
        let body = Rect::from_min_max(pos2(room.left(), room.top() + HEAD), room.max);
        ui.scope_builder(UiBuilder::new().max_rect(body), |ui| rows(ui, body, state, shown, &places, out));
    });
}

/// The heads: each puts the rows in the order of its column.
fn heads(ui: &mut Ui, ports: &PortsState, places: &[Place], out: &mut Vec<Command>) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    paint::rule(ui, rect.x_range().shrink(1.0), rect.bottom(), t.line);
    for place in places {
        let head = ColumnHead {
            id: ui.make_persistent_id(("head", place.column)),
            cell: Rect::from_min_size(rect.min + vec2(place.left, 0.0), vec2(place.width, HEAD)),
            title: place.column.title(),
            end: if place.is_right() { End::Right(16.0) } else { End::Left(indent(*place)) },
            sign: 0.0,
            descending: (ports.sort.by == place.column).then_some(ports.sort.descending),
        };
        if head.show(ui).0.clicked() {
            out.push(Command::Ports(PortsCommand::SortBy(place.column)));
        }
    }
}

/// The first column stands a little inside of the card.
pub fn indent(place: Place) -> f32 {
    if place.left == 0.0 { 16.0 } else { 0.0 }
}

fn rows(ui: &mut Ui, body: Rect, state: &AppState, shown: &Arc<Arranged>, places: &[Place], out: &mut Vec<Command>) {
    let ports = &state.ports;
    let on_the_rows = ui.rect_contains_pointer(body);
    if on_the_rows != ports.held {
        out.push(Command::Ports(PortsCommand::Hold(on_the_rows)));
    }
    let focused = list_keys(ui, body, ports, shown, out);
    let memory = list_id().with("seen");
    let before: Option<Seen> = ui.data(|data| data.get_temp(memory));
    let mut area = ScrollArea::vertical().id_salt("sockets").auto_shrink(false);
    if let Some(offset) = before.as_ref().and_then(|before| offset(before, ports, shown, body.height())) {
        area = area.vertical_scroll_offset(offset);
    }
    let output: ScrollAreaOutput<()> = area.show_viewport(ui, |ui, viewport| {
        ui.set_height(ROW * shown.rows.len() as f32);
        for index in in_sight(viewport.y_range(), shown.rows.len()) {
            // From the top of what is seen, and not from that of the list: far down, a float knows no half points.
            let top = body.top() + (index as f32 * ROW - viewport.min.y);
            let rect = Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), ROW));
            row::show(ui, state, &shown.rows[index], rect, places, out);
        }
    });
    let offset = output.state.clamped_offset().y;
    let first = in_sight(Rangef::new(offset, offset + body.height()), shown.rows.len()).start;
    let seen = Seen {
        shown: Arc::downgrade(shown),
        first: shown.rows.get(first).map(|row| (row.id, first)),
        offset,
        moved: ports.moved,
        // What was asked for comes frames later: until then it is not seen.
        asked: before.filter(|before| before.is_of(shown)).map_or(ports.asked, |before| before.asked),
    };
    ui.data_mut(|data| data.insert_temp(memory, seen));
    if focused {
        paint::outline(ui, body.shrink(1.0), 6, 2.0, tokens(ui).accent);
    }
}

/// Names the list and reads its keys; tells whether it has the focus.
fn list_keys(ui: &mut Ui, body: Rect, ports: &PortsState, shown: &Arranged, out: &mut Vec<Command>) -> bool {
    let response = ui.interact(body, list_id(), Sense::focusable_noninteractive());
    let chosen = ports.selected.as_ref().filter(|selected| selected.at.is_some());
    let name = match chosen {
        Some(selected) => format!("Sockets, {}", selected.row.sentence()),
        None => format!("Sockets, {} rows", count(shown.rows.len())),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, &name));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_row_count(shown.rows.len()));
    if !response.has_focus() {
        return false;
    }
    keys::enter_is_for_the_page(ui, response.id);
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    #[expect(clippy::cast_possible_truncation, reason = "a window has few rows")]
    let page = ((body.height() / ROW) as i32 - 1).max(1);
    let moves = [
        (Key::ArrowDown, 1),
        (Key::ArrowUp, -1),
        (Key::PageDown, page),
        (Key::PageUp, -page),
        (Key::Home, i32::MIN),
        (Key::End, i32::MAX),
    ];
    for (key, by) in moves {
        let pressed = ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
        out.extend(std::iter::repeat_n(Command::Ports(PortsCommand::Move(by)), pressed));
    }
    true
}

fn in_sight(viewport: Rangef, rows: usize) -> std::ops::Range<usize> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rows are counted from zero, and rounded on purpose"
    )]
    let row = |y: f32| (y / ROW).max(0.0) as usize;
    row(viewport.min).min(rows)..(row(viewport.max) + 1).min(rows)
}

/// Where the list must be scrolled to, where it must: to its top when something else was asked for, to the choice when keys moved it, and
/// along with the rows when some came or went above those in sight.
fn offset(before: &Seen, ports: &PortsState, shown: &Arc<Arranged>, height: f32) -> Option<f32> {
    if before.moved != ports.moved {
        let top = ports.selected.as_ref()?.at? as f32 * ROW;
        return if top < before.offset {
            Some(top)
        } else if top + ROW > before.offset + height {
            Some(top + ROW - height)
        } else {
            None
        };
    }
    if before.is_of(shown) {
        return None;
    }
    if before.asked != ports.asked {
        return Some(0.0);
    }
    let (anchor, first) = before.first.filter(|(_, first)| *first != 0)?;
    let now = place_of(anchor, shown, first)?;
    (now != first).then_some(before.offset + (now as f32 - first as f32) * ROW)
}

/// The place of a socket, searched from where it was.
fn place_of(id: SocketId, shown: &Arranged, was: usize) -> Option<usize> {
    let is_it = |index: &usize| shown.rows.get(*index).is_some_and(|row| row.id == id);
    let near = was.saturating_sub(64)..was + 64;
    near.into_iter().find(is_it).or_else(|| shown.rows.iter().position(|row| row.id == id))
}
