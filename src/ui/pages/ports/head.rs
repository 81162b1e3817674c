//! The head of the page: how many sockets there are, whether they are live, and what of them is shown.

use eframe::egui::{Key, Modifiers, Ui};

use super::{counted, field, list_id};
use crate::app::ports::{PortsCommand, PortsState, StateGroup};
use crate::app::{AppState, Command};
use crate::machine::Protocol;
use crate::ui::icons::Icon;
use crate::ui::widgets::{Field, LivePressed, LiveTitle, dropdown, segmented};
use crate::ui::words;

/// Narrower than this, the toolbar has two rows.
const ONE_ROW: f32 = 720.0;

/// The title with the count, the word on being live, and the button that stops it.
pub fn title(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let ports = &state.ports;
    let standing = match ports.paused {
        Some(since) => format!("Paused at {}", words::clock(state, since)),
        None if ports.problem.is_some() => "Not live".to_owned(),
        None if ports.is_held() => "Live, rows keep their places".to_owned(),
        None => "Live, every second".to_owned(),
    };
    let title = LiveTitle {
        title: "Ports",
        note: &counted(ports),
        room_for_note: 100.0,
        live: ports.is_live(),
        well: ports.problem.is_none(),
        standing: &standing,
        standing_hint: ports.is_held().then_some("While the pointer is on the rows none moves; new ones come last."),
        go_on_hint: "Look each second again",
    };
    out.extend(title.show(ui).map(|pressed| match pressed {
        LivePressed::Live(live) => Command::Ports(PortsCommand::Live(live)),
        LivePressed::Again => Command::LookAgain,
    }));
}

/// The filter and the choices. Tells whether Enter or an arrow key left the filter for the rows.
pub fn toolbar(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) -> bool {
    let ports = &state.ports;
    let width = ui.available_width();
    let one_row = width >= ONE_ROW;
    let mut entered = false;
    let labels = ["All", "TCP", "UDP"].map(str::to_owned);
    let choices: f32 = 148.0 + 16.0 + 136.0 + 8.0 + 180.0;
    ui.horizontal(|ui| {
        let field_width = if one_row { (width - choices - 16.0).min(360.0) } else { width };
        entered = filter(ui, ports, field_width, out);
        if one_row {
            ui.add_space(16.0);
            protocols(ui, ports, &labels, out);
            let wide = ui.available_width() - 16.0 - 8.0;
            let state_width = (wide * 0.4).floor().clamp(120.0, 160.0);
            ui.add_space(16.0);
            states(ui, ports, state_width, out);
            ui.add_space(8.0);
            programs(ui, ports, wide - state_width, out);
        }
    });
    if !one_row {
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            protocols(ui, ports, &labels, out);
            ui.add_space(16.0);
            let half = ((ui.available_width() - 8.0) / 2.0).floor();
            states(ui, ports, half, out);
            ui.add_space(8.0);
            programs(ui, ports, half, out);
        });
    }
    entered
}

fn filter(ui: &mut Ui, ports: &PortsState, width: f32, out: &mut Vec<Command>) -> bool {
    let focused = ui.memory(|memory| memory.has_focus(field()));
    let down = focused && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown));
    let enter = focused && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let mut text = ports.filter.text.clone();
    let label = "Find a port, address, program or state";
    let response =
        Field::new(label, &mut text).hint("Port, address, program, state").icon(Icon::Search).id(field()).show(ui, width);
    if response.changed() {
        out.push(Command::Ports(PortsCommand::Filter(text)));
    }
    let has_rows = ports.shown.as_ref().is_some_and(|shown| !shown.rows.is_empty());
    if (down || enter) && has_rows {
        // The first row where none is chosen, else the one that is.
        out.push(Command::Ports(PortsCommand::Move(0)));
        ui.memory_mut(|memory| memory.request_focus(list_id()));
    }
    enter
}

fn protocols(ui: &mut Ui, ports: &PortsState, labels: &[String], out: &mut Vec<Command>) {
    let all = [None, Some(Protocol::Tcp), Some(Protocol::Udp)];
    let chosen = all.iter().position(|protocol| *protocol == ports.filter.protocol).unwrap_or(0);
    if let Some(taken) = segmented(ui, "protocols", labels, chosen) {
        out.push(Command::Ports(PortsCommand::Protocol(all[taken])));
    }
}

fn states(ui: &mut Ui, ports: &PortsState, width: f32, out: &mut Vec<Command>) {
    let all: Vec<Option<StateGroup>> = std::iter::once(None).chain(StateGroup::ALL.map(Some)).collect();
    let chosen = all.iter().position(|group| *group == ports.filter.state).unwrap_or(0);
    let word = |index: usize| all[index].map_or("Any state", StateGroup::as_str).to_owned();
    if let Some(taken) = dropdown(ui, "State", width, all.len(), chosen, word) {
        out.push(Command::Ports(PortsCommand::State(all[taken])));
    }
}

fn programs(ui: &mut Ui, ports: &PortsState, width: f32, out: &mut Vec<Command>) {
    let known = ports.shown.as_ref().map(|shown| shown.programs.as_slice()).unwrap_or_default();
    let asked = ports.filter.program.as_ref();
    let at = asked.and_then(|asked| known.iter().position(|(name, _)| name == asked));
    // A program that has no socket any more is still what is asked for.
    let lost = asked.filter(|_| at.is_none());
    let item = |index: usize| match (index, known.get(index.wrapping_sub(1))) {
        (0, _) => "Any program".to_owned(),
        (_, Some((name, count))) => format!("{name}, {count}"),
        (_, None) => lost.cloned().unwrap_or_default(),
    };
    let count = 1 + known.len() + usize::from(lost.is_some());
    let chosen = match (at, lost) {
        (Some(at), _) => at + 1,
        (None, Some(_)) => count - 1,
        (None, None) => 0,
    };
    if let Some(taken) = dropdown(ui, "Program", width, count, chosen, item) {
        let program = taken.checked_sub(1).and_then(|index| known.get(index)).map(|(name, _)| name.clone());
        out.push(Command::Ports(PortsCommand::Program(program)));
    }
}
