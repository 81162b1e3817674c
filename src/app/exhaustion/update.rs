//! How the Exhaustion page changes.

use super::command::{ExhaustionCommand, ExhaustionEffect, ExhaustionEvent};
use super::sampling::Sampling;
use crate::app::ranges::{self, Part, RangesCommand};
use crate::app::state::AppState;
use crate::app::update::{check, export, report};
use crate::app::{Busy, Effect, Investigation, Opened, Page, is_changing, saved};
use crate::diagnosis::Complaint;
use crate::machine::{Family, PortRange, Protocol};

/// Begins to look where the page shows now. Where it does not, looking ends, unless the user keeps it going.
pub fn page_changed(state: &mut AppState, before: Page) -> Vec<Effect> {
    let own = &state.exhaustion;
    match (before == Page::Exhaustion, state.page == Page::Exhaustion) {
        (false, true) if own.paused.is_none() && !own.sampling && !shows_files(state) => look(state, true),
        (true, false) if !own.keep => stop(state),
        _ => Vec::new(),
    }
}

/// Whether the page is that of files, which nobody looks at again.
fn shows_files(state: &AppState) -> bool {
    state.shown_exhaustion().is_of_files()
}

/// Looks now, and goes on where it is live.
pub fn look_again(state: &mut AppState) -> Vec<Effect> {
    if shows_files(state) {
        return saved::refuse(state);
    }
    let live = state.exhaustion.paused.is_none();
    look(state, live)
}

fn look(state: &mut AppState, live: bool) -> Vec<Effect> {
    let own = &mut state.exhaustion;
    own.number += 1;
    own.problem = None;
    own.sampling = live;
    own.busy = Some(Busy { since: state.now, doing: "Reading the socket table".to_owned() });
    let what = Sampling { number: own.number, monitor: own.monitor.clone(), every: own.every, live };
    vec![Effect::Exhaustion(ExhaustionEffect::Sample(what))]
}

fn stop(state: &mut AppState) -> Vec<Effect> {
    state.exhaustion.sampling = false;
    state.exhaustion.busy = None;
    vec![Effect::Exhaustion(ExhaustionEffect::Stop)]
}

/// Does what the user asks for.
pub fn given(state: &mut AppState, command: ExhaustionCommand) -> Vec<Effect> {
    match command {
        ExhaustionCommand::Span(span) => state.shown_exhaustion_mut().span = span,
        ExhaustionCommand::Range(protocol, family) => state.shown_exhaustion_mut().chosen = Some((protocol, family)),
        ExhaustionCommand::SortBy(column) => {
            let own = state.shown_exhaustion_mut();
            own.sort = own.sort.pressed(column);
        }
        ExhaustionCommand::Ask(complaint) => ask(state, complaint),
        ExhaustionCommand::Fix(option) => fix(state, option),
        ExhaustionCommand::Widen { range, protocol, family } => return widen(state, range, protocol, family),
        ExhaustionCommand::Save => return export::samples(state),
        ExhaustionCommand::Live(_) | ExhaustionCommand::Every(_) | ExhaustionCommand::Keep(_) | ExhaustionCommand::Away(_) => {
            return looking(state, command);
        }
    }
    Vec::new()
}

/// Whether and how often this computer is looked at.
fn looking(state: &mut AppState, command: ExhaustionCommand) -> Vec<Effect> {
    let shows = state.page == Page::Exhaustion && !shows_files(state);
    let own = &mut state.exhaustion;
    match command {
        ExhaustionCommand::Live(true) => {
            own.paused = None;
            return look(state, true);
        }
        ExhaustionCommand::Live(false) => {
            own.paused = Some(state.now);
            return stop(state);
        }
        ExhaustionCommand::Every(every) => {
            own.every = every;
            if own.sampling {
                return look(state, true);
            }
        }
        ExhaustionCommand::Keep(keep) => own.keep = keep,
        ExhaustionCommand::Away(_) if own.keep || own.paused.is_some() || !shows => {}
        ExhaustionCommand::Away(true) => return stop(state),
        ExhaustionCommand::Away(false) => return look(state, true),
        _ => {}
    }
    Vec::new()
}

/// Shows the answer on the pages of the wizard, in the place of what was checked before.
fn fix(state: &mut AppState, option: Option<usize>) {
    let Some(latest) = state.shown_exhaustion().latest.clone() else { return };
    if is_changing(state) || latest.case.plan.options.is_empty() {
        return;
    }
    // Files stay open: their computer is the one that the plan is for.
    let files = state.opened.take_if(|opened| matches!(opened, Opened::Evidence(_)));
    check::forget(state);
    state.opened = files;
    if let Some(Opened::Evidence(view)) = &mut state.opened {
        view.fixes_ports = true;
    }
    let case = latest.case.clone();
    let number = state.found.start(state.now, "");
    let recommended = || case.plan.options.iter().position(|option| option.recommended);
    state.option = option.filter(|option| *option < case.plan.options.len()).or_else(recommended).unwrap_or(0);
    let snapshot = case.snapshot();
    state.found.finish(state.now, number, Ok(Investigation { case, snapshot }));
    report::fill(state);
    state.page = Page::Fix;
}

/// Shows whether used up ports of this computer are why something does not work. What was opened is closed: it is about another one.
fn ask(state: &mut AppState, complaint: Complaint) {
    if is_changing(state) {
        return;
    }
    if state.opened.is_some() {
        check::forget(state);
    }
    state.exhaustion.complaint = Some(complaint);
    state.page = Page::Exhaustion;
}

/// Shows on the Ranges page what another dynamic range would come to.
fn widen(state: &mut AppState, range: PortRange, protocol: Protocol, family: Family) -> Vec<Effect> {
    let mut effects = ranges::update::given(state, RangesCommand::Part(Part::Dynamic));
    effects.extend(ranges::update::given(state, RangesCommand::Protocol(protocol)));
    effects.extend(ranges::update::given(state, RangesCommand::Family(family)));
    effects.extend(ranges::update::given(state, RangesCommand::TypeRange(range.to_string())));
    state.page = Page::Ranges;
    effects.extend(ranges::update::opened(state));
    effects
}

/// Takes an answer of a worker.
pub fn arrived(state: &mut AppState, event: ExhaustionEvent) {
    match event {
        ExhaustionEvent::Seen(number, answer) if number == state.exhaustion.number => {
            let own = &mut state.exhaustion;
            own.busy = None;
            match answer {
                Ok(latest) => (own.latest, own.problem) = (Some(latest), None),
                Err(problem) => own.problem = Some(problem),
            }
        }
        ExhaustionEvent::Seen(..) => {}
    }
}
