//! What the answer rests on beside the table of ports: facts, destinations, handles, events and counters, and what could not be seen.

use eframe::egui::{Margin, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::GAP;
use super::words::number;
use crate::app::exhaustion::Exhaustion;
use crate::app::{AppState, Command};
use crate::diagnosis::exhaustion::{MANY_HANDLES, Usage, is_usual_with_many};
use crate::machine::{CounterKind, Handles, visible};
use crate::ui::pages::owner;
use crate::ui::text::{Text, count};
use crate::ui::theme::tokens;
use crate::ui::widgets::{card, evidence, section};
use crate::ui::{paint, words};

const ROW: f32 = 32.0;
/// How many handles and events are shown.
const MOST: usize = 8;

/// A row of a small table: what, what is to be said of it, and how many.
struct Row {
    what: String,
    about: String,
    value: String,
    /// Whether it is worth a look.
    stands_out: bool,
}

/// Where most connections go to: Linux counts each destination by itself.
pub fn destinations(ui: &mut Ui, usage: &Usage) {
    let rows = usage.destinations.iter().map(|own| {
        let rest = if own.resting > 0 { format!(", {} of them rest", number(own.resting)) } else { String::new() };
        let full = usage.is_full_for(own);
        let about = if full { "no port is left for it".to_owned() } else { format!("from {}{rest}", own.local) };
        Row { what: own.remote.to_string(), about, value: format!("{} ports", number(own.ports)), stands_out: full }
    });
    let note = if usage.counts_by_destination { "the kernel counts each by itself" } else { "" };
    table(ui, "Where the connections go to", note, rows.collect());
}

pub fn show(ui: &mut Ui, state: &AppState, found: &Exhaustion, out: &mut Vec<Command>) {
    ui.add_space(GAP);
    section(ui, "What this rests on", &owner::facts_note(&found.case));
    if let Some(copied) = evidence(ui, "exhaustion", &owner::facts(state, &found.case), false) {
        out.push(Command::Copy(copied));
    }
    if !found.case.verdict.notes.is_empty() {
        ui.add_space(GAP);
        section(ui, "Good to know", "");
        if let Some(copied) = evidence(ui, "good to know", &owner::known(&found.case), false) {
            out.push(Command::Copy(copied));
        }
    }
    let load = &found.load;
    table(
        ui,
        "Handles",
        "a socket is a handle, so who leaks sockets leaks handles",
        load.handles.iter().take(MOST).map(handles).collect(),
    );
    let events = load.events.iter().take(MOST).map(|event| Row {
        what: format!("Event {}", event.id),
        about: event.meaning().to_owned(),
        value: event.time.map(|time| words::moment(state, time)).unwrap_or_default(),
        stands_out: event.is_of_whole_range(),
    });
    table(ui, "Events", "in the event log of Windows", events.collect());
    let counters = load.counters.iter().map(|counter| Row {
        what: counted(counter.what).to_owned(),
        about: visible(&counter.source),
        value: count(usize::try_from(counter.value).unwrap_or(usize::MAX)),
        stands_out: false,
    });
    table(ui, "Counters of the kernel", "", counters.collect());
}

fn handles(own: &Handles) -> Row {
    let name = own.process.as_deref().map_or_else(|| format!("process {}", own.pid), visible);
    let many = own.handles > MANY_HANDLES;
    let usual = own.process.as_deref().is_some_and(is_usual_with_many);
    let sockets = own.sockets.map(|sockets| format!(", {} of them sockets", number(sockets))).unwrap_or_default();
    let remark = match (many, usual) {
        (true, true) => ", usual for this program",
        (true, false) => ", more than a healthy program has",
        (false, _) => "",
    };
    Row {
        what: name,
        about: format!("PID\u{a0}{}{sockets}{remark}", own.pid),
        value: number(own.handles),
        stands_out: many && !usual,
    }
}

const fn counted(what: CounterKind) -> &'static str {
    match what {
        CounterKind::TimeWait => "Connections at rest (TIME_WAIT) now",
        CounterKind::Orphans => "Connections that no process has any more",
        CounterKind::TimeWaitOverflow => "Rests cut short for lack of room",
        CounterKind::TimeWaitReused => "Resting ports given to new connections",
        CounterKind::ListenOverflows => "Connections refused by full listeners",
    }
}

/// A small table; nothing where it has no rows.
fn table(ui: &mut Ui, title: &str, note: &str, rows: Vec<Row>) {
    if rows.is_empty() {
        return;
    }
    ui.add_space(GAP);
    section(ui, title, note);
    card(ui, Margin::ZERO, |ui| {
        let t = tokens(ui);
        for (index, own) in rows.into_iter().enumerate() {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
            let spoken = format!("{}, {}, {}", own.what, own.value, own.about);
            response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &spoken));
            if index > 0 {
                paint::rule(ui, (rect.left() + 16.0..=rect.right()).into(), rect.top(), t.line);
            }
            let middle = rect.center().y;
            let value = Text::DetailStrong.line(ui, &own.value, if own.stands_out { t.warn } else { t.text }, 160.0);
            let right = rect.right() - 16.0;
            let room = right - value.size().x - 16.0 - rect.left() - 16.0;
            paint::line_right(ui, value, pos2(right, middle));
            let what = Text::Strong.middle_elided(ui, &own.what, t.text, room * 0.5);
            let about_left = rect.left() + 16.0 + (room * 0.4).max(what.size().x + 12.0);
            paint::line_left(ui, what, pos2(rect.left() + 16.0, middle));
            let about = Text::Detail.middle_elided(ui, &own.about, t.text2, (rect.left() + 16.0 + room - about_left).max(0.0));
            paint::line_left(ui, about, pos2(about_left, middle));
            response.on_hover_text(spoken);
        }
    });
}
