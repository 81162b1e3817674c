//! What follows from an action on the Ranges page, and from a look at the ranges.

use super::{About, Lanes, Part, RangesCommand, Resize, Table, View, resize, typed};
use crate::app::change::{ChangeCommand, Wish, exclusion, update as change};
use crate::app::state::AppState;
use crate::app::update::export;
use crate::app::{Audit, Effect, Page};
use crate::machine::{PortRange, PortSet, Snapshot};
use crate::remedy::Operation;

/// The user did something.
pub fn given(state: &mut AppState, command: RangesCommand) -> Vec<Effect> {
    let ranges = &mut state.ranges;
    match command {
        RangesCommand::Type(text) => type_ports(state, text),
        RangesCommand::Choose(range) => {
            range.to_string().clone_into(&mut ranges.typed);
            ranges.problem = None;
            choose(state, range.into());
        }
        RangesCommand::Step { forward } => step(state, forward),
        RangesCommand::Protocol(protocol) => {
            ranges.protocol = protocol;
            refresh(state);
        }
        RangesCommand::Family(family) => {
            ranges.family = family;
            refresh(state);
        }
        RangesCommand::View(view) => ranges.view = view,
        RangesCommand::Find => bring_into_view(state),
        RangesCommand::Part(part) => return show_part(state, part),
        RangesCommand::Show(range, protocol) => {
            ranges.part = Part::Map;
            ranges.protocol = protocol;
            refresh(state);
            return [given(state, RangesCommand::Choose(range)), find(state)].concat();
        }
        RangesCommand::TypeRange(text) => {
            ranges.resize.typed = text;
            resize(state);
        }
        RangesCommand::Everywhere(everywhere) => {
            ranges.resize.everywhere = everywhere;
            resize(state);
        }
        RangesCommand::ExportAudit => return export::audit(state),
        RangesCommand::Resize => {
            let Some(resize) = ranges.resize.preview.as_ref().filter(|resize| !resize.is_so) else { return Vec::new() };
            let operation = resize.operation.clone();
            return change::command(state, ChangeCommand::Ask(operation.into()));
        }
        RangesCommand::Commands(show) => ranges.commands = show,
        RangesCommand::Exclude => return ask(state, |about| about.exclude.clone()),
        RangesCommand::Remove => return ask(state, |about| about.remove.clone()),
        RangesCommand::RemoveBlock(range) => {
            let operation = exclusion(range, Some(ranges.protocol), true);
            return change::command(state, ChangeCommand::Ask(operation.into()));
        }
    }
    Vec::new()
}

/// Looks at the ranges, and where the audit shows at what it is about.
pub fn look(state: &mut AppState) -> Vec<Effect> {
    let number = state.ranges.look.start(state.now, "Looking at the port ranges and the sockets");
    let mut effects = vec![Effect::LookAtRanges(number)];
    if state.ranges.part == Part::Audit {
        effects.extend(audit(state));
    }
    effects
}

/// Audits the fixed ports.
fn audit(state: &mut AppState) -> Vec<Effect> {
    let number = state.ranges.audit.start(state.now, "Looking at the services, who listens, and the ranges");
    vec![Effect::Audit(number)]
}

/// A worker has audited.
pub fn audited(state: &mut AppState, number: u64, answer: Result<Box<Audit>, String>) {
    state.ranges.audit.finish(state.now, number, answer.map(|audit| *audit));
}

/// Another part shows. An audit is made when it is asked for, since it looks at every service.
fn show_part(state: &mut AppState, part: Part) -> Vec<Effect> {
    state.ranges.part = part;
    let ranges = &state.ranges;
    let known = ranges.audit.value().is_some() || ranges.audit.busy().is_some();
    if part == Part::Audit && !known { audit(state) } else { Vec::new() }
}

/// Works out anew what the typed dynamic range would come to.
fn resize(state: &mut AppState) {
    let ranges = &mut state.ranges;
    let services = state.services.value().map(|services| services.list.as_slice()).unwrap_or_default();
    let read = if ranges.resize.typed.trim().is_empty() { None } else { Some(resize::read(&ranges.resize.typed)) };
    ranges.resize.problem = read.as_ref().and_then(|read| read.as_ref().err().cloned());
    let table = Table { protocol: ranges.protocol, family: ranges.family, everywhere: ranges.resize.everywhere };
    let preview = read.and_then(Result::ok).zip(ranges.look.value());
    ranges.resize.preview = preview.map(|(range, look)| Resize::of(range, table, &ranges.lanes, look, services));
}

