//! How the Ports page changes.

use std::sync::Arc;

use super::arrange::{Arranged, Arrangement};
use super::command::PortsCommand;
use super::filter::Filter;
use super::state::{PortsState, Selection};
use super::table::PortTable;
use super::watch::Watch;
use crate::app::update::check::investigate;
use crate::app::{AppState, Busy, Effect, Page, Toast};
use crate::diagnosis::Target;

/// Begins to watch where the page shows now, and ends it where it does not.
pub fn page_changed(state: &mut AppState, before: Page) -> Vec<Effect> {
    match (before, state.page) {
        (Page::Ports, Page::Ports) => Vec::new(),
        (_, Page::Ports) => look_again(state),
        (Page::Ports, _) => {
            state.ports.held = false;
            state.ports.busy = None;
            vec![Effect::StopWatchingPorts]
        }
        _ => Vec::new(),
    }
}

/// Looks now, and goes on where the table is live.
pub fn look_again(state: &mut AppState) -> Vec<Effect> {
    let ports = &mut state.ports;
    ports.watch += 1;
    ports.problem = None;
    ports.busy = Some(Busy { since: state.now, doing: "Reading the socket table".to_owned() });
    vec![Effect::WatchPorts(Watch { number: ports.watch, before: ports.table.clone(), live: ports.is_live() })]
}

/// Does what the user asks for.
pub fn given(state: &mut AppState, command: PortsCommand) -> Vec<Effect> {
    match command {
        PortsCommand::Live(true) => {
            state.ports.paused = None;
            look_again(state)
        }
        PortsCommand::Live(false) => {
            state.ports.paused = Some(state.now);
            state.ports.busy = None;
            vec![Effect::StopWatchingPorts]
        }
        PortsCommand::Away(away) => match (state.page, away) {
            (Page::Ports, true) => {
                state.ports.busy = None;
                vec![Effect::StopWatchingPorts]
            }
            (Page::Ports, false) if state.ports.is_live() => look_again(state),
            _ => Vec::new(),
        },
        PortsCommand::Filter(text) => asked(state, |ports| ports.filter.text = text),
        PortsCommand::Protocol(protocol) => asked(state, |ports| ports.filter.protocol = protocol),
        PortsCommand::State(group) => asked(state, |ports| ports.filter.state = group),
        PortsCommand::Program(program) => asked(state, |ports| ports.filter.program = program),
        PortsCommand::ShowAll => asked(state, |ports| ports.filter = Filter::default()),
        PortsCommand::SortBy(column) => asked(state, |ports| ports.sort = ports.sort.pressed(column)),
        PortsCommand::Hold(held) => hold(state, held),
        PortsCommand::Select(id) => {
            let at = state.ports.shown.as_ref().and_then(|shown| shown.rows.iter().position(|row| row.id == id));
            choose(state, at)
        }
        PortsCommand::Move(by) => {
            state.ports.moved += 1;
            let to = target_row(&state.ports, by);
            choose(state, to)
        }
        PortsCommand::Check => match state.ports.selected_row() {
            Some(row) => {
                let target = Target::Port { port: row.port(), protocol: Some(row.id.protocol) };
                investigate(state, target)
            }
            None => Vec::new(),
        },
        PortsCommand::CheckPort(port) => investigate(state, Target::Port { port, protocol: None }),
        PortsCommand::CopyRow => match state.ports.selected_row().map(super::PortRow::cells) {
            Some(text) => {
                state.toast = Some(Toast { good: true, text: "Copied".to_owned(), action: None, since: state.now });
                vec![Effect::CopyText(text)]
            }
            None => Vec::new(),
        },
    }
}

/// Takes a table of the watcher.
pub fn arrived(state: &mut AppState, number: u64, answer: Result<Arc<PortTable>, String>) -> Vec<Effect> {
    let ports = &mut state.ports;
    if number != ports.watch {
        return Vec::new();
    }
    ports.busy = None;
    match answer {
        Ok(table) => {
            ports.problem = None;
            if let Some(selected) = &mut ports.selected {
                follow(selected, &table);
            }
            ports.table = Some(table);
            let held = ports.shown.clone().filter(|_| ports.is_held());
            arrangement(ports, held)
        }
        Err(problem) => {
            ports.problem = Some(problem);
            Vec::new()
        }
    }
}

