//! Why a client gets no connection: what is asked for, the cause, and the checklist with every answer.

mod checklist;
mod row;
mod words;

use eframe::egui::{Id, Ui};

use super::ask_field::AskField;
use super::could_not;
use super::owner::boxes;
use crate::app::connect::{Checked, Checking};
use crate::app::refused::as_client;
use crate::app::{AppState, Busy, Command, Opened, Page, RefusedCommand};
use crate::diagnosis::connect::ConnectCause;
use crate::machine::visible;
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Banner, SectionLink, Strip, busy_line, headline, notice};
use crate::ui::words as common;

const GAP: f32 = 20.0;
const EXAMPLES: [&str; 4] = ["db1 1433", r"db1\SALES", "db1:5432", "https://web1"];

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let own = &state.refused;
    let is_new = own.look.busy().is_none() && own.look.value().is_none();
    question(ui, is_new);
    other_computer(ui, state);
    let ask = AskField {
        id: field(),
        icon: Icon::Unplug,
        label: "Computer and port, instance, product or service",
        keys: None,
        problem: own.typed_problem.as_deref().map(|problem| ("This names nothing to connect to", problem)),
        examples: if is_new { &EXAMPLES } else { &[] },
    };
    out.extend(ask.show(ui, &own.typed).map(|text| Command::Refused(RefusedCommand::Type(text))));
    ui.add_space(GAP);
    if let Some(under_way) = own.look.busy() {
        running(ui, state, under_way, out);
    } else if let Some(problem) = own.look.problem() {
        could_not(ui, "This computer could not be looked at", problem);
    } else if let Some(found) = own.look.value() {
        verdict(ui, found);
        ui.add_space(GAP);
        checklist::show(ui, state, &found.items, Some(found), out);
    }
}

/// The page's question, quiet above the verdict once there is one.
fn question(ui: &mut Ui, is_new: bool) {
    const QUESTION: &str = "Why does a client get no connection?";
    if is_new {
        headline(ui, QUESTION, "Name the computer and what a client wants there. PortMedic answers the whole checklist.");
        ui.add_space(GAP);
    } else {
        Text::Body.show(ui, QUESTION, tokens(ui).text2);
        ui.add_space(12.0);
    }
}

/// The link to this page beside a verdict that leaves open whether clients get through, and what it asks for.
pub fn as_client_link(state: &AppState) -> Option<(SectionLink, Command)> {
    let asked = state.case().filter(|_| state.opened.is_none()).and_then(as_client)?;
    let link = (Icon::Unplug, "Ask as a client".to_owned(), format!("Ask as a client: {}", common::shown(&asked)));
    Some((link, Command::Refused(RefusedCommand::Ask(asked))))
}

/// The identity of the field: it has the focus when the page opens.
pub fn field() -> Id {
    Id::unique("what a client wants")
}

pub fn footer(state: &AppState) -> Footer {
    let own = &state.refused;
    let empty = own.typed.trim().is_empty();
    let check = |label| {
        let because = empty.then_some("Name a computer and what a client wants there");
        FooterButton::new(label, Command::Refused(RefusedCommand::Check)).off(because)
    };
    let (second, primary) = if own.look.busy().is_some() {
        let label = if own.stopping { "Stopping" } else { "Stop" };
        let stop = FooterButton::new(label, Command::Refused(RefusedCommand::Stop));
        (Some(stop.off(own.stopping.then_some("The answer that is on its way is left"))), check("Check").busy(true))
    } else {
        match own.answer().map(way_on) {
            None => (None, check("Check")),
            Some(None) => (None, check("Check again").icon(Icon::RotateCw)),
            Some(Some(way)) => (Some(check("Check again").icon(Icon::RotateCw)), way),
        }
    };
    Footer {
        back: None,
        note: (Icon::Eye, "Asks only the computer that you name. Nothing is changed.".to_owned()),
        second,
        primary: Some(primary),
    }
}

/// Where the cause is looked into further, if it is one of this computer.
fn way_on(found: &Checked) -> Option<FooterButton> {
    if found.verdict.diagnose.is_some() {
        return Some(FooterButton::new("Find out why, and fix it", Command::Refused(RefusedCommand::Diagnose)));
    }
    let no_port = found.verdict.cause == ConnectCause::NoLocalPort;
    no_port.then(|| FooterButton::new("See who has the ports", Command::GoTo(Page::Exhaustion)))
}

/// Files of another computer tell nothing of what it could reach.
fn other_computer(ui: &mut Ui, state: &AppState) {
    if let (Some(Opened::Evidence(_)), Some(case)) = (&state.opened, state.case()) {
        let title = format!("This asks from this computer, not from {}", common::shown(&case.host.name));
        let text = "That computer is known from files, and files can ask nobody. Run portmedic connect there, or name it in the field \
                    to ask it from here.";
        notice(ui, Status::Neutral, &title, text);
        ui.add_space(GAP);
    }
}

/// What is looked at now, and the answers so far.
fn running(ui: &mut Ui, state: &AppState, under_way: &Busy, out: &mut Vec<Command>) {
    let own = &state.refused;
    let done = own.so_far.as_ref().map_or(0, |so_far| so_far.done);
    let waited = common::since(state, under_way.since);
    let long = if waited > 5_000 { format!(", {}", common::running(waited)) } else { String::new() };
    busy_line(ui, &format!("{} (look {} of {}){long}", under_way.doing, done + 1, Checking::ALL.len()));
    if let Some(so_far) = &own.so_far {
        ui.add_space(12.0);
        checklist::show(ui, state, &so_far.items, None, out);
    }
}

fn verdict(ui: &mut Ui, found: &Checked) {
    let verdict = &found.verdict;
    let strip = Strip {
        confidence: Some((boxes(verdict.confidence), verdict.confidence.as_str())),
        reason: verdict.confidence_because(),
        next_step: visible(&verdict.next_step),
    };
    let banner = Banner {
        status: words::status(verdict.cause),
        headline: &visible(&verdict.headline),
        explanation: &visible(&verdict.explanation),
        strip: Some(strip),
    };
    banner.show(ui);
    if let Some(case) = &found.diagnosis {
        ui.add_space(12.0);
        let told = format!("Why it does not run: {}", visible(&case.verdict.headline));
        notice(ui, Status::Info, &told, &visible(&case.verdict.explanation));
    }
}