/// The page opens: it looks anew, and what was seen before stays readable meanwhile.
pub fn opened(state: &mut AppState) -> Vec<Effect> {
    if state.ranges.chosen.is_empty() {
        let wanted = state.case().and_then(|case| case.target.port);
        if let Some(protocol) = state.case().and_then(|case| case.target.protocol) {
            state.ranges.protocol = protocol;
        }
        if let Some(port) = wanted.filter(|port| *port > 0) {
            return [given(state, RangesCommand::Choose(PortRange::single(port))), find(state), look(state)].concat();
        }
    }
    look(state)
}

/// A worker has looked.
pub fn arrived(state: &mut AppState, number: u64, answer: Result<Box<Snapshot>, String>) {
    if state.ranges.look.finish(state.now, number, answer.map(|look| *look)) {
        refresh(state);
        if state.ranges.chosen.is_empty() && state.ranges.typed.is_empty() {
            choose_what_matters(state);
        }
    }
}

/// Something was changed: what the page shows is old.
pub fn changed(state: &mut AppState) -> Vec<Effect> {
    if state.page == Page::Ranges { look(state) } else { Vec::new() }
}

/// Works out anew what the map shows.
pub fn refresh(state: &mut AppState) {
    let ranges = &mut state.ranges;
    let services = state.services.value().map(|services| services.list.as_slice()).unwrap_or_default();
    ranges.lanes = match ranges.look.value() {
        Some(look) => Lanes::of(look, services, ranges.protocol, ranges.family),
        None => Lanes::default(),
    };
    tell(state);
    resize(state);
}

/// Works out anew what is to be said of the chosen ports.
fn tell(state: &mut AppState) {
    let ranges = &mut state.ranges;
    let look = ranges.look.value();
    ranges.about = look.and_then(|look| About::of(&ranges.chosen, ranges.protocol, &ranges.lanes, look));
}

fn choose(state: &mut AppState, ports: PortSet) {
    state.ranges.chosen = ports;
    tell(state);
}

fn type_ports(state: &mut AppState, text: String) {
    let read = typed::read(&text);
    state.ranges.typed = text;
    state.ranges.problem = read.as_ref().err().cloned();
    match read {
        Ok((ports, protocol)) => {
            state.ranges.chosen = ports;
            if let Some(protocol) = protocol {
                state.ranges.protocol = protocol;
            }
            refresh(state);
            bring_into_view(state);
        }
        Err(_) => choose(state, PortSet::new()),
    }
}

/// Goes to the next thing on the map.
fn step(state: &mut AppState, forward: bool) {
    let stops = state.ranges.lanes.stops();
    let next = match state.ranges.span() {
        None => stops.first(),
        Some(now) if forward => stops.iter().find(|stop| **stop > now),
        Some(now) => stops.iter().rev().find(|stop| **stop < now),
    };
    if let Some(next) = next.copied() {
        given(state, RangesCommand::Choose(next));
        bring_into_view(state);
    }
}

fn find(state: &mut AppState) -> Vec<Effect> {
    bring_into_view(state);
    Vec::new()
}

/// Shows the chosen ports with what lies around them.
fn bring_into_view(state: &mut AppState) {
    if let Some(range) = state.ranges.span() {
        state.ranges.view = View::around(range);
    }
}

/// Where nobody has asked for a port: the first one of a service that a client may get, else the first one that a service wants.
fn choose_what_matters(state: &mut AppState) {
    let wanted = &state.ranges.lanes.wanted;
    let first = wanted.iter().find(|wanted| wanted.at_risk).or_else(|| wanted.first());
    if let Some(port) = first.map(|wanted| wanted.port).filter(|port| *port > 0) {
        given(state, RangesCommand::Choose(PortRange::single(port)));
        bring_into_view(state);
    }
}

fn ask(state: &mut AppState, operations: impl FnOnce(&About) -> Vec<Operation>) -> Vec<Effect> {
    let operations = state.ranges.about.as_ref().map(operations).unwrap_or_default();
    if operations.is_empty() { Vec::new() } else { change::command(state, ChangeCommand::Ask(Wish::Do(operations))) }
}
