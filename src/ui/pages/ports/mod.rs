//! All sockets, live: what has which port, and what to do about it.

mod columns;
mod detail;
mod head;
mod list;
mod row;
mod words;

use eframe::egui::{Context, Event, Id, Key, Modifiers, Popup, ScrollArea, Ui, UiBuilder, vec2};

use super::{busy, could_not};
use crate::app::ports::{Arranged, PortsCommand, PortsState};
use crate::app::{AppState, Command};
use crate::machine::Port;
use crate::ui::icons::Icon;
use crate::ui::keys;
use crate::ui::text::count;
use crate::ui::theme::Status;
use crate::ui::widgets::{Button, Empty, notice};
use crate::ui::words as common;

/// Lower than this, what was not seen has no notice of its own.
const ROOM_FOR_NOTICE: f32 = 480.0;
const GAP: f32 = 12.0;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    let page = ui.max_rect();
    if state.question.is_none() && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::F)) {
        ui.memory_mut(|memory| memory.request_focus(field()));
    }
    head::title(ui, state, out);
    ui.add_space(GAP);
    let entered = head::toolbar(ui, state, out);
    ui.add_space(GAP);
    troubles(ui, state, page.height());
    let strip = detail::height(page.width());
    let rows = page.with_min_y(ui.cursor().top()).with_max_y(page.bottom() - strip - 16.0);
    ui.scope_builder(UiBuilder::new().max_rect(rows), |ui| body(ui, state, out));
    let below = page.with_min_y(rows.bottom() + 16.0);
    ui.scope_builder(UiBuilder::new().max_rect(below), |ui| detail::show(ui, state, out));
    page_keys(ui.ctx(), state, entered, out);
}

/// The filter, which has the focus when the page opens.
pub fn field() -> Id {
    Id::unique("filter of the sockets")
}

/// The list of the sockets: one tab stop, however many rows it has.
fn list_id() -> Id {
    Id::unique("list of the sockets")
}

/// What could not be read or seen.
fn troubles(ui: &mut Ui, state: &AppState, height: f32) {
    let ports = &state.ports;
    let Some(table) = &ports.table else { return };
    if let Some(problem) = &ports.problem {
        notice(ui, Status::Warn, "The sockets could not be read again; these are the last ones", &common::sentence(problem));
        ui.add_space(GAP);
    }
    let not_seen = table.not_seen();
    if not_seen > 0 && height > ROOM_FOR_NOTICE {
        let title = format!("{} did not show {}", common::system(state), common::plural(not_seen, "owner", "owners"));
        // What a look says of single sockets comes after a semicolon, and stands in their rows here.
        let why = table.gaps.first().and_then(|gap| gap.because.split(';').next()).map(common::sentence);
        notice(ui, Status::Warn, &title, &why.unwrap_or_default());
        ui.add_space(GAP);
    }
}

fn body(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let ports = &state.ports;
    match &ports.shown {
        Some(shown) if shown.rows.is_empty() => {
            // A low window has no room for all of it.
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| nothing(ui, ports, shown, out));
        }
        Some(shown) => list::show(ui, state, shown, out),
        None => {
            if let Some(problem) = &ports.problem {
                could_not(ui, "The socket table could not be read", problem);
            } else if let Some(under_way) = &ports.busy {
                busy(ui, state, under_way);
            }
        }
    }
}

/// Says that nothing is shown, and what was looked through.
fn nothing(ui: &mut Ui, ports: &PortsState, shown: &Arranged, out: &mut Vec<Command>) {
    let sockets = common::plural(shown.total, "socket", "sockets");
    if ports.filter.is_empty() {
        let text = "The system lists no socket at all, neither TCP nor UDP.";
        Empty { status: Status::Neutral, icon: Icon::List, title: "Nobody has a port", text, not_seen: None }
            .show(ui, Vec::new());
        return;
    }
    let typed = ports.filter.text.trim();
    let port = typed.parse::<Port>().ok().filter(|port| *port != 0);
    let title = match port {
        Some(port) => format!("Nobody has port\u{a0}{port} or speaks to one"),
        None if typed.is_empty() => "No socket is like this".to_owned(),
        None => format!("No socket here has \"{}\"", common::shown(typed)),
    };
    let text = format!("{sockets} were looked through: ports, addresses, states, programs, services, users.");
    let mut buttons = vec![Button::second("Show all sockets")];
    buttons.extend(port.map(|port| Button::second(format!("Check port {port}"))));
    let empty = Empty { status: Status::Neutral, icon: Icon::Search, title: &title, text: &text, not_seen: None };
    match (empty.show(ui, buttons), port) {
        (Some(0), _) => out.push(Command::Ports(PortsCommand::ShowAll)),
        (Some(_), Some(port)) => out.push(Command::Ports(PortsCommand::CheckPort(port))),
        _ => {}
    }
}

/// The keys of the page: Enter checks the chosen port, Esc shows everything, Ctrl+C copies the row, Ctrl+F goes to the filter.
fn page_keys(ctx: &Context, state: &AppState, entered: bool, out: &mut Vec<Command>) {
    if state.question.is_some() || Popup::is_any_open(ctx) {
        return;
    }
    let ports = &state.ports;
    let in_field = ctx.memory(|memory| memory.has_focus(field()));
    if !ports.filter.is_empty() && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        let typed = !ports.filter.text.is_empty();
        out.push(Command::Ports(if typed { PortsCommand::Filter(String::new()) } else { PortsCommand::ShowAll }));
    }
    if ports.selected.is_none() {
        return;
    }
    let copied = ctx.input_mut(|input| {
        let said = input.events.iter().any(|event| matches!(event, Event::Copy));
        input.consume_key(Modifiers::COMMAND, Key::C) || said
    });
    if copied && !in_field {
        out.push(Command::Ports(PortsCommand::CopyRow));
    }
    if !entered && !in_field && keys::page_enter(ctx) {
        out.push(Command::Ports(PortsCommand::Check));
    }
}

/// "412 sockets, 16 match".
fn counted(ports: &PortsState) -> String {
    let Some(shown) = &ports.shown else { return String::new() };
    let sockets = common::plural(shown.total, "socket", "sockets");
    if ports.filter.is_empty() { sockets } else { format!("{sockets}, {} match", count(shown.rows.len())) }
}