/// Takes rows in their order.
pub fn arrangement_arrived(state: &mut AppState, number: u64, answer: Result<Arc<Arranged>, String>) {
    let ports = &mut state.ports;
    if number != ports.arranging {
        ports.done_with.extend(answer.ok());
        return;
    }
    match answer {
        Ok(arranged) => {
            if let Some(selected) = &mut ports.selected {
                let is_it = |at: &usize| arranged.rows.get(*at).is_some_and(|row| row.id == selected.row.id);
                let find = || arranged.rows.iter().position(|row| row.id == selected.row.id);
                selected.at = arranged.selected_at.filter(is_it).or_else(find);
            }
            ports.done_with.extend(ports.shown.replace(arranged));
        }
        Err(problem) => ports.problem = Some(problem),
    }
}

fn asked(state: &mut AppState, change: impl FnOnce(&mut PortsState)) -> Vec<Effect> {
    let ports = &mut state.ports;
    change(ports);
    ports.asked += 1;
    arrangement(ports, None)
}

/// Lets rows go to their places again once the pointer is gone.
fn hold(state: &mut AppState, held: bool) -> Vec<Effect> {
    let was = std::mem::replace(&mut state.ports.held, held);
    if was && !held { arrangement(&mut state.ports, None) } else { Vec::new() }
}

fn arrangement(ports: &mut PortsState, held: Option<Arc<Arranged>>) -> Vec<Effect> {
    let Some(table) = ports.table.clone() else { return Vec::new() };
    ports.arranging += 1;
    let selected = ports.selected_row().map(|row| row.id);
    let (filter, done_with) = (ports.filter.clone(), std::mem::take(&mut ports.done_with));
    let request = Arrangement { number: ports.arranging, table, filter, sort: ports.sort, held, selected, done_with };
    vec![Effect::ArrangePorts(Box::new(request))]
}

/// The row `by` rows away from the chosen one; the first where none is chosen.
fn target_row(ports: &PortsState, by: i32) -> Option<usize> {
    let last = ports.shown.as_ref()?.rows.len().checked_sub(1)?;
    let to = match ports.selected.as_ref().and_then(|selected| selected.at) {
        Some(at) => at.saturating_add_signed(isize::try_from(by).unwrap_or(isize::MAX)),
        None if by == i32::MAX => last,
        None => 0,
    };
    Some(to.min(last))
}

fn choose(state: &mut AppState, at: Option<usize>) -> Vec<Effect> {
    let ports = &mut state.ports;
    if let (Some(at), Some(shown)) = (at, &ports.shown)
        && let Some(row) = shown.rows.get(at)
    {
        ports.selected = Some(Selection { row: Arc::clone(row), at: Some(at) });
    }
    Vec::new()
}

/// The chosen socket as the new table has it. Where it is gone, its last row stays, and says so.
fn follow(selected: &mut Selection, table: &PortTable) {
    if let Some(row) = table.rows.iter().find(|row| row.id == selected.row.id) {
        selected.row = Arc::clone(row);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::app::Settings;
    use crate::app::ports::arrange;
    use crate::app::ports::testing::{listener, table};

    /// A new table arrives, and then its rows in order, in time or too late.
    fn show(state: &mut AppState, in_time: bool) -> (Weak<Arranged>, Box<Arrangement>) {
        let table = Arc::new(table(vec![listener("0.0.0.0:80", 7, &[812])]));
        let number = state.ports.watch;
        let Ok([Effect::ArrangePorts(request)]) = <[Effect; 1]>::try_from(arrived(state, number, Ok(table))) else {
            panic!("an arrangement")
        };
        let arranged = Arc::new(arrange(&request));
        let shown = Arc::downgrade(&arranged);
        arrangement_arrived(state, if in_time { request.number } else { 0 }, Ok(arranged));
        (shown, request)
    }

    #[test]
    fn rows_that_are_shown_no_longer_go_with_the_next_arrangement() {
        let mut state = AppState::new(Timestamp::UNIX_EPOCH, TimeZone::UTC, Settings::default());
        for in_time in [true, false] {
            let (shown, first) = show(&mut state, in_time);
            let requests = [first, show(&mut state, true).1, show(&mut state, true).1];
            assert!(shown.strong_count() > 0, "a request holds them");
            drop(requests);
            assert_eq!(shown.strong_count(), 0, "and nobody else");
        }
    }
}
